import type { ResourceType, ResourceValue } from '@motestack/model';
import { putUnsigned } from './tlv-writer.ts';

/** The longest value that {@link putPlainValue} writes. */
export const PLAIN_VALUE_BYTES_MAX = 64;
/** What {@link putPlainValue} returns for a value that it does not write. */
export const NOT_PLAIN = -1;

const scratch = /* @__PURE__ */ new DataView(new ArrayBuffer(8));

/**
 * Writes a value of the usual kinds in the shortest form of its type: short ASCII text, an integer or time of 32 bits, a
 * float, a Boolean.
 *
 * @param bytes where there is room for {@link PLAIN_VALUE_BYTES_MAX}
 * @param end index behind the value
 * @param type from the definition
 * @param value the caller's
 * @returns index of its first byte; {@link NOT_PLAIN} for any other value
 * @see LwM2M Core 1.1.1 Appendix C (TLV Format)
 */
export function putPlainValue(
  bytes: Uint8Array,
  end: number,
  type: ResourceType | undefined,
  value: ResourceValue | undefined,
): number {
  if (typeof value === 'string') return type === 'String' ? putText(bytes, end, value) : NOT_PLAIN;
  if (typeof value === 'number') {
    if (type === 'Float') return putFloat(bytes, end, value);
    const isInteger = type === 'Integer' || (type === 'Unsigned Integer' && value >= 0);
    return isInteger ? putInteger(bytes, end, value) : NOT_PLAIN;
  }
  if (typeof value === 'boolean') return type === 'Boolean' ? putUnsigned(bytes, end, value ? 1 : 0, 1) : NOT_PLAIN;
  return type === 'Time' && value instanceof Date
    ? putInteger(bytes, end, Math.floor(value.getTime() / 1000))
    : NOT_PLAIN;
}

function putText(bytes: Uint8Array, end: number, text: string): number {
  const { length } = text;
  if (length > PLAIN_VALUE_BYTES_MAX) return NOT_PLAIN;
  const start = end - length;
  let seen = 0;
  for (let index = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    seen |= unit;
    bytes[start + index] = unit;
  }
  return seen < 0x80 ? start : NOT_PLAIN;
}

function putInteger(bytes: Uint8Array, end: number, value: number): number {
  const integer = value | 0;
  if (integer !== value) return NOT_PLAIN;
  if ((integer << 24) >> 24 === integer) return putUnsigned(bytes, end, integer, 1);
  return putUnsigned(bytes, end, integer, (integer << 16) >> 16 === integer ? 2 : 4);
}

/** Writes a float: four bytes where they hold the number exactly, eight otherwise. @returns index of the first of them */
export function putFloat(bytes: Uint8Array, end: number, value: number): number {
  const isSingle = Object.is(Math.fround(value), value);
  if (isSingle) scratch.setFloat32(0, value);
  else scratch.setFloat64(0, value);
  const start = isSingle ? end : putUnsigned(bytes, end, scratch.getInt32(4), 4);
  return putUnsigned(bytes, start, scratch.getInt32(0), 4);
}
