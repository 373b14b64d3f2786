/** The size of memory that short payloads share. Who keeps one of them for long may keep as much alive. */
const SLAB_BYTES = 32_768;
/** Longer payloads get memory of their own, so that little of a slab is lost at its end. */
const SHARED_BYTES_MAX = 2048;
/** Up to this length the engine keeps an array within its own heap, which is as fast and holds no slab. */
const INLINE_BYTES_MAX = 64;
/** A buffer that once grew beyond this is not kept for the next payload. */
const KEPT_CAPACITY_MAX = 65_536;

/** A payload that is being written, where it stays: in memory that short payloads share. */
export class PayloadWriter {
  /** Holds what was written. */
  bytes: Uint8Array = new Uint8Array(SLAB_BYTES);
  /** The same memory. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Index of the payload's first byte. */
  start = 0;
  /** Index of the next byte. */
  offset = 0;
  /** Whether floats of 16 bits are written where they are exact. Constrained decoders may lack them. */
  halfFloats = true;
}

/**
 * The writer of the last payload, for the next one. It is never without life: the engine throws away what it optimized for a
 * shape when all objects of that shape die.
 */
let spare: PayloadWriter | undefined;

/** Begins a payload. @param halfFloats whether floats of 16 bits are written where they are exact */
export function beginWriting(halfFloats = true): PayloadWriter {
  const writer = spare ?? new PayloadWriter();
  spare = undefined;
  writer.halfFloats = halfFloats;
  return writer;
}

/** The payload, of exactly its size. */
export function finishWriting(writer: PayloadWriter): Uint8Array {
  const { bytes, start, offset } = writer;
  const length = offset - start;
  const shared = length > INLINE_BYTES_MAX && length <= SHARED_BYTES_MAX;
  if (shared) writer.start = offset;
  else writer.offset = start;
  if (bytes.length <= KEPT_CAPACITY_MAX) spare = writer;
  return shared ? new Uint8Array(bytes.buffer, start, length) : bytes.slice(start, offset);
}

/** Makes sure that so many bytes can be written. @returns where they are to begin */
export function makeRoom(writer: PayloadWriter, length: number): number {
  if (writer.offset + length > writer.bytes.length) grow(writer, length);
  return writer.offset;
}

function grow(writer: PayloadWriter, length: number): void {
  const { bytes, start, offset } = writer;
  writer.bytes = new Uint8Array(Math.max(SLAB_BYTES, 2 * (offset - start + length)));
  writer.bytes.set(bytes.subarray(start, offset));
  writer.view = new DataView(writer.bytes.buffer);
  writer.start = 0;
  writer.offset = offset - start;
}

/** Writes bytes as they are. */
export function writeRaw(writer: PayloadWriter, value: Uint8Array): void {
  const at = makeRoom(writer, value.length);
  writer.bytes.set(value, at);
  writer.offset = at + value.length;
}

/** Writes one byte. */
export function writeByte(writer: PayloadWriter, byte: number): void {
  const at = makeRoom(writer, 1);
  writer.bytes[at] = byte;
  writer.offset = at + 1;
}
