import type { CryptoProvider } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import { AeadProtection } from './aead-protection.ts';
import { CbcProtection } from './cbc-protection.ts';
import type { CipherSuite } from './cipher-suite.ts';
import type { DirectionKeys, KeyLengths } from './key-derivation.ts';
import type { RecordProtection } from './record-protection.ts';

/** What a protection is made with. */
export interface ProtectionInit {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  readonly cipherSuite: CipherSuite;
  /** Whether RFC 7366 was agreed on; only of meaning for CBC. */
  readonly encryptThenMac: boolean;
}

const AES_128_AEAD: KeyLengths = { macKeyBytes: 0, keyBytes: 16, ivBytes: 4 };

const lengths: Readonly<Record<CipherSuite['cipher'], KeyLengths>> = {
  'aes-128-ccm': AES_128_AEAD,
  'aes-128-ccm-8': AES_128_AEAD,
  'aes-128-gcm': AES_128_AEAD,
  'aes-256-gcm': { macKeyBytes: 0, keyBytes: 32, ivBytes: 4 },
  'chacha20-poly1305': { macKeyBytes: 0, keyBytes: 32, ivBytes: 12 },
  'aes-128-cbc': { macKeyBytes: 32, keyBytes: 16, ivBytes: 0 },
};

/** How many bytes of key a suite needs for one direction. */
export function keyLengthsOf({ cipher }: CipherSuite): KeyLengths {
  return lengths[cipher];
}

/** Takes the keys of one direction into use, and zeroes what is no longer needed of them. */
export function createProtection(init: ProtectionInit, { macKey, key, iv }: DirectionKeys): RecordProtection {
  const { provider, random, cipherSuite, encryptThenMac } = init;
  const { cipher } = cipherSuite;
  const made =
    cipher === 'aes-128-cbc'
      ? new CbcProtection({
          provider,
          random,
          cipher: provider.createBlockCipher(cipher, key),
          macKey,
          encryptThenMac,
        })
      : new AeadProtection(provider.createAead(cipher, key), iv);
  key.fill(0);
  iv.fill(0);
  return made;
}
