import { toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { AesCcm } from './aes-ccm.ts';
import { CipherPairs } from './cipher-pairs.ts';

const nonce = new Uint8Array(12);
const plain = Uint8Array.of(1, 2, 3);
const keyOf = (index: number): Uint8Array => new Uint8Array(16).fill(index);
const never = Number.POSITIVE_INFINITY;

describe('ciphers that live', () => {
  test('pairsMax keys have them, and one more takes those of the one that rested longest', () => {
    const pairs = new CipherPairs(2);
    const dropped: number[] = [];
    const owners = [0, 1, 2].map((index) => ({ isRecent: false, dropPair: () => dropped.push(index) }));
    for (const owner of owners.slice(0, 2)) pairs.add(owner);
    expect([pairs.size, dropped]).toEqual([2, []]);
    const [first, , third] = owners;
    if (first === undefined || third === undefined) throw new Error('three');
    first.isRecent = true;
    pairs.add(third);
    expect([pairs.size, dropped, first.isRecent]).toEqual([2, [1], false]);
    pairs.remove(third);
    expect(pairs.size).toBe(1);
  });
  test('all were used: one loses them all the same', () => {
    const pairs = new CipherPairs(3);
    const owners = Array.from({ length: 4 }, () => ({ isRecent: true, dropPair: () => {} }));
    for (const owner of owners) pairs.add(owner);
    expect(pairs.size).toBe(3);
  });
  test.each([never, undefined])('keys that lose and get theirs again seal as ever (native from %s bytes)', (from) => {
    const pairs = new CipherPairs(2);
    const alone = Array.from({ length: 5 }, (_, index) => new AesCcm(keyOf(index), 8, never, new CipherPairs()));
    const shared = Array.from({ length: 5 }, (_, index) => new AesCcm(keyOf(index), 8, from, pairs));
    for (let round = 0; round < 20; round++) {
      const at = (round * 7) % 5;
      // Some are used often and some seldom.
      for (let again = 0; again <= at; again++) {
        const sealed = shared[at]?.seal(nonce, plain, plain) ?? plain;
        expect(toHex(sealed)).toBe(toHex(alone[at]?.seal(nonce, plain, plain) ?? nonce));
        expect(alone[at]?.open(nonce, plain, sealed)).toEqual(plain);
        expect(shared[at]?.open(nonce, plain, sealed)).toEqual(plain);
      }
      expect(pairs.size).toBeLessThanOrEqual(2);
    }
    for (const ccm of shared) ccm.destroy();
    expect(pairs.size).toBe(0);
  });
});
