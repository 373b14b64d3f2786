import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { payloadStart, walkOptions } from './decode-message.ts';
import { readOptions, view } from './decoded-message.ts';
import {
  checkTokenLength,
  type EncodeMessageOptions,
  encodedLengthMax,
  encodeOptionsAndPayload,
  lengthNibble,
  writeBytes,
  writeExtension,
} from './encode-message.ts';
import type { ReliableMessage } from './message.ts';
import { OptionCursor } from './option-cursor.ts';
import { decodeTokenLength, tokenStart } from './token-length.ts';

/** What a decoder of frames accepts beyond RFC 8323, and up to where. */
export interface DecodeFrameOptions {
  /** Accept tokens of 9 to 65804 bytes (RFC 8974 §2.1). Default: no. */
  readonly extendedTokens?: boolean;
  /** The most options that a message may have. Default: `OPTION_COUNT_MAX`. */
  readonly optionCountMax?: number;
  /** The longest options and payload that are waited for, in bytes. Default: {@link FRAME_LENGTH_MAX}. */
  readonly lengthMax?: number;
}

/** One message of a stream. */
export interface Frame {
  /** The message; token, option values and payload are views of what was decoded. */
  readonly message: ReliableMessage;
  /** How many bytes of the stream it took. */
  readonly length: number;
}

/** The longest options and payload that are waited for unless the caller says otherwise, in bytes. */
export const FRAME_LENGTH_MAX = 1_048_576;

/** A Length field of 15 has four bytes of extension, in which 0 means this (RFC 8323 §3.2). */
const LENGTH_15_BASE = 65805;

/**
 * Decodes the first message of a stream.
 *
 * @param bytes what came of the stream and was not decoded yet
 * @param options what is accepted beyond RFC 8323, and up to where
 * @returns `undefined` as long as the message is not there as a whole
 * @throws {DecodeError} a stream that cannot be read on: `reserved-value`, `truncated` (an option beyond the end of
 *   its message), `empty-payload-after-marker`, `too-many`, `too-long`
 * @see RFC 8323 §3.2; RFC 8974 §2.1
 */
export function decodeFrame(bytes: Uint8Array, options: DecodeFrameOptions = {}): Frame | undefined {
  const first = bytes[0];
  if (first === undefined) return undefined;
  const extensionLength = lengthExtensionBytes(first >>> 4);
  const codeOffset = 1 + extensionLength;
  if (bytes.length < codeOffset) return undefined;
  const length = decodeLength(bytes, first >>> 4);
  if (length > (options.lengthMax ?? FRAME_LENGTH_MAX)) throw error('too-long', 0);
  const nibble = first & 0x0f;
  const start = tokenStart(nibble, codeOffset + 1);
  // A reserved token length is refused at once, however little came of the frame; a missing extension is waited for.
  if (bytes.length < start && nibble !== 15) return undefined;
  const optionsStart = start + decodeTokenLength(bytes, nibble, codeOffset + 1, options.extendedTokens);
  const end = optionsStart + length;
  if (bytes.length < end) return undefined;
  return { message: readMessage(view(bytes, 0, end), { codeOffset, start, optionsStart }, options), length: end };
}

/**
 * Decodes one WebSocket message, which frames by itself: its Length field is always 0.
 *
 * @param bytes one whole binary message
 * @param options what is accepted beyond RFC 8323, and up to where
 * @throws {DecodeError} `reserved-value` for another Length, otherwise as {@link decodeFrame}
 * @see RFC 8323 §4.2
 */
export function decodeWebSocketMessage(bytes: Uint8Array, options: DecodeFrameOptions = {}): ReliableMessage {
  const first = bytes[0];
  if (first === undefined || bytes.length < 2) throw error('truncated', bytes.length);
  if (first >>> 4 !== 0) throw error('reserved-value', 0);
  const nibble = first & 0x0f;
  const start = tokenStart(nibble, 2);
  const optionsStart = start + decodeTokenLength(bytes, nibble, 2, options.extendedTokens);
  if (optionsStart > bytes.length) throw error('truncated', bytes.length);
  if (bytes.length - optionsStart > (options.lengthMax ?? FRAME_LENGTH_MAX)) throw error('too-long', 0);
  return readMessage(bytes, { codeOffset: 1, start, optionsStart }, options);
}

