import { freeUdpPort } from '../src/free-udp-port.ts';
import { ConsolePeer } from './console-peer.ts';
import { clientOf, type DtlsWish, keyHexOf, preShared, serverOf } from './dtls-peer.ts';
import type { OpensslCertificates } from './openssl-certificates.ts';

/** What libcoap is built on. */
export type LibcoapLibrary = 'openssl' | 'gnutls';

function own(wish: DtlsWish, name: string, files: OpensslCertificates): string[] {
  const { credential, trusts = 'ca' } = wish;
  if (credential === 'psk') return ['-k', Buffer.from(keyHexOf(wish), 'hex').toString()];
  // One file with both halves of the key.
  if (credential === 'rawPublicKey')
    return ['-M', files.write(`${name}.rpk`, files.text(`${name}.key`) + files.text(`${name}.pub`))];
  const keys = ['-c', files.path(`${name}.pem`), '-j', files.path(`${name}.key`)];
  return [...keys, '-C', files.path(`${trusts}.pem`)];
}

/** Starts a client that asks once and prints the answer. */
export function askByLibcoap(
  library: LibcoapLibrary,
  wish: DtlsWish,
  port: number,
  files: OpensslCertificates,
): ConsolePeer {
  const credential = [
    ...(wish.credential === 'psk' ? ['-u', preShared.identity] : []),
    ...own(wish, clientOf(wish), files),
  ];
  return new ConsolePeer(`coap-client-${library}`, [
    '-v',
    '6',
    '-B',
    '5',
    ...credential,
    `coaps://127.0.0.1:${port}/who`,
  ]);
}

/** Starts a server, which listens when this resolves; `port` is that of coaps. */
export async function serveByLibcoap(
  library: LibcoapLibrary,
  wish: DtlsWish,
  files: OpensslCertificates,
): Promise<{ end: ConsolePeer; port: number }> {
  const port = await freeUdpPort();
  const where = ['-A', '127.0.0.1', '-p', String(port), '-v', '7'];
  const end = new ConsolePeer(`coap-server-${library}`, [...where, ...own(wish, serverOf(wish), files)]);
  await end.told(/created DTLS endpoint/);
  return { end, port: port + 1 };
}
