/** Length of `/large`, and of each state of `/large-observe`, whose first byte counts. */
export const LARGE_BYTES = 10_000;

/** `length` bytes, none like its neighbours of the same block, so that a block in a wrong place shows. */
export function pattern(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 7 + (index >> 8) * 13 + seed) & 0xff);
}
