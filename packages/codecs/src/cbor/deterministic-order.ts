import { writeRaw } from '../values/payload-writer.ts';
import type { CborInput } from './cbor-value.ts';
import type { CborWriter } from './cbor-writer.ts';

/**
 * Writes the entries of a map in deterministic order, as the option `sortKeys` of `encodeCbor`: "The keys in every map must be
 * sorted in the bytewise lexicographic order of their deterministic encodings".
 *
 * @param writer gets them, behind the head of the map
 * @param entries keys and values
 * @param write writes one of either
 * @see RFC 8949 §4.2.1
 * @example
 * encodeCbor({ b: 0, a: 1 }, { sortKeys: deterministicOrder }) // a2 6161 01 6162 00
 */
export function deterministicOrder(
  writer: CborWriter,
  entries: readonly (readonly [CborInput, CborInput])[],
  write: (item: CborInput) => void,
): void {
  const encoded = entries.map(([key, value]) => {
    const start = writer.offset - writer.start;
    write(key);
    const encodedKey = writer.bytes.slice(writer.start + start, writer.offset);
    writer.offset = writer.start + start;
    return { encodedKey, value };
  });
  for (const { encodedKey, value } of encoded.toSorted((a, b) => compareBytes(a.encodedKey, b.encodedKey))) {
    writeRaw(writer, encodedKey);
    write(value);
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
