import { encodeUtf8 } from '@motestack/bytes';
import { expect, test } from 'vitest';
import { requestedHost } from '../client/requested-host.ts';
import { content, pair, SERVER, text } from '../coap-endpoint.fixture.ts';
import { encodeUintOption, type Option, OptionNumber } from '../wire/index.ts';
import { refuseOtherHosts } from './refuse-other-hosts.ts';

const host = (name: string): Option => ({ number: OptionNumber.UriHost, value: encodeUtf8(name) });
const port = (number: number): Option => encodeUintOption(OptionNumber.UriPort, number);

const own = { hosts: ['A.example', 'b.example', '[2001:db8::1]'], ports: [5683, 61616] };

test.each([
  [[], 'undefined undefined'],
  [[host('a.example')], 'a.example undefined'],
  [[host('B.Example'), port(5683)], 'b.example 5683'],
  [[host('[2001:DB8::1]'), port(61616)], '[2001:db8::1] 61616'],
  [[host('other.example')], undefined],
  [[host('a.example'), port(5684)], undefined],
  [[port(1)], undefined],
])(
  '%#: what names another host is a request to a proxy, and gets 5.05 [RFC 7252 §5.7.2]',
  async (options, expected) => {
    const answer = refuseOtherHosts((request) => {
      const named = requestedHost(request);
      return content(`${named.host} ${named.port}`);
    }, own);
    const { network, client } = pair(answer);
    const response = await network.settle(client.request(SERVER, { method: 'GET', options }));
    expect([response.code, text(response.payload)]).toEqual(expected === undefined ? [0xa5, ''] : [0x45, expected]);
  },
);

test('without ports every port is its own; a name that is not UTF-8 is an error of the peer', async () => {
  const { network, client } = pair(refuseOtherHosts(() => content('here'), { hosts: ['a.example'] }));
  const codeOf = async (...options: Option[]) =>
    (await network.settle(client.request(SERVER, { method: 'GET', options }))).code;
  expect(await codeOf(host('a.example'), port(1))).toBe(0x45);
  expect(await codeOf({ number: OptionNumber.UriHost, value: Uint8Array.of(0xff) })).toBe(0x80);
});
