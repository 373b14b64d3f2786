import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { isRequestCode, MessageType, TOKEN_LENGTH_MAX } from '../wire/index.ts';

/** What a reader of frames accepts. */
export interface FrameLimits {
  /** The longest message, header and payload together, in bytes. */
  readonly messageBytesMax: number;
  /** The longest token, in bytes; more than 8 by RFC 8974 alone. */
  readonly tokenBytesMax: number;
}

/** Takes one message, laid out as a datagram. @returns whether more are wanted */
export type MessageTaker = (datagram: Uint8Array) => boolean;

/** A Length field of 15 has four bytes of extension, in which 0 means this (RFC 8323 §3.2). */
const LENGTH_15_BASE = 65805;
/** First byte, four bytes of Length, code, two bytes of token length. */
const HEADER_BYTES_MAX = 8;
/** What is held for a message whose end is not there yet grows from here, so that nobody holds what a peer only announces. */
const FIRST_CAPACITY = 4096;

/**
 * Puts messages together from a stream, however it is cut.
 *
 * A message comes out laid out as a datagram (RFC 7252 §3), so that one decoder reads both: Confirmable for a request,
 * Non-confirmable for anything else, message ID 0. Its bytes are copied once, whatever the chunks, and are nobody else's.
 *
 * @see RFC 8323 §3.2
 */
export class FrameReader {
  readonly #limits: FrameLimits;
  readonly #header = new Uint8Array(HEADER_BYTES_MAX);
  #headerLength = 0;
  /** The message so far; `undefined` while the header is not complete. */
  #datagram: Uint8Array | undefined;
  #filled = 0;
  #total = 0;

  constructor(limits: FrameLimits) {
    this.#limits = limits;
  }

  /** How many bytes are held for a message whose end is not there yet. */
  get heldBytes(): number {
    return this.#datagram?.length ?? 0;
  }

  /**
   * Takes a chunk.
   *
   * @param chunk what came of the stream; may be reused when the call returns
   * @param take is called for each message that is complete, in order
   * @throws {DecodeError} a stream that cannot be read on: `reserved-value` for a token length, `too-long`
   */
  read(chunk: Uint8Array, take: MessageTaker): void {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#datagram === undefined) {
        this.#header[this.#headerLength++] = chunk[offset++] as number;
        if (!this.#isHeaderComplete()) continue;
        this.#begin(chunk.length - offset);
      }
      offset = this.#fill(chunk, offset);
      if (this.#filled === this.#total && !take(this.#end())) return;
    }
  }

  #isHeaderComplete(): boolean {
    const first = this.#header[0] as number;
    const tokenNibble = first & 0x0f;
    // Refused at once, however little came of the message.
    if (tokenNibble === 15 || (tokenNibble > TOKEN_LENGTH_MAX && this.#limits.tokenBytesMax <= TOKEN_LENGTH_MAX)) {
      throw error('reserved-value');
    }
    return this.#headerLength === 2 + lengthExtensionBytes(first >>> 4) + tokenExtensionBytes(tokenNibble);
  }

