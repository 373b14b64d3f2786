import { view } from './decoded-message.ts';
import type { Message, Option } from './message.ts';
import { OPTION_NUMBER_MAX, PAYLOAD_MARKER } from './option-cursor.ts';
import { EXTENDED_TOKEN_LENGTH_MAX, TOKEN_LENGTH_MAX } from './token-length.ts';

/** The longest value that an option can have (RFC 7252 §3.1). */
const OPTION_LENGTH_MAX = 65804;

/** What an encoder may use beyond RFC 7252. */
export interface EncodeMessageOptions {
  /** Allow tokens of 9 to 65804 bytes; the peer must know RFC 8974. Default: no. */
  readonly extendedTokens?: boolean;
}

/**
 * Encodes a message into bytes of its own. Short results are parts of a larger `buffer`, as Node's Buffers are: who hands
 * an ArrayBuffer on copies them first.
 *
 * @param message options in any order; equal numbers keep their order
 * @param options what may be used beyond RFC 7252
 * @returns one datagram
 * @throws {RangeError} a field that does not fit the format
 * @see RFC 7252 §3
 */
export function encodeMessage(message: Message, options?: EncodeMessageOptions): Uint8Array {
  // Never to its very end: stores that an engine has seen miss a buffer are slower from then on.
  if (sharedEnd + SHARED_LENGTH_MAX > shared.length) {
    shared = new Uint8Array(SHARED_BYTES);
    sharedEnd = 0;
  }
  const start = sharedEnd;
  const end = write(shared, start, message, options);
  if (end - start <= SHARED_LENGTH_MAX) {
    sharedEnd = end;
    return view(shared, start, end);
  }
  const bytes = new Uint8Array(end - start);
  write(bytes, 0, message, options);
  return bytes;
}

/** What fits a datagram shares a buffer with its neighbours: a typed array for each would cost ten times the encoding. */
const SHARED_LENGTH_MAX = 2048;
const SHARED_BYTES = 65_536;
let shared = new Uint8Array(0);
let sharedEnd = 0;

/**
 * Encodes a message into a buffer that is used again and again.
 *
 * @param buffer takes the message
 * @param offset index of the message's first byte
 * @param message options in any order; equal numbers keep their order
 * @param options what may be used beyond RFC 7252
 * @returns index behind the message's last byte
 * @throws {RangeError} the message does not fit the buffer, or a field does not fit the format
 * @see RFC 7252 §3
 */
export function encodeMessageInto(
  buffer: Uint8Array,
  offset: number,
  message: Message,
  options?: EncodeMessageOptions,
): number {
  const end = write(buffer, offset, message, options);
  if (end > buffer.length) throw tooSmall();
  return end;
}

/** As `encodeMessageInto`, but what does not fit is written nowhere. @returns where it would end */
function write(buffer: Uint8Array, offset: number, message: Message, options?: EncodeMessageOptions): number {
  const { type, code, messageId, token } = message;
  const tokenLength = token.length;
  checkTokenLength(tokenLength, options);
  // Masks refuse what is too large, negative, a fraction or NaN in one comparison each.
  if (type !== (type & 0b11) || code !== (code & 0xff) || messageId !== (messageId & 0xffff)) {
    throw new RangeError('a message has two bits of type, one byte of code and two bytes of message ID');
  }
  const nibble = lengthNibble(tokenLength);
  buffer[offset] = 0x40 | (type << 4) | nibble;
  buffer[offset + 1] = code;
  buffer[offset + 2] = messageId >>> 8;
  buffer[offset + 3] = messageId;
  let end = writeExtension(buffer, offset + 4, nibble, tokenLength);
  end = writeBytes(buffer, end, token);
  return encodeOptionsAndPayload(buffer, end, message);
}

/**
 * Encodes what stands behind the token, the same over every transport. What does not fit the buffer is written nowhere.
 *
 * @param buffer takes the bytes
 * @param offset index of the first of them
 * @param message its options and payload
 * @returns index behind the last byte, were there room
 * @throws {RangeError} a field does not fit the format
 * @see RFC 7252 §3, §3.1
 */
