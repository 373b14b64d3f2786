import { generateKeyPairSync } from 'node:crypto';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import { trustRawPublicKeys } from '../credentials/certificate-credential.ts';
import type { KeyAgreementGroup } from '../crypto-provider.ts';
import { signingCredential } from '../node/signing-credential.ts';
import { type CipherSuiteId, cipherSuiteOf, usesPreSharedKey } from '../record/cipher-suite.ts';
import type { PairOptions } from './dtls-pair.fixture.ts';

/** A fresh key that is shown bare. */
export function newCredential(kind: 'p-256' | 'p-384' | 'rsa' = 'p-256'): SigningCredential {
  const { privateKey } =
    kind === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: kind === 'p-256' ? 'prime256v1' : 'secp384r1' });
  return signingCredential({ privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }) });
}

export const clientKey = newCredential();
export const serverKey = newCredential();
const rsaKey = newCredential('rsa');

/** Both sides show a raw public key and know that of the other. */
export function mutual(server: SigningCredential = serverKey, client: SigningCredential = clientKey): PairOptions {
  return {
    clientSources: { certificate: client, verifier: trustRawPublicKeys([server.publicKey]) },
    serverSources: { certificate: server, verifier: trustRawPublicKeys([client.publicKey]) },
    client: { psk: undefined },
    server: { acceptsPsk: false },
  };
}

/** Only the server shows a key. */
export function serverOnly(server: SigningCredential = serverKey): PairOptions {
  return {
    clientSources: { verifier: trustRawPublicKeys([server.publicKey]) },
    serverSources: { certificate: server },
    client: { psk: undefined },
  };
}

/** What a suite needs: a pre-shared key, or keys of both sides. */
export function optionsFor(suite: CipherSuiteId, groups?: readonly KeyAgreementGroup[]): PairOptions {
  const known = cipherSuiteOf(suite);
  if (known === undefined) throw new Error('there is no such suite');
  const options = usesPreSharedKey(known) ? {} : mutual(known.keyExchange === 'ecdhe-rsa' ? rsaKey : serverKey);
  const client = { ...options.client, cipherSuites: [suite], ...(groups === undefined ? {} : { groups }) };
  return { ...options, client };
}
