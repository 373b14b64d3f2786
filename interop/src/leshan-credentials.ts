import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientCredentials, ServerCredentials } from '@motestack/coap';
import type { DeviceCredentials } from '@motestack/server/node';
import type { OpensslCertificates } from '../dtls/openssl-certificates.ts';

/** The endpoint name that every kind is for: what the device's certificate says. */
export const SECURE_ENDPOINT = 'device';

/** The same credentials as each of the four sides takes them. */
export interface Credentials {
  readonly kind: ClientCredentials['kind'];
  readonly ourClient: ClientCredentials;
  readonly ourStore: DeviceCredentials;
  readonly ourServer: ServerCredentials | undefined;
  /** Folders of files. */
  readonly theirClient: string;
  readonly theirServer: string;
}

/** Leshan's server refuses a certificate of its own that is not for clients too. */
const SERVER = 'both';
const KEY = Uint8Array.from({ length: 16 }, (_, index) => index);
const IDENTITY = 'identity of the device';

/** Credentials of each kind, with their files in folders beside the certificates. */
export function allCredentials(certificates: OpensslCertificates): readonly Credentials[] {
  const folders = (kind: string): Pick<Credentials, 'theirClient' | 'theirServer'> => ({
    theirClient: writeFolder(certificates, `${kind}-client`, 'device', SERVER),
    theirServer: writeFolder(certificates, `${kind}-server`, SERVER, 'device'),
  });
  const privateKey = certificates.text('device.key');
  const serverKey = certificates.text(`${SERVER}.key`);
  return [
    {
      kind: 'psk',
      ourClient: { kind: 'psk', identity: IDENTITY, key: KEY },
      ourStore: { kind: 'psk', identity: IDENTITY, key: KEY },
      ourServer: undefined,
      ...folders('psk'),
    },
    {
      kind: 'rawPublicKey',
      ourClient: { kind: 'rawPublicKey', privateKey, serverPublicKey: publicKeyOf(serverKey) },
      ourStore: { kind: 'rawPublicKey', publicKey: publicKeyOf(privateKey) },
      ourServer: { privateKey: serverKey },
      ...folders('rawPublicKey'),
    },
    {
      kind: 'x509',
      ourClient: {
        kind: 'x509',
        privateKey,
        certificates: certificates.text('device.pem'),
        serverCertificate: certificates.text(`${SERVER}.pem`),
      },
      ourStore: { kind: 'x509' },
      ourServer: {
        privateKey: serverKey,
        certificates: certificates.text(`${SERVER}.pem`),
        trustedRoots: certificates.text('ca.pem'),
      },
      ...folders('x509'),
    },
  ];
}

function writeFolder(certificates: OpensslCertificates, name: string, own: string, other: string): string {
  const folder = certificates.path(name);
  mkdirSync(folder);
  const isX509 = name.startsWith('x509');
  const privateKey = createPrivateKey(certificates.text(`${own}.key`));
  const files: Readonly<Record<string, Uint8Array | string>> = {
    identity: IDENTITY,
    key: KEY,
    'private.der': new Uint8Array(privateKey.export({ format: 'der', type: 'pkcs8' })),
    'public.der': publicKeyOf(certificates.text(`${own}.key`)),
    'certificate.der': certificateOf(certificates.text(`${own}.pem`)),
    'other.der': isX509
      ? certificateOf(certificates.text(`${other}.pem`))
      : publicKeyOf(certificates.text(`${other}.key`)),
    'root.der': certificateOf(certificates.text('ca.pem')),
  };
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
  return folder;
}

function publicKeyOf(pem: string): Uint8Array {
  return new Uint8Array(createPublicKey(pem).export({ format: 'der', type: 'spki' }));
}

function certificateOf(pem: string): Uint8Array {
  return new Uint8Array(new X509Certificate(pem).raw);
}