  /** The header is there: the length of the message is known. */
  #begin(available: number): void {
    const header = this.#header;
    const first = header[0] as number;
    const extension = lengthExtensionBytes(first >>> 4);
    const code = header[1 + extension] as number;
    const tokenNibble = first & 0x0f;
    const tokenExtension = tokenExtensionBytes(tokenNibble);
    const tokenLength = fieldValue(header, 2 + extension, tokenNibble);
    if (tokenLength > this.#limits.tokenBytesMax) throw error('reserved-value');
    const rest = tokenLength + fieldValue(header, 1, first >>> 4);
    if (this.#headerLength + rest > this.#limits.messageBytesMax) throw error('too-long');
    this.#total = 4 + tokenExtension + rest;
    const expected = Math.min(this.#total, Math.max(4 + tokenExtension + available, FIRST_CAPACITY));
    const datagram = new Uint8Array(expected);
    datagram[0] = firstByteOf(code, tokenNibble);
    datagram[1] = code;
    for (let index = 0; index < tokenExtension; index++) {
      datagram[4 + index] = header[2 + extension + index] as number;
    }
    this.#datagram = datagram;
    this.#filled = 4 + tokenExtension;
    this.#headerLength = 0;
  }

  /** @returns index behind what belongs to this message */
  #fill(chunk: Uint8Array, offset: number): number {
    const length = Math.min(this.#total - this.#filled, chunk.length - offset);
    if (length === 0) return offset;
    let datagram = this.#datagram as Uint8Array;
    if (this.#filled + length > datagram.length) {
      // Twice as much each time: every byte is copied twice at most, over all.
      const grown = new Uint8Array(Math.min(this.#total, Math.max(2 * datagram.length, this.#filled + length)));
      grown.set(datagram.subarray(0, this.#filled));
      datagram = grown;
      this.#datagram = grown;
    }
    datagram.set(chunk.subarray(offset, offset + length), this.#filled);
    this.#filled += length;
    return offset + length;
  }

  #end(): Uint8Array {
    const datagram = this.#datagram as Uint8Array;
    this.#datagram = undefined;
    return datagram;
  }
}

/**
 * Lays out one WebSocket message as a datagram.
 *
 * @param bytes one whole binary message; is copied
 * @throws {DecodeError} `truncated`, `too-long`, `reserved-value` for a Length other than 0 or a token length
 * @see RFC 8323 §4.2
 */
export function datagramOfMessage(bytes: Uint8Array, limits: FrameLimits): Uint8Array {
  const [first, code] = bytes;
  if (first === undefined || code === undefined) throw error('truncated', 'RFC 8323 §4.2');
  if (bytes.length > limits.messageBytesMax) throw error('too-long', 'RFC 8323 §5.3.1');
  if (first >>> 4 !== 0) throw error('reserved-value', 'RFC 8323 §4.2');
  const tokenNibble = first & 0x0f;
  const isKnown = tokenNibble <= TOKEN_LENGTH_MAX || (tokenNibble < 15 && limits.tokenBytesMax > TOKEN_LENGTH_MAX);
  if (!isKnown) throw error('reserved-value', 'RFC 8323 §3.2');
  const start = 2 + tokenExtensionBytes(tokenNibble);
  if (bytes.length < start) throw error('truncated', 'RFC 8323 §4.2');
  if (fieldValue(bytes, 2, tokenNibble) > limits.tokenBytesMax) throw error('reserved-value', 'RFC 8323 §3.2');
  const datagram = new Uint8Array(bytes.length + 2);
  datagram[0] = firstByteOf(code, tokenNibble);
  datagram[1] = code;
  datagram.set(bytes.subarray(2), 4);
  return datagram;
}

/** Version 1, the type, the length of the token. */
function firstByteOf(code: number, tokenNibble: number): number {
  const type = isRequestCode(code) ? MessageType.Confirmable : MessageType.NonConfirmable;
  return 0x40 | (type << 4) | tokenNibble;
}

function lengthExtensionBytes(nibble: number): number {
  if (nibble < 13) return 0;
  return nibble === 15 ? 4 : nibble - 12;
}

function tokenExtensionBytes(nibble: number): number {
  return nibble < 13 ? 0 : nibble - 12;
}

/** What four bits and their extension say (RFC 8323 §3.2; RFC 8974 §2.1). */
function fieldValue(bytes: Uint8Array, offset: number, nibble: number): number {
  if (nibble < 13) return nibble;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (nibble === 13) return view.getUint8(offset) + 13;
  return nibble === 14 ? view.getUint16(offset) + 269 : view.getUint32(offset) + LENGTH_15_BASE;
}

function error(code: DecodeErrorCode, section: string = 'RFC 8323 §3.2'): DecodeError {
  return new DecodeError(code, { offset: 0, section });
}
