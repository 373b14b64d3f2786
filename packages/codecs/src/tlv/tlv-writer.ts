import { ID_MAX } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import { TLV_VALUE_BYTES_MAX } from './tlv-header.ts';

/** The size of memory that short payloads share. Who keeps one of them for long may keep as much alive. */
const SLAB_BYTES = 32_768;
/** Longer payloads get memory of their own, so that little of a slab is lost at its beginning. */
const SHARED_BYTES_MAX = 2048;
/** Up to this length the engine keeps an array within its own heap, which is as fast and holds no slab. */
const INLINE_BYTES_MAX = 64;
/** A buffer that once grew beyond this is not kept for the next payload. */
const KEPT_CAPACITY_MAX = 65_536;

/**
 * A TLV payload that is being written from its end to its beginning, so that the length of a value is known when its header
 * is written.
 *
 * Payloads are written where they stay, in memory that short ones share.
 */
export class TlvWriter {
  /** Holds what was written. */
  bytes: Uint8Array = new Uint8Array(SLAB_BYTES);
  /** Index of the first byte that was written. */
  start: number = SLAB_BYTES;
  /** Index behind the payload. */
  end: number = SLAB_BYTES;
}

/**
 * The writer of the last payload, for the next one. It is never without life: the engine throws away what it optimized for a
 * shape when all objects of that shape die.
 */
let spare: TlvWriter | undefined;

/** The type, an id and a length. */
const HEADER_BYTES_MAX = 6;

/** Begins a payload. */
export function beginTlv(): TlvWriter {
  const writer = spare ?? new TlvWriter();
  spare = undefined;
  return writer;
}

/** How many bytes were written. */
export function lengthWritten({ start, end }: TlvWriter): number {
  return end - start;
}

/** Makes room in front of what was written. @returns where it begins */
export function reserve(writer: TlvWriter, length: number): number {
  if (length > writer.start) grow(writer, length);
  writer.start -= length;
  return writer.start;
}

function grow(writer: TlvWriter, length: number): void {
  const { bytes, start, end } = writer;
  const grown = new Uint8Array(Math.max(SLAB_BYTES, 2 * (end - start + length)));
  writer.start = grown.length - (end - start);
  writer.end = grown.length;
  writer.bytes = grown;
  grown.set(bytes.subarray(start, end), writer.start);
}

/**
 * Writes the header of the entry whose value was written since the writer had `lengthBefore` bytes, in its shortest form.
 *
 * @param writer gets it
 * @param type one of `TlvType`
 * @param id 0 to 65534
 * @param lengthBefore what {@link lengthWritten} was before the value
 * @throws {ContentError} `not-representable` for a value of more than 16,777,215 bytes
 * @throws {RangeError} for an id that is none
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function writeTlvHeader(writer: TlvWriter, type: number, id: number, lengthBefore: number): void {
  if (!(id >>> 0 === id && id <= ID_MAX)) throw new RangeError(`no id: ${id}`);
  const length = lengthWritten(writer) - lengthBefore;
  if (length > TLV_VALUE_BYTES_MAX) throw new ContentError('not-representable');
  const end = reserve(writer, HEADER_BYTES_MAX) + HEADER_BYTES_MAX;
  writer.start = putTlvHeader(writer.bytes, end, type, id, length);
}

/**
 * Writes a header in its shortest form where there is room for it.
 *
 * @param bytes get it
 * @param end index behind it: of the value's first byte
 * @param type one of `TlvType`
 * @param id 0 to 65534
 * @param length of the value, up to 24 bits
 * @returns index of its first byte
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function putTlvHeader(bytes: Uint8Array, end: number, type: number, id: number, length: number): number {
  let at = end;
  let first = type << 6;
  if (length < 8) first |= length;
  // The number of length bytes stands in bits 4 and 3.
  else for (let rest = length; rest > 0; rest >>>= 8, first += 8) bytes[--at] = rest;
  bytes[--at] = id;
  if (id > 0xff) {
    bytes[--at] = id >>> 8;
    first |= 0x20;
  }
  bytes[--at] = first;
  return at;
}

/** Writes the lower bytes of an integer in front of `end`, where there is room. @returns index of the first of them */
export function putUnsigned(bytes: Uint8Array, end: number, value: number, width: number): number {
  let rest = value;
  for (let index = end - 1; index >= end - width; index--, rest >>= 8) bytes[index] = rest;
  return end - width;
}

/** Writes the lower bytes of an integer of up to 32 bits. */
export function writeUnsigned(writer: TlvWriter, value: number, width: number): void {
  const at = reserve(writer, width);
  putUnsigned(writer.bytes, at + width, value, width);
}

/** Writes bytes as they are. */
export function writeTlvBytes(writer: TlvWriter, value: Uint8Array): void {
  const at = reserve(writer, value.length);
  writer.bytes.set(value, at);
}

/** Forgets what was written. */
export function abandonTlv(writer: TlvWriter): void {
  writer.start = writer.end;
  spare = writer;
}

/** The payload, of exactly its size. */
export function finishTlv(writer: TlvWriter): Uint8Array {
  const { bytes, start, end } = writer;
  const length = end - start;
  const shared = length > INLINE_BYTES_MAX && length <= SHARED_BYTES_MAX;
  if (shared) writer.end = start;
  else writer.start = end;
  if (bytes.length <= KEPT_CAPACITY_MAX) spare = writer;
  return shared ? new Uint8Array(bytes.buffer, start, length) : bytes.slice(start, end);
}
