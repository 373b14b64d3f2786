import type { RandomSource } from '@motestack/coap';

/**
 * A repeatable stream of numbers (the sfc32 generator): equal seeds give equal streams.
 *
 * @param seed any integer; `stream` separates independent streams of one seed
 * @returns a function that draws from [0, 1)
 */
export function seededRandom(seed: number, stream = 0): () => number {
  let a = seed | 0;
  let b = Math.floor(seed / 0x1_0000_0000) | 0;
  let c = stream | 0;
  let counter = 1;
  const draw = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  // The first draws still show the seed.
  for (let round = 0; round < 15; round++) draw();
  return draw;
}

/** A random source that draws every byte from `random`: for simulations only, since anybody can repeat it. */
export function seededRandomSource(random: () => number): RandomSource {
  return {
    fill(bytes: Uint8Array): void {
      for (let index = 0; index < bytes.length; index++) bytes[index] = Math.floor(random() * 256);
    },
  };
}
