import { CoapEndpoint, formatCode, formatPeerIdentity, nodeClock, nodeRandom } from '@motestack/coap/node';
import { type DtlsServerStats, openDtls, openDtlsServer } from '@motestack/dtls/node';
import { describe, expect, test } from 'vitest';
import { agreements } from '../dtls/agreements.ts';
import { dtlsCases } from '../dtls/describe-dtls-peer.ts';
import { type DtlsWish, ianaName } from '../dtls/dtls-peer.ts';
import { askByLibcoap, type LibcoapLibrary, serveByLibcoap } from '../dtls/libcoap-peer.ts';
import { ourClientOptions, ourServerOptions, trustIn } from '../dtls/our-dtls.ts';
import { eventually } from '../src/eventually.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('libcoap');
const cases = dtlsCases();
const anotherKey = Buffer.from('another-byte-key').toString('hex');

/** Our server, which answers with the suite and the identity of who asks. */
async function whoIsThere(wish: DtlsWish): Promise<{ port: number; stats: () => DtlsServerStats }> {
  const transport = await openDtlsServer({ host: '127.0.0.1', port: 0, ...ourServerOptions(wish, cases.files()) });
  const endpoint = new CoapEndpoint({
    transport,
    clock: nodeClock,
    random: nodeRandom,
    handler: ({ peer, identity }) => {
      const who = identity === undefined ? 'nobody' : formatPeerIdentity(identity);
      return { code: 0x45, payload: Buffer.from(`${transport.peerOf(peer)?.cipherSuite.name} ${who.slice(0, 60)}`) };
    },
  });
  cases.ending(endpoint);
  return { port: Number(new URL(transport.localUrl).port), stats: () => transport.stats() };
}

const who = { psk: 'psk:6465766963652d31', x509: 'x509:device', rawPublicKey: 'rawPublicKey:3059' } as const;
const libraries = [
  ['OpenSSL', 'openssl', agreements['libcoap on OpenSSL']],
  ['GnuTLS', 'gnutls', agreements['libcoap on GnuTLS']],
] as const;

describe.skipIf(!ready).each(libraries)(`libcoap ${version} on %s`, (_name, library: LibcoapLibrary, all) => {
  const rows = all.map((wish) => [`${ianaName(wish)}, ${wish.credential}`, wish] as const);
  test.each(rows)('its client at our server, %s', async (_row, wish) => {
    const { port } = await whoIsThere(wish);
    const end = cases.ending(askByLibcoap(library, wish, port, cases.files()));
    expect(await end.ended()).toContain(`${ianaName(wish)} ${who[wish.credential]}`);
  });
  test.each(rows)('our client at its server, %s', async (_row, wish) => {
    const { end, port } = await serveByLibcoap(library, wish, cases.files());
    cases.ending(end);
    const remote = { host: '127.0.0.1', port };
    const transport = await openDtls({ remote, ...ourClientOptions(wish, cases.files()) });
    const endpoint = cases.ending(new CoapEndpoint({ transport, clock: nodeClock, random: nodeRandom }));
    const response = await endpoint.request(transport.remote, { method: 'GET', path: [] });
    expect(formatCode(response.code)).toBe('2.05');
    expect(Buffer.from(response.payload).toString()).toContain('libcoap');
  });
  test('its client with another key is not answered by our server', async () => {
    const wish = { suite: 'PskAes128Ccm8', credential: 'psk', preSharedKey: anotherKey } as const;
    const { port, stats } = await whoIsThere(wish);
    const end = cases.ending(askByLibcoap(library, wish, port, cases.files()));
    await eventually('a record that is not its key’s', () => stats().recordsDropped > 0);
    expect(stats()).toMatchObject({ associations: 0, handshakes: 1 });
    await end.stop();
  });
  test('its server, a stranger, is not believed by our client', async () => {
    const wish = { suite: 'EcdheEcdsaAes128Ccm8', credential: 'x509' } as const;
    const { end, port } = await serveByLibcoap(library, wish, cases.files());
    cases.ending(end);
    const verifier = trustIn('x509', 'stranger', cases.files(), 'server');
    const connecting = openDtls({ remote: { host: '127.0.0.1', port }, verifier });
    await expect(connecting).rejects.toMatchObject({ name: 'DtlsError', code: 'alert-sent', alert: 48 });
  });
});
