import {
  CipherSuiteId,
  type DtlsClientTransport,
  type DtlsServerTransport,
  openDtls,
  openDtlsServer,
  signingCredential,
  trustCertificates,
} from '@motestack/dtls/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ConsolePeer } from '../dtls/console-peer.ts';
import { OpensslCertificates } from '../dtls/openssl-certificates.ts';
import { eventually } from '../src/eventually.ts';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { readinessOf } from '../src/readiness.ts';

const openssl = readinessOf('openssl');

let made: OpensslCertificates | undefined;
let server: DtlsServerTransport | undefined;
let client: DtlsClientTransport | undefined;
let peer: ConsolePeer | undefined;

beforeAll(() => {
  if (openssl.ready) made = new OpensslCertificates();
});
afterAll(() => made?.remove());
afterEach(async () => {
  await client?.close();
  await server?.close();
  await peer?.stop();
  [client, server, peer] = [undefined, undefined, undefined];
});

const files = (): OpensslCertificates => {
  if (made === undefined) throw new Error('there are no certificates');
  return made;
};
const credential = (name: string): ReturnType<typeof signingCredential> =>
  signingCredential({ privateKey: files().text(`${name}.key`), certificates: files().text(`${name}.pem`) });

const suites = [
  ['ECDHE-ECDSA-AES128-CCM8', CipherSuiteId.EcdheEcdsaAes128Ccm8, 'server'],
  ['ECDHE-ECDSA-AES128-CCM', CipherSuiteId.EcdheEcdsaAes128Ccm, 'server'],
  ['ECDHE-ECDSA-AES128-GCM-SHA256', CipherSuiteId.EcdheEcdsaAes128GcmSha256, 'server'],
  ['ECDHE-ECDSA-AES256-GCM-SHA384', CipherSuiteId.EcdheEcdsaAes256GcmSha384, 'server'],
  ['ECDHE-ECDSA-AES128-SHA256', CipherSuiteId.EcdheEcdsaAes128CbcSha256, 'server'],
  ['ECDHE-ECDSA-CHACHA20-POLY1305', CipherSuiteId.EcdheEcdsaChaCha20Poly1305, 'server'],
  ['ECDHE-RSA-AES128-GCM-SHA256', CipherSuiteId.EcdheRsaAes128GcmSha256, 'rsa'],
  ['ECDHE-RSA-CHACHA20-POLY1305', CipherSuiteId.EcdheRsaChaCha20Poly1305, 'rsa'],
] as const;

describe.skipIf(!openssl.ready)(`OpenSSL ${openssl.version} / its client at our server`, () => {
  async function start(cipher: string, name: string, withCertificate: boolean): Promise<string[]> {
    const heard: string[] = [];
    const opened = await openDtlsServer({
      host: '127.0.0.1',
      port: 0,
      certificate: credential(name),
      verifier: trustCertificates({ anchors: files().text('ca.pem'), peer: 'client' }),
      onEvent: (event) => heard.push(`${event.kind} ${'alert' in event ? event.alert : ''}`),
    });
    server = opened;
    opened.open({
      datagram: (from, bytes) => {
        const shown = opened.peerOf(from)?.certificate?.form;
        heard.push(`${shown} ${Buffer.from(bytes).toString()}`);
        opened.send(from, Buffer.from('an answer\n'));
      },
      unreachable: () => {},
      closed: () => {},
    });
    const own = withCertificate ? ['-cert', files().path('device.pem'), '-key', files().path('device.key')] : [];
    peer = new ConsolePeer('openssl', [
      ...['s_client', '-dtls1_2', '-4', '-connect', new URL(opened.localUrl).host, '-cipher', `${cipher}:@SECLEVEL=0`],
      ...['-CAfile', files().path('ca.pem'), '-verify_return_error', '-verify_hostname', 'server.example', ...own],
    ]);
    return heard;
  }

  test.each(suites)('%s, both by certificates', async (cipher, _id, name) => {
    const heard = await start(cipher, name, true);
    await peer?.told(/Verify return code: 0/);
    peer?.say('a question');
    await peer?.told(/an answer/);
    expect(heard).toEqual(['connected ', 'x509 a question\n']);
  });
  test('a client without a certificate is told so', async () => {
    const heard = await start('ECDHE-ECDSA-AES128-GCM-SHA256', 'server', false);
    await peer?.told(/handshake failure/);
    await eventually('its end', () => heard.length > 0);
    expect(heard).toEqual(['handshakeFailed 40']);
  });
});

describe.skipIf(!openssl.ready)(`OpenSSL ${openssl.version} / our client at its server`, () => {
  async function start(cipher: string, name: string): Promise<{ host: string; port: number }> {
    const port = await freeUdpPort();
    peer = new ConsolePeer('openssl', [
      ...['s_server', '-dtls1_2', '-4', '-listen', '-accept', `127.0.0.1:${port}`, '-cipher', `${cipher}:@SECLEVEL=0`],
      ...['-cert', files().path(`${name}.pem`), '-key', files().path(`${name}.key`)],
      ...['-CAfile', files().path('ca.pem'), '-Verify', '1', '-verify_return_error'],
    ]);
    await peer.told(/ACCEPT/);
    return { host: '127.0.0.1', port };
  }
  const trust = (name: string): ReturnType<typeof trustCertificates> =>
    trustCertificates({ anchors: files().text('ca.pem'), peer: 'server', name });

  test.each(suites)('%s, both by certificates', async (cipher, id, name) => {
    const remote = await start(cipher, name);
    const certificate = credential('device');
    const opened = await openDtls({ remote, certificate, verifier: trust('server.example'), cipherSuites: [id] });
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
  });
  test('a server of another name is not believed', async () => {
    const remote = await start('ECDHE-ECDSA-AES128-GCM-SHA256', 'server');
    await expect(openDtls({ remote, verifier: trust('other.example') })).rejects.toMatchObject({
      code: 'alert-sent',
      alert: 46,
    });
  });
});
