import type { RandomSource } from '../effects.ts';

/** One draw from [0, 1). */
export function randomFraction(random: RandomSource): number {
  const draw = new Uint8Array(4);
  random.fill(draw);
  return new DataView(draw.buffer).getUint32(0) / 2 ** 32;
}
