import type { RandomSource } from '../effects.ts';
import { platform } from './platform.ts';

/** More at once `getRandomValues` refuses. */
const BYTES_AT_ONCE = 65_536;

/** The platform's secure random bytes, by `crypto.getRandomValues`. */
export const browserRandom: RandomSource = {
  fill(bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length; start += BYTES_AT_ONCE)
      platform.crypto.getRandomValues(bytes.subarray(start, start + BYTES_AT_ONCE));
  },
};
