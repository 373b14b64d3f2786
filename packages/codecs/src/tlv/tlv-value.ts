import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import type { Path, ResourceValue } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { Leniency } from '../payload-context.ts';
import { checkInteger, normalizeInteger } from '../values/integers.ts';
import { isObjectLink } from '../values/object-link-text.ts';
import { dateFromSeconds, type ValueType, valueToWire } from '../values/typed-value.ts';
import { TLV_SECTION } from './tlv-header.ts';
import { reserve, type TlvWriter, writeTlvBytes, writeUnsigned } from './tlv-writer.ts';

/** Up to this many characters a loop beats the platform's encoder. */
const SHORT_TEXT_LENGTH = 64;

const scratch = /* @__PURE__ */ new DataView(new ArrayBuffer(8));

/**
 * Decodes the value of one Resource or Resource Instance TLV.
 *
 * @param type from the definition; without one the bytes are the value
 * @param value a view; opaque values are that view
 * @param path for the error
 * @param leniency `zeroLengthInteger` and `threeByteInteger` count here
 * @returns the value by type
 * @throws {DecodeError} `bad-utf8`
 * @throws {ContentError} `wrong-type`: a length or a Boolean that the type does not have; `out-of-range`
 * @see LwM2M Core 1.1.1 Appendix C (TLV Format)
 */
export function decodeTlvValue(
  type: ValueType | undefined,
  value: Uint8Array,
  path: Path,
  leniency: Leniency,
): ResourceValue {
  switch (type) {
    case undefined:
    case 'Opaque':
      return value;
    case 'String':
    case 'Corelnk':
      return decodeUtf8(value, TLV_SECTION);
    case 'Integer':
      return decodeInteger(value, path, leniency);
    case 'Unsigned Integer':
      return decodeUnsigned(value, path, leniency);
    case 'Time':
      return dateFromSeconds(Number(decodeInteger(value, path, leniency)), path);
    case 'Float':
      return decodeFloat(value, path);
    case 'Boolean': {
      const [byte] = value;
      if (value.length !== 1 || byte === undefined || byte > 1) throw new ContentError('wrong-type', { path });
      return byte === 1;
    }
    case 'Objlnk':
      if (value.length !== 4) throw new ContentError('wrong-type', { path });
      return { objectId: u16(value, 0), objectInstanceId: u16(value, 2) };
  }
}

/**
 * Writes the value of one Resource or Resource Instance TLV, in the shortest form of its type.
 *
 * @param writer writes backwards; the header comes after
 * @param type from the definition; without one it follows from the value
 * @param value the caller's
 * @param path for the error
 * @throws {ContentError} `wrong-type`, `out-of-range`, `not-representable`
 * @see LwM2M Core 1.1.1 Appendix C (TLV Format)
 */
export function encodeTlvValue(writer: TlvWriter, type: ValueType | undefined, value: ResourceValue, path: Path): void {
  const wire = valueToWire(type, value, path);
  if (typeof wire === 'string') encodeText(writer, wire);
  else if (typeof wire === 'boolean') writeUnsigned(writer, wire ? 1 : 0, 1);
  else if (typeof wire === 'bigint' || typeof wire === 'number') encodeNumber(writer, type, wire, path);
  else if (isObjectLink(wire)) {
    writeUnsigned(writer, wire.objectInstanceId, 2);
    writeUnsigned(writer, wire.objectId, 2);
  } else writeTlvBytes(writer, wire);
}

function encodeNumber(writer: TlvWriter, type: ValueType | undefined, value: number | bigint, path: Path): void {
  if (type === 'Unsigned Integer') encodeInteger(writer, value);
  else if (type === 'Float' || (typeof value === 'number' && !Number.isInteger(value))) {
    encodeFloat(writer, Number(value));
  } else encodeInteger(writer, checkInteger(value, false, path));
}