/**
 * Encodes a message for a stream.
 *
 * @param message options in any order; equal numbers keep their order
 * @param options what may be used beyond RFC 8323
 * @returns one frame
 * @throws {RangeError} a field that does not fit the format
 * @see RFC 8323 §3.2
 */
export function encodeFrame(message: ReliableMessage, options?: EncodeMessageOptions): Uint8Array {
  const body = encodeBody(message);
  const nibble = body.length < LENGTH_15_BASE ? lengthNibble(body.length) : 15;
  const header = encodeHeader(message, nibble, options);
  const extension = encodeLengthExtension(body.length, nibble);
  return concatenate([header.subarray(0, 1), extension, header.subarray(1), body]);
}

/**
 * Encodes a message for a WebSocket.
 *
 * @param message options in any order; equal numbers keep their order
 * @param options what may be used beyond RFC 8323
 * @returns one binary message
 * @throws {RangeError} a field that does not fit the format
 * @see RFC 8323 §4.2
 */
export function encodeWebSocketMessage(message: ReliableMessage, options?: EncodeMessageOptions): Uint8Array {
  return concatenate([encodeHeader(message, 0, options), encodeBody(message)]);
}

interface FrameLayout {
  readonly codeOffset: number;
  readonly start: number;
  readonly optionsStart: number;
}

function readMessage(bytes: Uint8Array, layout: FrameLayout, options: DecodeFrameOptions): ReliableMessage {
  const { codeOffset, start, optionsStart } = layout;
  const cursor = new OptionCursor(bytes, optionsStart);
  walkOptions(cursor, options.optionCountMax);
  return {
    code: bytes[codeOffset] ?? 0,
    token: view(bytes, start, optionsStart),
    options: readOptions(bytes, optionsStart),
    payload: view(bytes, payloadStart(bytes, cursor.end), bytes.length),
  };
}

function lengthExtensionBytes(nibble: number): number {
  if (nibble < 13) return 0;
  return nibble === 15 ? 4 : nibble - 12;
}

/** The length of options and payload; the extension is known to be there. */
function decodeLength(bytes: Uint8Array, nibble: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (nibble === 13) return view.getUint8(1) + 13;
  if (nibble === 14) return view.getUint16(1) + 269;
  return nibble === 15 ? view.getUint32(1) + LENGTH_15_BASE : nibble;
}

function encodeLengthExtension(length: number, nibble: number): Uint8Array {
  const extension = new Uint8Array(lengthExtensionBytes(nibble));
  if (nibble === 15) new DataView(extension.buffer).setUint32(0, length - LENGTH_15_BASE);
  else writeExtension(extension, 0, nibble, length);
  return extension;
}

/** First byte, code, and the token with the extension of its length. */
function encodeHeader({ code, token }: ReliableMessage, nibble: number, options?: EncodeMessageOptions): Uint8Array {
  checkTokenLength(token.length, options);
  if (!Number.isInteger(code) || code < 0 || code > 0xff) throw new RangeError('a code is one byte');
  const tokenNibble = lengthNibble(token.length);
  const header = new Uint8Array(tokenStart(tokenNibble, 2) + token.length);
  header[0] = (nibble << 4) | tokenNibble;
  header[1] = code;
  writeBytes(header, writeExtension(header, 2, tokenNibble, token.length), token);
  return header;
}

function encodeBody(message: ReliableMessage): Uint8Array {
  const bytes = new Uint8Array(encodedLengthMax(message));
  return bytes.subarray(0, encodeOptionsAndPayload(bytes, 0, message));
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((offset, part) => writeBytes(bytes, offset, part), 0);
  return bytes;
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: 'RFC 8323 §3.2' });
}
