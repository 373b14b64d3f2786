import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '../effects.ts';

const POOL_BYTES = 8192;

/** The system's secure random bytes, fetched 8 KiB at a time: a token by itself would cost 2 µs. */
export const nodeRandom: RandomSource = pooled();

function pooled(): RandomSource {
  const pool = new Uint8Array(POOL_BYTES);
  let start = POOL_BYTES;
  return {
    fill(bytes: Uint8Array): void {
      const { length } = bytes;
      if (length > POOL_BYTES) {
        randomFillSync(bytes);
        return;
      }
      if (start + length > POOL_BYTES) {
        randomFillSync(pool);
        start = 0;
      }
      bytes.set(pool.subarray(start, start + length));
      // What was given out is not to be found here.
      pool.fill(0, start, start + length);
      start += length;
    },
  };
}
