import { freeUdpPort } from '../src/free-udp-port.ts';
import { readinessOf } from '../src/readiness.ts';
import { ConsolePeer } from './console-peer.ts';
import { clientOf, type DtlsPeer, type DtlsWish, keyHexOf, preShared, type SuiteName, serverOf } from './dtls-peer.ts';
import type { OpensslCertificates } from './openssl-certificates.ts';

/** OpenSSL's names. */
const names: Partial<Record<SuiteName, string>> = {
  PskAes128Ccm8: 'PSK-AES128-CCM8',
  PskAes128Ccm: 'PSK-AES128-CCM',
  PskAes128GcmSha256: 'PSK-AES128-GCM-SHA256',
  PskAes128CbcSha256: 'PSK-AES128-CBC-SHA256',
  PskChaCha20Poly1305: 'PSK-CHACHA20-POLY1305',
  EcdhePskAes128CbcSha256: 'ECDHE-PSK-AES128-CBC-SHA256',
  EcdhePskChaCha20Poly1305: 'ECDHE-PSK-CHACHA20-POLY1305',
  EcdheEcdsaAes128Ccm8: 'ECDHE-ECDSA-AES128-CCM8',
  EcdheEcdsaAes128Ccm: 'ECDHE-ECDSA-AES128-CCM',
  EcdheEcdsaAes128GcmSha256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  EcdheEcdsaAes256GcmSha384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  EcdheEcdsaAes128CbcSha256: 'ECDHE-ECDSA-AES128-SHA256',
  EcdheEcdsaChaCha20Poly1305: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  EcdheRsaAes128GcmSha256: 'ECDHE-RSA-AES128-GCM-SHA256',
  EcdheRsaChaCha20Poly1305: 'ECDHE-RSA-CHACHA20-POLY1305',
};

function own(wish: DtlsWish, role: 'client' | 'server', files: OpensslCertificates): string[] {
  const { credential, suite, trusts = 'ca', more = [] } = wish;
  const cipher = ['-cipher', `${names[suite]}:@SECLEVEL=0`];
  // What begins with @ is a file beside the certificates.
  cipher.push(...more.map((word) => (word.startsWith('@') ? files.path(word.slice(1)) : word)));
  if (credential === 'psk') return ['-psk', keyHexOf(wish), '-psk_identity', preShared.identity, ...cipher];
  const name = role === 'client' ? clientOf(wish) : serverOf(wish);
  const trust = ['-CAfile', files.path(`${trusts}.pem`), '-verify_return_error'];
  if (name === 'nobody') return [...trust, ...cipher];
  return [...trust, '-cert', files.path(`${name}.pem`), '-key', files.path(`${name}.key`), ...cipher];
}

/** `openssl s_client` and `openssl s_server`. */
export const opensslPeer: DtlsPeer = {
  name: 'OpenSSL',
  readiness: readinessOf('openssl'),
  closed: /DONE/,
  async serve(wish, files) {
    const port = await freeUdpPort();
    const kind = wish.credential === 'psk' ? ['-nocert', '-psk_hint', 'a hint'] : ['-Verify', '1'];
    const end = new ConsolePeer('openssl', [
      ...['s_server', '-dtls1_2', '-4', '-listen', '-accept', `127.0.0.1:${port}`],
      ...[...kind, ...own(wish, 'server', files)],
    ]);
    await end.told(/ACCEPT/);
    return { end, port };
  },
  async connect(wish, port, files) {
    const name = wish.credential === 'psk' ? [] : ['-verify_hostname', 'server.example'];
    const where = ['s_client', '-dtls1_2', '-4', '-connect', `127.0.0.1:${port}`];
    return new ConsolePeer('openssl', [...where, ...name, ...own(wish, 'client', files)]);
  },
  agreed({ suite, credential }, role) {
    if (role === 'server') return [new RegExp(`CIPHER is ${names[suite]}\n`)];
    const cipher = [new RegExp(`Cipher is ${names[suite]}\n`), /Extended master secret: yes/];
    return credential === 'psk' ? [...cipher, /PSK identity: device-1/] : [...cipher, /Verify return code: 0/];
  },
};
