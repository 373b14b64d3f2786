import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import { decodeUint, type Option, OptionNumber } from '../wire/index.ts';
import { nextHopLimit, proxySchemeOptions, proxyUriOptions } from './index.ts';

const words = (options: readonly Option[]) =>
  options.map(
    ({ number, value }) => `${number} ${number === OptionNumber.UriPort ? decodeUint(value) : decodeUtf8(value)}`,
  );

describe('a request to a proxy (RFC 7252 §5.7.2, §5.10.2)', () => {
  test('Proxy-Uri has the whole URI, of whatever scheme, up to 1034 bytes', () => {
    expect(words(proxyUriOptions('http://example.com/a?b'))).toEqual(['35 http://example.com/a?b']);
    expect(proxyUriOptions('x'.repeat(1034))).toHaveLength(1);
    for (const uri of ['', 'x'.repeat(1035)]) expect(() => proxyUriOptions(uri)).toThrow(RangeError);
  });

  test.each([
    ['coap://example.com/a/b?c', ['3 example.com', '7 5683', '11 a', '11 b', '15 c', '39 coap']],
    ['coaps://192.0.2.1:7777', ['3 192.0.2.1', '7 7777', '39 coaps']],
    ['coap+tcp://[2001:db8::1]/a', ['3 [2001:db8::1]', '7 5683', '11 a', '39 coap+tcp']],
  ])('%s taken apart names host and port, an address too', (uri, expected) => {
    expect(words(proxySchemeOptions(uri))).toEqual(expected);
  });

  test('what is no URI of CoAP is refused', () => {
    expect(() => proxySchemeOptions('http://example.com')).toThrow(DecodeError);
  });

  test.each([proxyUriOptions('coap://example.com/a'), proxySchemeOptions('coap://example.com/a')])(
    'an endpoint that is no proxy answers 5.05',
    async (...options) => {
      const { network, client } = pair(() => ({ code: 0x45 }));
      expect((await network.settle(client.request(SERVER, { method: 'GET', options }))).code).toBe(0xa5);
    },
  );
});

describe('Hop-Limit (RFC 8768 §3)', () => {
  const limit = (...bytes: number[]): Option[] => [
    { number: OptionNumber.UriPath, value: Uint8Array.of(97) },
    { number: OptionNumber.HopLimit, value: Uint8Array.from(bytes) },
    { number: OptionNumber.Accept, value: new Uint8Array(0) },
  ];
  const of = (options: readonly Option[] | undefined) =>
    options?.find(({ number }) => number === OptionNumber.HopLimit)?.value[0];

  test.each([
    [limit(255), 254],
    [limit(2), 1],
    [limit(1), undefined],
    [limit(0), undefined],
    [limit(1, 1), 16],
    [limit(), 16],
    [[], 16],
  ])('%#: one less, used up, or added', (options, expected) => {
    expect(of(nextHopLimit(options))).toBe(expected);
  });

  test('the options stay, in order; what is added can be chosen', () => {
    expect(nextHopLimit(limit(9))?.map(({ number }) => number)).toEqual([11, 16, 17]);
    expect(of(nextHopLimit([], 255))).toBe(255);
    for (const initial of [0, 256, 1.5]) expect(() => nextHopLimit([], initial)).toThrow(RangeError);
  });
});
