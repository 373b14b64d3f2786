import { networkInterfaces } from 'node:os';
import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { openCoapEndpoint, openUdp, resolvePeer } from './index.ts';
import { ipv4Fallback } from './ipv4-fallback.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe('without IPv6', () => {
  test.each([
    ['not built in, no host', 'EAFNOSUPPORT', undefined],
    ['not built in, ::', 'EAFNOSUPPORT', '::'],
    ['switched off, no host', 'EADDRNOTAVAIL', undefined],
    ['switched off, ::', 'EADDRNOTAVAIL', '::'],
  ])('%s: IPv4 is what is left of all interfaces', async (_name, code, host) => {
    const left = ipv4Fallback({ host, port: 0 }, systemError(code));
    expect(left).toEqual({ host: '0.0.0.0', port: 0 });
    const transport = await openUdp(left);
    expect(transport.localUrl).toMatch(/^coap:\/\/0\.0\.0\.0:\d+$/);
    await transport.close();
  });

  test.each([
    ['an address of IPv6 that was asked for', 'EAFNOSUPPORT', { host: '::1' }],
    ['a peer of IPv6', 'EAFNOSUPPORT', { remote: { host: '::1', port: 5683 } }],
    ['what else the system says', 'EADDRINUSE', {}],
  ])('%s is not replaced', (_name, code, options) => {
    expect(ipv4Fallback(options, systemError(code))).toBeUndefined();
  });

  test('what the system says is told', async () => {
    // An address of documentation, which no machine has (RFC 3849).
    await expect(openUdp({ host: '2001:db8::1' })).rejects.toHaveProperty('code');
  });
});

/** An address of this machine that means something only with its zone. */
const linkLocal = Object.entries(networkInterfaces())
  .flatMap(([name, addresses]) => (addresses ?? []).map(({ address }) => ({ name, address })))
  .find(({ address }) => address.startsWith('fe80:'));

test(
  linkLocal === undefined ? 'NOT TESTED: no link-local address' : 'a zone goes from URL to peer and back',
  async () => {
    if (linkLocal === undefined) return;
    const { name, address } = linkLocal;
    const peers: string[] = [];
    const server = await openCoapEndpoint({
      url: `coap://[${address}%25${name}]:0`,
      handler: ({ peer }) => {
        peers.push(peer);
        return { code: 0x45, payload: encodeUtf8('here') };
      },
    });
    expect(server.localUrl).toContain(`[${address}%25${name}]`);
    const client = await openCoapEndpoint({ remote: server.localUrl });
    expect(client.remote).toContain(`[${address}%${name}]`);
    const response = await client.request(await resolvePeer(server.localUrl), { method: 'GET' });
    expect([decodeUtf8(response.payload), response.peer]).toEqual(['here', client.remote]);
    expect(peers).toEqual([expect.stringContaining(`%${name}]`)]);
    await client.close();
    await server.close();
  },
);
