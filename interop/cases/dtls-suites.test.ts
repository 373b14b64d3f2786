import {
  CipherSuiteId,
  type DtlsClientTransport,
  type DtlsServerTransport,
  type KeyAgreementGroup,
  openDtls,
  openDtlsServer,
} from '@motestack/dtls/node';
import { afterEach, describe, expect, test } from 'vitest';
import { ConsolePeer } from '../dtls/console-peer.ts';
import { eventually } from '../src/eventually.ts';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { readinessOf } from '../src/readiness.ts';

const identity = 'device-1';
const key = Buffer.from('sixteen-byte-key');
const keyHex = key.toString('hex');
const openssl = readinessOf('openssl');

let server: DtlsServerTransport | undefined;
let client: DtlsClientTransport | undefined;
let peer: ConsolePeer | undefined;

afterEach(async () => {
  await client?.close();
  await server?.close();
  await peer?.stop();
  [client, server, peer] = [undefined, undefined, undefined];
});

const suites = [
  ['ECDHE-PSK-AES128-CBC-SHA256', CipherSuiteId.EcdhePskAes128CbcSha256],
  ['ECDHE-PSK-CHACHA20-POLY1305', CipherSuiteId.EcdhePskChaCha20Poly1305],
  ['PSK-AES128-CBC-SHA256', CipherSuiteId.PskAes128CbcSha256],
  ['PSK-CHACHA20-POLY1305', CipherSuiteId.PskChaCha20Poly1305],
] as const;
const groups: readonly (readonly [string, KeyAgreementGroup])[] = [
  ['P-256', 'p-256'],
  ['P-384', 'p-384'],
  ['X25519', 'x25519'],
];

describe.skipIf(!openssl.ready)(`OpenSSL ${openssl.version} / its client at our server`, () => {
  async function meet(cipher: string, more: readonly string[] = []): Promise<void> {
    const opened = await openDtlsServer({ host: '127.0.0.1', port: 0, pskOf: () => key });
    server = opened;
    opened.open({
      datagram: (from) => opened.send(from, Buffer.from(`over ${opened.peerOf(from)?.cipherSuite.name}\n`)),
      unreachable: () => {},
      closed: () => {},
    });
    peer = new ConsolePeer('openssl', [
      ...['s_client', '-dtls1_2', '-4', '-connect', new URL(opened.localUrl).host],
      ...['-psk', keyHex, '-psk_identity', identity, '-cipher', cipher, ...more],
    ]);
    await peer.told(/Extended master secret: yes/);
    peer.say('a question');
    await peer.told(/over TLS_/);
    expect(opened.stats()).toMatchObject({ associations: 1, recordsDropped: 0 });
  }
  test.each(suites)('%s', (cipher) => meet(cipher));
  test.each(groups)('ECDHE-PSK on %s', (group) => meet('ECDHE-PSK-AES128-CBC-SHA256', ['-groups', group]));
});

describe.skipIf(!openssl.ready)(`OpenSSL ${openssl.version} / our client at its server`, () => {
  async function meet(cipher: string, options: Partial<Parameters<typeof openDtls>[0]>): Promise<void> {
    const port = await freeUdpPort();
    peer = new ConsolePeer('openssl', [
      ...['s_server', '-dtls1_2', '-4', '-listen', '-accept', `127.0.0.1:${port}`, '-nocert'],
      ...['-psk', keyHex, '-psk_identity', identity, '-cipher', cipher],
    ]);
    await peer.told(/ACCEPT/);
    const remote = { host: '127.0.0.1', port };
    const opened = await openDtls({ remote, psk: { identity, key }, ...options });
    client = opened;
    const heard: string[] = [];
    opened.open({
      datagram: (_from, bytes) => heard.push(Buffer.from(bytes).toString()),
      unreachable: () => {},
      closed: () => {},
    });
    opened.send(opened.remote, Buffer.from('a question\n'));
    await peer.told(/a question/);
    peer.say('an answer');
    await eventually('the answer', () => heard.length > 0);
    expect(heard).toEqual(['an answer\n']);
  }
  test.each(suites)('%s', (cipher, id) => meet(cipher, { cipherSuites: [id] }));
  test.each(groups)('ECDHE-PSK on %s', (_name, group) => meet('ECDHE-PSK-AES128-CBC-SHA256', { groups: [group] }));
  test('all that we have is offered, and what OpenSSL has not is passed over', () => meet('ALL', {}));
});
