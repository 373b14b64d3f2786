import { createCipheriv } from 'node:crypto';
import { fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AesCcm } from './aes-ccm.ts';
import { nodeCryptoProvider } from './node-crypto-provider.ts';

interface CcmVector {
  readonly id: string;
  readonly key: string;
  readonly nonce: string;
  readonly aad?: string;
  readonly aadParts?: readonly { readonly repeat: string; readonly times: number }[];
  readonly plaintext: string;
  readonly tagLength: number;
  readonly ciphertextAndTag: string;
}

const suite = vectors<{ vectors: readonly CcmVector[]; negative: readonly CcmVector[] }>('ccm');
const TWO_CIPHERS = Number.POSITIVE_INFINITY;
const NATIVE = 0;

const additionalData = ({ aad, aadParts = [] }: CcmVector): Uint8Array =>
  fromHex(aad ?? aadParts.map(({ repeat, times }) => repeat.repeat(times)).join(''));

describe.each([
  ['two ciphers', TWO_CIPHERS],
  ['native', NATIVE],
])('AES-CCM by %s', (_name, nativeFromBytes) => {
  test.each(suite.vectors)('$id', (vector) => {
    const ccm = new AesCcm(fromHex(vector.key), vector.tagLength, nativeFromBytes);
    const nonce = fromHex(vector.nonce);
    const sealed = ccm.seal(nonce, additionalData(vector), fromHex(vector.plaintext));
    expect(toHex(sealed)).toBe(vector.ciphertextAndTag);
    expect(toHex(ccm.open(nonce, additionalData(vector), sealed) ?? new Uint8Array(0))).toBe(vector.plaintext);
  });
  test.each(suite.negative)('$id', (vector) => {
    const ccm = new AesCcm(fromHex(vector.key), vector.tagLength, nativeFromBytes);
    const opened = ccm.open(fromHex(vector.nonce), additionalData(vector), fromHex(vector.ciphertextAndTag));
    expect(opened).toBeUndefined();
  });
});

const bytes = (minLength: number, maxLength: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength, maxLength });

test('one long-lived pair of ciphers seals as a fresh aes-128-ccm each time', () => {
  const key = new Uint8Array(16).fill(7);
  for (const tagBytes of [8, 16]) {
    const ccm = new AesCcm(key, tagBytes, TWO_CIPHERS);
    for (let length = 1; length < 400; length++) {
      const nonce = new Uint8Array(12).fill(length & 0xff);
      const data = new Uint8Array(length % 40).fill(length >> 8);
      const plaintext = new Uint8Array(length).map((_, index) => index * 31 + length);
      const cipher = createCipheriv('aes-128-ccm', key, nonce, { authTagLength: tagBytes });
      cipher.setAAD(data, { plaintextLength: length });
      const expected = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
      expect(toHex(ccm.seal(nonce, data, plaintext))).toBe(toHex(expected));
      // A failure in between must not spoil what follows.
      expected[length % expected.length] = (expected[length % expected.length] ?? 0) ^ 1;
      expect(ccm.open(nonce, data, expected)).toBeUndefined();
    }
  }
});

test.each(['aes-128-ccm', 'aes-128-ccm-8', 'aes-128-gcm'] as const)(
  '%s: what was sealed opens, and nothing else',
  (algorithm) => {
    const aead = nodeCryptoProvider.createAead(algorithm, new Uint8Array(16).fill(1));
    fc.assert(
      fc.property(
        bytes(12, 12),
        bytes(1, 40),
        bytes(0, 600),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (nonce, data, plaintext, at, change) => {
          const sealed = aead.seal(nonce, data, plaintext);
          expect(sealed.length).toBe(plaintext.length + aead.tagBytes);
          expect(toHex(aead.open(nonce, data, sealed) ?? fromHex('ff'))).toBe(toHex(plaintext));
          const spoiled = (from: Uint8Array): Uint8Array =>
            from.map((byte, index) => (index === at % from.length ? byte ^ change : byte));
          expect(aead.open(nonce, data, spoiled(sealed))).toBeUndefined();
          expect(aead.open(nonce, spoiled(data), sealed)).toBeUndefined();
          expect(aead.open(spoiled(nonce), data, sealed)).toBeUndefined();
          expect(aead.open(nonce, data, sealed.subarray(0, at % sealed.length))).toBeUndefined();
        },
      ),
    );
  },
);

test('comparison', () => {
  expect(nodeCryptoProvider.isEqual(fromHex('0102'), fromHex('0102'))).toBe(true);
  expect(nodeCryptoProvider.isEqual(fromHex('0102'), fromHex('0103'))).toBe(false);
  expect(nodeCryptoProvider.isEqual(fromHex('0102'), fromHex('010200'))).toBe(false);
});
