import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';

/** Ends the options and announces a payload (RFC 7252 §3). */
export const PAYLOAD_MARKER = 0xff;

/** The largest option number that the registry can hold (RFC 7252 §12.2). */
export const OPTION_NUMBER_MAX = 0xffff;

const SECTION = 'RFC 7252 §3.1';

/**
 * Walks over the options of a message as they stand on the wire, without making an object for any of them.
 *
 * Every read is checked against the end of the bytes: the walk is safe over any bytes.
 *
 * @see RFC 7252 §3.1
 */
export class OptionCursor {
  /** Number of the current option; 0 before the first. */
  number = 0;
  /** Index of the current option's first value byte. */
  start: number;
  /** Index behind the current option's last value byte. */
  end: number;
  readonly #bytes: Uint8Array;

  /**
   * @param bytes the message, to its end
   * @param offset index of the first option
   */
  constructor(bytes: Uint8Array, offset: number) {
    this.#bytes = bytes;
    this.start = offset;
    this.end = offset;
  }

  /**
   * Goes on to the next option.
   *
   * @returns false when there is none: `end` is then the end of the bytes or the index of the payload marker
   * @throws {DecodeError} `truncated`, `reserved-value` for a delta or length of 15, `too-long` for a number beyond 65535
   */
  next(): boolean {
    const bytes = this.#bytes;
    const length = bytes.length;
    let offset = this.end;
    if (offset >= length) return false;
    const first = bytes[offset] as number;
    if (first === PAYLOAD_MARKER) return false;
    const header = offset++;
    let delta = first >>> 4;
    let valueLength = first & 0x0f;
    if (delta > 12) {
      delta = this.#extended(delta, offset);
      offset += delta < 269 ? 1 : 2;
    }
    if (valueLength > 12) {
      valueLength = this.#extended(valueLength, offset);
      offset += valueLength < 269 ? 1 : 2;
    }
    const end = offset + valueLength;
    if (end > length) throw error('truncated', length);
    this.number += delta;
    if (this.number > OPTION_NUMBER_MAX) throw error('too-long', header);
    this.start = offset;
    this.end = end;
    return true;
  }

  #extended(nibble: number, offset: number): number {
    const bytes = this.#bytes;
    if (nibble === 15) throw error('reserved-value', offset - 1);
    if (offset + nibble - 12 > bytes.length) throw error('truncated', bytes.length);
    const high = bytes[offset] as number;
    return nibble === 13 ? high + 13 : (high << 8) + (bytes[offset + 1] as number) + 269;
  }
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: SECTION });
}
