import { freeUdpPort } from '../src/free-udp-port.ts';
import { readinessOf } from '../src/readiness.ts';
import { ConsolePeer } from './console-peer.ts';
import { clientOf, type DtlsPeer, type DtlsWish, keyHexOf, preShared, type SuiteName, serverOf } from './dtls-peer.ts';
import type { OpensslCertificates } from './openssl-certificates.ts';

const keyExchanges = [
  ['EcdhePsk', 'ECDHE-PSK'],
  ['Psk', 'PSK'],
  ['EcdheEcdsa', 'ECDHE-ECDSA'],
  ['EcdheRsa', 'ECDHE-RSA'],
] as const;
/** Cipher and MAC in GnuTLS's priority strings. */
const ciphers = [
  ['Aes128Ccm8', 'AES-128-CCM-8', 'AEAD'],
  ['Aes128Ccm', 'AES-128-CCM', 'AEAD'],
  ['Aes128GcmSha256', 'AES-128-GCM', 'AEAD'],
  ['Aes256GcmSha384', 'AES-256-GCM', 'AEAD'],
  ['Aes128CbcSha256', 'AES-128-CBC', 'SHA256'],
  ['ChaCha20Poly1305', 'CHACHA20-POLY1305', 'AEAD'],
] as const;

function partsOf(suite: SuiteName): { keyExchange: string; cipher: string; mac: string } {
  const [, keyExchange] = keyExchanges.find(([prefix]) => suite.startsWith(prefix)) ?? [];
  const [, cipher, mac] = ciphers.find(([suffix]) => suite.endsWith(suffix)) ?? [];
  if (keyExchange === undefined || cipher === undefined || mac === undefined) throw new Error(`GnuTLS has no ${suite}`);
  return { keyExchange, cipher, mac };
}

/** A priority string that leaves the one suite and the one form of certificates. */
function priorityOf({ suite, credential }: DtlsWish): string {
  const { keyExchange, cipher, mac } = partsOf(suite);
  const form = credential === 'rawPublicKey' ? '+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK' : '+CTYPE-X509';
  return `NONE:+VERS-DTLS1.2:+${keyExchange}:+${cipher}:+${mac}:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:${form}:%ALLOW_SMALL_RECORDS`;
}

function own(wish: DtlsWish, name: string, files: OpensslCertificates): string[] {
  const { credential, trusts = 'ca', more = [] } = wish;
  const rest = ['--priority', priorityOf(wish), ...more];
  if (credential === 'psk') return rest;
  const key = files.path(`${name}.key`);
  if (credential === 'rawPublicKey') return ['--rawpkkeyfile', key, '--rawpkfile', files.path(`${name}.pub`), ...rest];
  const trust = ['--x509cafile', files.path(`${trusts}.pem`)];
  return [...trust, '--x509keyfile', key, '--x509certfile', files.path(`${name}.pem`), ...rest];
}

// Both write to a pipe as to a file, unless they are told otherwise.
const start = (program: string, args: readonly string[]): ConsolePeer =>
  new ConsolePeer('stdbuf', ['-oL', '-eL', program, '--udp', ...args]);

/** `gnutls-cli` and `gnutls-serv`. */
export const gnutlsPeer: DtlsPeer = {
  name: 'GnuTLS',
  readiness: readinessOf('gnutls'),
  isEcho: true,
  closed: /EOF/,
  async serve(wish, files) {
    const port = await freeUdpPort();
    const keys = files.write('psk.txt', `${preShared.identity}:${keyHexOf(wish)}\n`);
    const kind = {
      psk: ['--pskpasswd', keys, '--pskhint', 'a hint'],
      rawPublicKey: ['-r'],
      x509: ['-r', '--verify-client-cert'],
    };
    const args = ['--echo', '-p', String(port), ...kind[wish.credential], ...own(wish, serverOf(wish), files)];
    const end = start('gnutls-serv', args);
    await end.told(/listening on IPv4 .*done/);
    return { end, port };
  },
  async connect(wish, port, files) {
    const kind = {
      psk: ['--pskusername', preShared.identity, '--pskkey', keyHexOf(wish)],
      // It has no list of keys that it believes.
      rawPublicKey: ['--insecure'],
      x509: ['--verify-hostname', 'server.example'],
    };
    return start('gnutls-cli', [
      ...['-p', String(port), ...kind[wish.credential], ...own(wish, clientOf(wish), files)],
      '127.0.0.1',
    ]);
  },
  agreed({ suite, credential }, role) {
    const status = { psk: [], rawPublicKey: [], x509: [/Status: The certificate is trusted/] }[credential];
    if (role === 'server') return status;
    const { keyExchange, cipher, mac } = partsOf(suite);
    const form = credential === 'rawPublicKey' ? 'Raw Public Key' : 'X.509';
    // `(ECDHE-SECP256R1)-(ECDSA-SHA256)` where a key signs, else `(ECDHE-PSK-SECP256R1)` or `(PSK)`.
    const [, signer] = /^ECDHE-(ECDSA|RSA)$/.exec(keyExchange) ?? [];
    const exchange = signer === undefined ? `\\(${keyExchange}[^)]*\\)` : `\\(ECDHE-[^)]*\\)-\\(${signer}-[^)]*\\)`;
    const protection = mac === 'AEAD' ? `\\(${cipher}\\)` : `\\(${cipher}\\)-\\(${mac}\\)`;
    const description = new RegExp(`Description: \\(DTLS1.2-${form}\\)-${exchange}-${protection}\n`);
    return [description, /Options: extended master secret/, /Handshake was completed/, ...status];
  },
};
