import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoapEndpoint, nodeClock, nodeRandom } from '@motestack/coap/node';
import { openDtls, openDtlsServer } from '@motestack/dtls/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dtlsCases } from '../dtls/describe-dtls-peer.ts';
import type { DtlsWish } from '../dtls/dtls-peer.ts';
import { ourClientOptions, ourServerOptions } from '../dtls/our-dtls.ts';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { startDemo } from '../src/program.ts';
import { readinessOf } from '../src/readiness.ts';
import { type Capture, startCapture } from '../src/tshark.ts';

const tshark = readinessOf('tshark');
const cases = dtlsCases();
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'motestack-key-log-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A record of application data, which tshark has as its inner type (RFC 9146 §4) once it decrypted it. */
const APPLICATION_DATA = '23';
const CID = '25';

/** What tshark made of a datagram: the bytes of the connection ID, and CoAP if it is that. */
interface Told {
  readonly to: number;
  readonly isData: boolean;
  readonly idBytes: number;
  readonly code: string | undefined;
  readonly path: string | undefined;
}

function toldOf(capture: Capture): Told[] {
  const fields = ['udp.dstport', 'dtls.record.content_type', 'dtls.record.special_type', 'dtls.record.connection_id'];
  return capture.fieldsOf([...fields, 'coap.code', 'coap.opt.uri_path_recon']).map((columns) => {
    const [[to] = [], types = [], specials = [], [id = ''] = [], [code] = [], [path] = []] = columns;
    const idBytes = specials.includes(CID) ? id.length / 2 : 0;
    return { to: Number(to), isData: types.includes(APPLICATION_DATA) && types.length === 1, idBytes, code, path };
  });
}

describe.skipIf(!tshark.ready)(`tshark ${tshark.version} with our key log`, () => {
  test('it reads the demo over DTLS, records with a connection ID included', { timeout: 40_000 }, async () => {
    const port = await freeUdpPort();
    const keys = join(folder, 'demo.keys');
    const capture = await startCapture(port, 60, keys);
    const demo = startDemo('--dtls', '--at', `coaps://127.0.0.1:${port}`, '--key-log', keys);
    const status = await demo.ended;
    await capture.stop();
    expect(status, demo.transcript()).toBe(0);
    const data = toldOf(capture).filter(({ isData }) => isData);
    expect(data.length).toBeGreaterThan(25);
    // Each is read as CoAP, and each of the client's carries the server's connection ID.
    expect(data.filter(({ code }) => code === undefined)).toEqual([]);
    expect(new Set(data.filter(({ to }) => to === port).map(({ idBytes }) => idBytes))).toEqual(new Set([8]));
    const paths = data.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining(['/rd', '/3/0/0', '/3303/0/5700', '/3/0/4']));
  });

  // Not ChaCha20 with a connection ID and not the suites of RFC 8442, which tshark 4.0 does not know; pion and Scandium do.
  const wishes: readonly DtlsWish[] = [
    { suite: 'PskAes128CbcSha256', credential: 'psk' },
    { suite: 'PskAes128Ccm', credential: 'psk' },
    { suite: 'EcdheEcdsaAes128GcmSha256', credential: 'rawPublicKey' },
    { suite: 'EcdheEcdsaAes256GcmSha384', credential: 'x509' },
  ];
  test('it reads CBC, CCM, GCM and AES-256, with connection IDs both ways', async () => {
    const port = await freeUdpPort();
    const keys = join(folder, 'suites.keys');
    const capture = await startCapture(port, 60, keys);
    for (const wish of wishes) await askOver(wish, port, keys);
    await capture.stop();
    const data = toldOf(capture).filter(({ isData }) => isData);
    expect(data.map(({ idBytes, code, path }) => [idBytes, code, path])).toEqual(
      wishes.flatMap(({ suite }) => [
        [6, '1', `/${suite}`],
        [3, '69', `/${suite}`], // tshark repeats the path of the request
      ]),
    );
  });
});

/** Our client asks our server once, both with connection IDs. */
async function askOver(wish: DtlsWish, port: number, keys: string): Promise<void> {
  const transport = await openDtlsServer({
    ...ourServerOptions(wish, cases.files()),
    ...{ host: '127.0.0.1', port, connectionIdBytes: 6 },
    keyLog: (line) => appendFileSync(keys, `${line}\n`),
  });
  const shared = { clock: nodeClock, random: nodeRandom };
  const server = new CoapEndpoint({ transport, ...shared, handler: () => ({ code: 0x45 }) });
  const remote = { host: '127.0.0.1', port };
  const connected = await openDtls({ remote, connectionIdBytes: 3, ...ourClientOptions(wish, cases.files()) });
  const client = new CoapEndpoint({ transport: connected, ...shared });
  await client.request(connected.remote, { method: 'GET', path: [wish.suite] });
  await client.close();
  await server.close();
}
