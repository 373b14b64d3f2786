import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { ID_MAX } from '@motestack/model';

/** Where the format is specified. */
export const TLV_SECTION = 'LwM2M Core 1.1.1 §7.4.3';

/** The longest value: its length field has 24 bits (LwM2M Core 1.1.1 §7.4.3). */
export const TLV_VALUE_BYTES_MAX = 0xff_ffff;

/** Bits 7 and 6 of the type byte. */
export const TlvType = { ObjectInstance: 0, ResourceInstance: 1, MultipleResource: 2, Resource: 3 } as const;

/**
 * A place in a TLV payload, and the entry that was read there.
 *
 * One cursor serves all levels: {@link TlvCursor.readHeader} reads the header at `offset`, and the caller sets `offset`
 * to `valueStart` (to go into the entry) or leaves it at the end of the entry.
 */
export class TlvCursor {
  /** What is read. */
  readonly bytes: Uint8Array;
  /** Index of the next header. */
  offset = 0;
  /** The type of the entry that was read last: one of {@link TlvType}. */
  type = 0;
  /** The identifier of the entry that was read last. */
  id = 0;
  /** Index of the first byte of its value. */
  valueStart = 0;
  /** Index behind the last byte of its value. */
  valueEnd = 0;
  #entriesLeft: number;

  /**
   * @param bytes a whole payload
   * @param entriesMax how many headers may be read
   */
  constructor(bytes: Uint8Array, entriesMax: number) {
    this.bytes = bytes;
    this.#entriesLeft = entriesMax;
  }

  /**
   * Reads the header at `offset` and moves `offset` behind the entry.
   *
   * @param end index behind the container: nothing is read from there on
   * @throws {DecodeError} `truncated`, `reserved-value` (identifier 65535), `too-many`
   * @see LwM2M Core 1.1.1 §7.4.3, table "TLV format and description"
   */
  readHeader(end: number): void {
    const { bytes, offset: start } = this;
    const first = bytes[start] as number;
    let id = bytes[start + 1] as number;
    let at = start + 2;
    if ((first & 0x20) > 0) id = (id << 8) | (bytes[at++] as number);
    let lengthBytes = (first >>> 3) & 3;
    let length = lengthBytes === 0 ? first & 7 : 0; // these bits are ignored when there is a length field
    for (; lengthBytes > 0; lengthBytes--) length = (length << 8) | (bytes[at++] as number);
    // What was read behind the end, as nothing or as part of another entry, does not count.
    if (at + length > end) throw this.error('truncated', end);
    if (id > ID_MAX) throw this.error('reserved-value', start + 1);
    if (--this.#entriesLeft < 0) throw this.error('too-many', start);
    this.type = first >>> 6;
    this.id = id;
    this.valueStart = at;
    this.valueEnd = at + length;
    this.offset = at + length;
  }

  /**
   * @param code what is wrong
   * @param offset index of the byte at fault
   * @returns the error to throw
   */
  error(code: DecodeErrorCode, offset: number): DecodeError {
    return new DecodeError(code, { offset, section: TLV_SECTION });
  }
}