function decodeInteger(value: Uint8Array, path: Path, leniency: Leniency): number | bigint {
  switch (value.length) {
    case 1:
      return ((value[0] ?? 0) << 24) >> 24;
    case 2:
      return (u16(value, 0) << 16) >> 16;
    case 4:
      return u32(value, 0) | 0;
    case 8:
      return wide(u32(value, 0) | 0, u32(value, 4));
    default:
      return decodeOddInteger(value, path, leniency, 8);
  }
}

function decodeUnsigned(value: Uint8Array, path: Path, leniency: Leniency): number | bigint {
  switch (value.length) {
    case 1:
      return value[0] ?? 0;
    case 2:
      return u16(value, 0);
    case 4:
      return u32(value, 0);
    case 8:
      return wide(u32(value, 0), u32(value, 4));
    default:
      return decodeOddInteger(value, path, leniency, 0);
  }
}

/** @param signBits how far to shift three bytes up and down again: 8 carries their sign, 0 keeps them as they are */
function decodeOddInteger(value: Uint8Array, path: Path, leniency: Leniency, signBits: 0 | 8): number {
  if (value.length === 0 && leniency.zeroLengthInteger) return 0;
  if (value.length === 3 && leniency.threeByteInteger) {
    return (((u16(value, 0) << 8) | (value[2] ?? 0)) << signBits) >> signBits;
  }
  throw new ContentError('wrong-type', { path });
}

function decodeFloat(value: Uint8Array, path: Path): number {
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  if (value.length === 8) return view.getFloat64(0);
  if (value.length === 4) return view.getFloat32(0);
  throw new ContentError('wrong-type', { path });
}

/**
 * Unsigned integers leave the first bit 0 where there is a wider form: any width is allowed, and decoders that know signed
 * integers alone (Leshan 2.0 among them) would read 0xbc1c as 2^64 − 17380.
 */
function encodeInteger(writer: TlvWriter, value: number | bigint): void {
  if (value >= -0x80 && value <= 0x7f) writeUnsigned(writer, Number(value), 1);
  else if (value >= -0x8000 && value <= 0x7fff) writeUnsigned(writer, Number(value), 2);
  else if (value >= -0x8000_0000 && value <= 0x7fff_ffff) writeUnsigned(writer, Number(value), 4);
  else {
    const wide = BigInt(value);
    writeUnsigned(writer, Number(BigInt.asIntN(32, wide)), 4);
    writeUnsigned(writer, Number(BigInt.asIntN(32, wide >> 32n)), 4);
  }
}

/** Four bytes where they hold the number exactly, eight otherwise. */
function encodeFloat(writer: TlvWriter, value: number): void {
  const single = Object.is(Math.fround(value), value);
  if (single) scratch.setFloat32(0, value);
  else scratch.setFloat64(0, value);
  if (!single) writeUnsigned(writer, scratch.getInt32(4), 4);
  writeUnsigned(writer, scratch.getInt32(0), 4);
}

/** Backwards, as all is written. What is not ASCII is left to the platform. */
function encodeText(writer: TlvWriter, text: string): void {
  const { length } = text;
  if (length <= SHORT_TEXT_LENGTH) {
    const at = reserve(writer, length);
    const { bytes } = writer;
    let seen = 0;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      seen |= unit;
      bytes[at + index] = unit;
    }
    if (seen < 0x80) return;
    writer.start += length;
  }
  writeTlvBytes(writer, encodeUtf8(text));
}

function u16(value: Uint8Array, index: number): number {
  return ((value[index] ?? 0) << 8) | (value[index + 1] ?? 0);
}

function u32(value: Uint8Array, index: number): number {
  return ((u16(value, index) << 16) | u16(value, index + 2)) >>> 0;
}

/** Two halves of 64 bits: a number where that is exact. */
function wide(high: number, low: number): number | bigint {
  const sum = high * 0x1_0000_0000 + low;
  return Number.isSafeInteger(sum) ? sum : normalizeInteger((BigInt(high) << 32n) | BigInt(low));
}
