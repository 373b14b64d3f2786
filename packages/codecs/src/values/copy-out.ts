/** The size of memory that short payloads share, as Node's own pool for short buffers. */
const SLAB_BYTES = 8192;
/** Longer payloads get memory of their own, so that little of a slab is lost at its end. */
const SHARED_BYTES_MAX = 2048;
/** Up to this length the engine keeps an array within its own heap, which is faster still. */
const INLINE_BYTES_MAX = 64;

let slab = /* @__PURE__ */ new Uint8Array(SLAB_BYTES);
let used = 0;

/**
 * A copy of a part of a working buffer. Memory of its own for every payload would take longer than to encode it; a
 * payload that is kept holds its slab of 8 KiB.
 *
 * @param bytes the working buffer
 * @param start index of the first byte
 * @param end index behind the last
 * @returns bytes that nobody else writes to
 */
export function copyOut(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length <= INLINE_BYTES_MAX || length > SHARED_BYTES_MAX) return bytes.slice(start, end);
  if (used + length > SLAB_BYTES) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  slab.set(bytes.subarray(start, end), used);
  const copy = new Uint8Array(slab.buffer, used, length);
  used += length;
  return copy;
}
