import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import type { Aead, CryptoProvider } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import {
  decodeExportedAssociation,
  type ExportedAssociation,
  encodeExportedAssociation,
} from './exported-association.ts';
import { ImportError } from './import-error.ts';

/** Names the format, and is authenticated with it. */
const LABEL = encodeUtf8('motestack dtls 1');
const NONCE_BYTES = 12;

/**
 * Seals an association: nonce, and the association under AES-GCM.
 *
 * @param key 16 or 32 bytes
 * @throws {RangeError} a key of another length
 */
export function sealExport(
  provider: CryptoProvider,
  random: RandomSource,
  key: Uint8Array,
  exported: ExportedAssociation,
): Uint8Array {
  const nonce = new Uint8Array(NONCE_BYTES);
  random.fill(nonce);
  const plain = encodeExportedAssociation(exported);
  const sealed = withKey(provider, key, (aead) => aead.seal(nonce, LABEL, plain));
  plain.fill(0);
  for (const { macKey, key: own, iv } of [exported.layer.read, exported.layer.write])
    for (const secret of [macKey, own, iv]) secret.fill(0);
  const bytes = new Uint8Array(NONCE_BYTES + sealed.length);
  bytes.set(nonce);
  bytes.set(sealed, NONCE_BYTES);
  return bytes;
}

/**
 * Opens what `sealExport` made.
 *
 * @throws {RangeError} a key that has not 16 or 32 bytes
 * @throws {ImportError} `unauthentic` or `unreadable`
 */
export function openExport(provider: CryptoProvider, key: Uint8Array, bytes: Uint8Array): ExportedAssociation {
  const plain = withKey(provider, key, (aead) =>
    bytes.length < NONCE_BYTES + aead.tagBytes
      ? undefined
      : aead.open(bytes.subarray(0, NONCE_BYTES), LABEL, bytes.subarray(NONCE_BYTES)),
  );
  if (plain === undefined) throw new ImportError('unauthentic');
  try {
    return decodeExportedAssociation(plain);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    throw new ImportError('unreadable', { cause: error });
  } finally {
    plain.fill(0);
  }
}

function withKey<Result>(provider: CryptoProvider, key: Uint8Array, use: (aead: Aead) => Result): Result {
  if (key.length !== 16 && key.length !== 32) throw new RangeError('a key for exports has 16 or 32 bytes');
  const aead = provider.createAead(key.length === 16 ? 'aes-128-gcm' : 'aes-256-gcm', key);
  try {
    return use(aead);
  } finally {
    aead.destroy();
  }
}
