import { describe, expect, test } from 'vitest';
import { requestedHost } from '../client/requested-host.ts';
import { refuseOtherHosts } from '../proxy/refuse-other-hosts.ts';
import { content, open, pairOf, peerOf, remoteOf, SCHEMES, text } from './streams.fixture.ts';
import { TEST_ROOT, TEST_SERVER } from './test-keys.fixture.ts';

const GET = { method: 'GET', path: ['a'] } as const;
const uriHost = { number: 3, value: Uint8Array.from('Named.Example', (character) => character.charCodeAt(0)) };

describe('the default of Uri-Host (RFC 8323 §8.5)', () => {
  test.each([
    ['coap+tcp', 'none'],
    ['coaps+tcp', 'localhost'],
    ['coap+ws', 'localhost'],
    ['coaps+ws', 'localhost'],
  ])('over %s, connected to by name: %s', async (scheme, expected) => {
    const { client, peer } = await pairOf(scheme, (request) => content(requestedHost(request).host ?? 'none'));
    expect(text((await client.request(peer, GET)).payload)).toBe(expected);
    // Who says which host is believed.
    expect(text((await client.request(peer, { ...GET, options: [uriHost] })).payload)).toBe('named.example');
  });

  test('over TLS is what SNI says, in lower case', async () => {
    const tls = { identity: TEST_SERVER };
    const handler = (request: Parameters<typeof requestedHost>[0]) => content(requestedHost(request).host ?? 'none');
    const server = await open({ url: 'coaps+tcp://127.0.0.1:0', handler, tls });
    const client = await open({
      remote: remoteOf(server),
      tls: { trustedRoots: TEST_ROOT, serverName: 'LOCALHOST' },
    });
    expect(text((await client.request(peerOf(client), GET)).payload)).toBe('localhost');
  });

  test.each(SCHEMES.filter((scheme) => scheme !== 'coap+tcp'))(
    'a name over %s that is not ours gets 5.05',
    async (scheme) => {
      const handler = refuseOtherHosts(() => content('yes'), { hosts: ['other.example'] });
      const { client, peer } = await pairOf(scheme, handler);
      expect((await client.request(peer, GET)).code).toBe(0xa5);
    },
  );
});