export function encodeOptionsAndPayload(
  buffer: Uint8Array,
  offset: number,
  message: Pick<Message, 'options' | 'payload'>,
): number {
  const end = encodeOptions(buffer, offset, message.options);
  if (message.payload.length === 0) return end;
  buffer[end] = PAYLOAD_MARKER;
  return writeBytes(buffer, end + 1, message.payload);
}

/**
 * The most bytes that a message can take.
 *
 * @param message any message
 * @returns its exact length or a few bytes more
 */
export function encodedLengthMax(message: Pick<Message, 'token' | 'options' | 'payload'>): number {
  let length = 4 + 2 + message.token.length + 1 + message.payload.length;
  for (const { value } of message.options) length += 5 + value.length;
  return length;
}

/**
 * Refuses tokens that the peer could not read.
 *
 * @throws {RangeError}
 * @see RFC 7252 §3; RFC 8974 §2.1
 */
export function checkTokenLength(length: number, options: EncodeMessageOptions | undefined): void {
  const most = options?.extendedTokens ? EXTENDED_TOKEN_LENGTH_MAX : TOKEN_LENGTH_MAX;
  if (length > most) throw new RangeError(`a token has at most ${most} bytes`);
}

/** What is not sorted, or has no place in an order, fails the mask of its delta; it is sorted first, which is seldom. */
function encodeOptions(buffer: Uint8Array, offset: number, options: readonly Option[]): number {
  let end = offset;
  let previous = 0;
  for (const { number, value } of options) {
    const length = value.length;
    const delta = number - previous;
    if (delta !== (delta & OPTION_NUMBER_MAX)) return encodeOptions(buffer, offset, ascending(options));
    if (length > OPTION_LENGTH_MAX) throw noOption();
    const deltaNibble = lengthNibble(delta);
    const valueNibble = lengthNibble(length);
    buffer[end++] = (deltaNibble << 4) | valueNibble;
    if (deltaNibble > 12) end = writeExtension(buffer, end, deltaNibble, delta);
    if (valueNibble > 12) end = writeExtension(buffer, end, valueNibble, length);
    end = writeBytes(buffer, end, value);
    previous = number;
  }
  if (previous > OPTION_NUMBER_MAX) throw noOption();
  return end;
}

/** Equal numbers keep their order. A mask refuses what is too large, negative, a fraction or NaN in one comparison. */
function ascending(options: readonly Option[]): readonly Option[] {
  if (options.some(({ number }) => number !== (number & OPTION_NUMBER_MAX))) throw noOption();
  return options.toSorted((left, right) => left.number - right.number);
}

/**
 * The four bits that announce a length or delta (RFC 7252 §3.1; RFC 8974 §2.1).
 *
 * @param length 0 to 65804
 */
export function lengthNibble(length: number): number {
  if (length < 13) return length;
  return length < 269 ? 13 : 14;
}

/**
 * Writes what the four bits could not say; what does not fit is written nowhere.
 *
 * @returns index behind the extension
 * @see RFC 7252 §3.1; RFC 8974 §2.1
 */
export function writeExtension(buffer: Uint8Array, offset: number, nibble: number, length: number): number {
  if (nibble < 13) return offset;
  if (nibble === 13) {
    buffer[offset] = length - 13;
    return offset + 1;
  }
  buffer[offset] = (length - 269) >>> 8;
  buffer[offset + 1] = length - 269;
  return offset + 2;
}

/** Below this length a loop is faster than `set`. */
const SHORT_LENGTH = 16;

/**
 * Copies bytes; what does not fit is written nowhere.
 *
 * @returns index behind them
 */
export function writeBytes(buffer: Uint8Array, offset: number, bytes: Uint8Array): number {
  const length = bytes.length;
  const end = offset + length;
  if (end > buffer.length) return end;
  if (length > SHORT_LENGTH) buffer.set(bytes, offset);
  else for (let index = 0; index < length; index++) buffer[offset + index] = bytes[index] as number;
  return end;
}

function noOption(): RangeError {
  return new RangeError('an option number is at most 65535, a value at most 65804 bytes');
}

/** The caller's buffer is too small. */
function tooSmall(): RangeError {
  return new RangeError('the message does not fit the buffer');
}
