/** A copy in memory of its own. (`slice` is none on a `Buffer`: there it gives a view.) */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}
