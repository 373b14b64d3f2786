import { CoapEndpoint, formatCode, nodeClock, nodeRandom } from '@motestack/coap/node';
import {
  CipherSuiteId,
  type DtlsClientTransport,
  type DtlsServerTransport,
  openDtls,
  openDtlsServer,
} from '@motestack/dtls/node';
import { afterEach, describe, expect, test } from 'vitest';
import { ConsolePeer } from '../dtls/console-peer.ts';
import { eventually } from '../src/eventually.ts';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { readinessOf } from '../src/readiness.ts';

const identity = 'device-1';
const secret = 'sixteen-byte-key';
const key = Buffer.from(secret);
const keyHex = key.toString('hex');
const suites = [
  ['PSK-AES128-CCM8', CipherSuiteId.PskAes128Ccm8],
  ['PSK-AES128-CCM', CipherSuiteId.PskAes128Ccm],
  ['PSK-AES128-GCM-SHA256', CipherSuiteId.PskAes128GcmSha256],
] as const;

let server: DtlsServerTransport | undefined;
let client: DtlsClientTransport | undefined;
let endpoint: CoapEndpoint | undefined;
let peer: ConsolePeer | undefined;

afterEach(async () => {
  await endpoint?.close();
  await client?.close();
  await server?.close();
  await peer?.stop();
  [endpoint, client, server, peer] = [undefined, undefined, undefined, undefined];
});

const pskOf = (wanted: Uint8Array): Uint8Array | undefined =>
  Buffer.from(wanted).toString() === identity ? key : undefined;
const portOf = ({ localUrl }: DtlsServerTransport): number => Number(new URL(localUrl).port);

const openssl = readinessOf('openssl');
const libcoap = readinessOf('libcoap');

describe.skipIf(!openssl.ready)(`OpenSSL ${openssl.version} / its client at our server`, () => {
  const start = (port: number, cipher: string, psk = keyHex): ConsolePeer =>
    new ConsolePeer('openssl', [
      ...['s_client', '-dtls1_2', '-4', '-connect', `127.0.0.1:${port}`],
      ...['-psk', psk, '-psk_identity', identity, '-cipher', cipher],
    ]);

  test.each(suites)('%s, data both ways, close_notify', async (cipher, id) => {
    const heard: string[] = [];
    const opened = await openDtlsServer({ host: '127.0.0.1', port: 0, pskOf });
    server = opened;
    opened.open({
      datagram: (from, bytes) => {
        heard.push(`${opened.peerOf(from)?.cipherSuite.id} ${Buffer.from(bytes).toString()}`);
        opened.send(from, Buffer.from('an answer\n'));
      },
      unreachable: () => {},
      closed: () => {},
    });
    peer = start(portOf(opened), cipher);
    await peer.told(/Extended master secret: yes/);
    peer.say('a question');
    await peer.told(/an answer/);
    expect(heard).toEqual([`${id} a question\n`]);
    expect(opened.stats()).toMatchObject({ associations: 1, cookiesSent: 1, recordsDropped: 0 });
    peer.say('Q');
    await eventually('close_notify', () => opened.stats().associations === 0);
  });
  test('a wrong key: silence', async () => {
    server = await openDtlsServer({ host: '127.0.0.1', port: 0, pskOf });
    const { stats } = { stats: server.stats.bind(server) };
    peer = start(portOf(server), 'PSK-AES128-CCM8', '00112233');
    await eventually('its second flight, again', () => stats().recordsDropped > 1);
    expect(stats()).toMatchObject({ associations: 0, handshakes: 1 });
  });
});

describe.skipIf(!openssl.ready)(`OpenSSL ${openssl.version} / our client at its server`, () => {
  async function start(cipher: string): Promise<number> {
    const port = await freeUdpPort();
    peer = new ConsolePeer('openssl', [
      ...['s_server', '-dtls1_2', '-4', '-listen', '-accept', `127.0.0.1:${port}`, '-nocert'],
      ...['-psk', keyHex, '-psk_identity', identity, '-psk_hint', 'a hint', '-cipher', cipher],
    ]);
    await peer.told(/ACCEPT/);
    return port;
  }

  test.each(suites)('%s, data both ways, close_notify', async (cipher, id) => {
    const remote = { host: '127.0.0.1', port: await start(cipher) };
    const opened = await openDtls({ remote, psk: { identity, key }, cipherSuites: [id] });
    client = opened;
    const heard: string[] = [];
    opened.open({
      datagram: (_from, bytes) => heard.push(Buffer.from(bytes).toString()),
      unreachable: () => {},
      closed: () => {},
    });
    opened.send(opened.remote, Buffer.from('a question\n'));
    await peer?.told(/a question/);
    peer?.say('an answer');
    await eventually('the answer', () => heard.length > 0);
    expect(heard).toEqual(['an answer\n']);
    await opened.close();
    await peer?.told(/DONE/);
  });
  test('a wrong key is not accepted', async () => {
    const remote = { host: '127.0.0.1', port: await start('PSK-AES128-CCM8') };
    const psk = { identity, key: Buffer.from('another key') };
    const parameters = { handshakeTimeoutMs: 1500, retransmitMsInitial: 300 };
    await expect(openDtls({ remote, psk, parameters })).rejects.toMatchObject({ name: 'DtlsError' });
  });
});

describe.each(['openssl', 'gnutls'])(`libcoap ${libcoap.version} with %s`, (library) => {
  test.skipIf(!libcoap.ready)('its client at our server: GET over coaps', async () => {
    const opened = await openDtlsServer({ host: '127.0.0.1', port: 0, pskOf });
    endpoint = new CoapEndpoint({
      transport: opened,
      clock: nodeClock,
      random: nodeRandom,
      handler: ({ peer: from }) => ({ code: 0x45, payload: opened.peerOf(from)?.identity ?? new Uint8Array(0) }),
    });
    const url = `coaps://127.0.0.1:${portOf(opened)}/who`;
    peer = new ConsolePeer(`coap-client-${library}`, ['-v', '6', '-B', '5', '-u', identity, '-k', secret, url]);
    expect(await peer.ended()).toContain(identity);
  });
  test.skipIf(!libcoap.ready)('our client at its server: GET over coaps', async () => {
    const port = await freeUdpPort();
    peer = new ConsolePeer(`coap-server-${library}`, ['-A', '127.0.0.1', '-p', String(port), '-k', secret, '-v', '7']);
    // Its port for coaps is the next one.
    const remote = { host: '127.0.0.1', port: port + 1 };
    const parameters = { retransmitMsInitial: 200, handshakeTimeoutMs: 4000 };
    const connect = async (): Promise<DtlsClientTransport> => {
      for (let round = 0; ; round++) {
        try {
          return await openDtls({ remote, psk: { identity, key }, parameters });
        } catch (error) {
          if (round > 20) throw error;
          await new Promise((resolve) => setTimeout(resolve, 100)); // until it listens
        }
      }
    };
    const transport = await connect();
    endpoint = new CoapEndpoint({ transport, clock: nodeClock, random: nodeRandom });
    const response = await endpoint.request(transport.remote, { method: 'GET', path: [] });
    expect(formatCode(response.code)).toBe('2.05');
    expect(Buffer.from(response.payload).toString()).toContain('libcoap');
  });
});
