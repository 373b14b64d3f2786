import { randomFillSync } from 'node:crypto';
import type { RandomSource } from '../effects.ts';

const POOL_BYTES = 4096;
const pool: Uint8Array = new Uint8Array(POOL_BYTES);
let used: number = POOL_BYTES;

/** The system's secure random bytes, fetched 4 KiB at a time: a handshake asks for few at a time, and often. */
export const nodeRandom: RandomSource = {
  fill(bytes) {
    if (bytes.length > POOL_BYTES) {
      randomFillSync(bytes);
      return;
    }
    if (used + bytes.length > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    const end = used + bytes.length;
    bytes.set(pool.subarray(used, end));
    // What was given out is not to be found here.
    pool.fill(0, used, end);
    used = end;
  },
};
