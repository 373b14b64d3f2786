import { ByteReader, ByteWriter } from '@motestack/bytes';
import { decodeExtensions, type Extension, encodeExtensions, extensionsLength } from './extensions.ts';

/** Bytes of `random` in both hellos (RFC 5246 §7.4.1.2). */
export const RANDOM_BYTES = 32;
/** The longest session id (RFC 5246 §7.4.1.2). */
export const SESSION_ID_BYTES_MAX = 32;
/** The one compression method: none. */
export const COMPRESSION_NULL = 0;

/** The client's offer. Byte arrays are views of the input. */
export interface ClientHello {
  /** The newest version that the client knows. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** Empty: no resumption. */
  readonly sessionId: Uint8Array;
  /** Empty before the server's HelloVerifyRequest. */
  readonly cookie: Uint8Array;
  /** Cipher suites in the client's order, and signalling values. */
  readonly cipherSuites: readonly number[];
  /** Compression methods; `COMPRESSION_NULL` has to be among them. */
  readonly compressionMethods: Uint8Array;
  /** Extensions in the order of the message. */
  readonly extensions: readonly Extension[];
}

/** The server's choice. Byte arrays are views of the input. */
export interface ServerHello {
  /** The version of this association. */
  readonly version: number;
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** The id under which the server keeps the keys for a resumption; the client's own: it is resumed. */
  readonly sessionId: Uint8Array;
  /** The cipher suite of this association. */
  readonly cipherSuite: number;
  /** The compression method: 0. */
  readonly compressionMethod: number;
  /** Answers to extensions of the client. */
  readonly extensions: readonly Extension[];
}

/** The server's demand to show that the client hears it (RFC 6347 §4.2.1). */
export interface HelloVerifyRequest {
  /** Says nothing about the version of the association. */
  readonly version: number;
  /** What the next ClientHello has to carry. A view of the input. */
  readonly cookie: Uint8Array;
}

/**
 * Decodes a ClientHello.
 *
 * @throws {DecodeError} `truncated`, `too-long` (session id), `bad-value` (odd or empty lists), or those of
 *   `decodeExtensions`
 * @see RFC 6347 §4.2.1, RFC 5246 §7.4.1.2
 */
export function decodeClientHello(body: Uint8Array): ClientHello {
  const reader = new ByteReader(body, 'RFC 6347 §4.2.1');
  const version = reader.u16();
  const random = reader.take(RANDOM_BYTES);
  const sessionId = decodeSessionId(reader);
  const cookie = reader.take(reader.u8());
  const suitesAt = reader.offset;
  const suites = new ByteReader(reader.take(reader.u16()), 'RFC 5246 §7.4.1.2');
  if (suites.remaining === 0 || suites.remaining % 2 !== 0) throw reader.error('bad-value', suitesAt);
  const cipherSuites: number[] = [];
  while (suites.remaining > 0) cipherSuites.push(suites.u16());
  const compressionsAt = reader.offset;
  const compressionMethods = reader.take(reader.u8());
  if (compressionMethods.length === 0) throw reader.error('bad-value', compressionsAt);
  return { version, random, sessionId, cookie, cipherSuites, compressionMethods, extensions: decodeExtensions(reader) };
}

/** What a cookie is asked for and checked with. Byte arrays are views of the input. */
export interface ClientHelloHead {
  /** 32 bytes. */
  readonly random: Uint8Array;
  /** Empty before the server's HelloVerifyRequest. */
  readonly cookie: Uint8Array;
  /** Version and random; the session id is between it and the cookie. */
  readonly beforeSessionId: Uint8Array;
  /** Cipher suites and compression methods. */
  readonly afterCookie: Uint8Array;
}

/**
 * Decodes no more of a ClientHello than the demand for a cookie takes: most hellos of a flood come no further.
 *
 * @throws {DecodeError} `truncated`, or `too-long` (session id)
 * @see RFC 6347 §4.2.1
 */
export function decodeClientHelloHead(body: Uint8Array): ClientHelloHead {
  const reader = new ByteReader(body, 'RFC 6347 §4.2.1');
  reader.u16();
  const random = reader.take(RANDOM_BYTES);
  const beforeSessionId = body.subarray(0, reader.offset);
  decodeSessionId(reader);
  const cookie = reader.take(reader.u8());
  const start = reader.offset;
  reader.take(reader.u16());
  reader.take(reader.u8());
  return { random, cookie, beforeSessionId, afterCookie: body.subarray(start, reader.offset) };
}

/**
 * Encodes a ClientHello.
 *
 * @throws {RangeError} a field that does not fit
 */
export function encodeClientHello(hello: ClientHello): Uint8Array {
  const { sessionId, cookie, cipherSuites, compressionMethods, extensions } = hello;
  const lists = 1 + sessionId.length + 1 + cookie.length + 2 + 2 * cipherSuites.length + 1 + compressionMethods.length;
  const writer = new ByteWriter(2 + RANDOM_BYTES + lists + extensionsLength(extensions));
  writer.u16(hello.version);
  writer.bytes(hello.random);
  writer.u8(hello.sessionId.length);
  writer.bytes(hello.sessionId);
  writer.u8(hello.cookie.length);
  writer.bytes(hello.cookie);
  writer.u16(hello.cipherSuites.length * 2);
  for (const suite of hello.cipherSuites) writer.u16(suite);
  writer.u8(hello.compressionMethods.length);
  writer.bytes(hello.compressionMethods);
  encodeExtensions(writer, hello.extensions);
  return writer.finish();
}

/**
 * Decodes a ServerHello.
 *
 * @throws {DecodeError} `truncated`, `too-long` (session id), or those of `decodeExtensions`
 * @see RFC 5246 §7.4.1.3
 */
export function decodeServerHello(body: Uint8Array): ServerHello {
  const reader = new ByteReader(body, 'RFC 5246 §7.4.1.3');
  return {
    version: reader.u16(),
    random: reader.take(RANDOM_BYTES),
    sessionId: decodeSessionId(reader),
    cipherSuite: reader.u16(),
    compressionMethod: reader.u8(),
    extensions: decodeExtensions(reader),
  };
}

/**
 * Encodes a ServerHello.
 *
 * @throws {RangeError} a field that does not fit
 */
export function encodeServerHello(hello: ServerHello): Uint8Array {
  const writer = new ByteWriter(2 + RANDOM_BYTES + 1 + hello.sessionId.length + 3 + extensionsLength(hello.extensions));
  writer.u16(hello.version);
  writer.bytes(hello.random);
  writer.u8(hello.sessionId.length);
  writer.bytes(hello.sessionId);
  writer.u16(hello.cipherSuite);
  writer.u8(hello.compressionMethod);
  encodeExtensions(writer, hello.extensions);
  return writer.finish();
}

/**
 * Decodes a HelloVerifyRequest.
 *
 * @throws {DecodeError} `truncated` or `trailing-bytes`
 * @see RFC 6347 §4.2.1
 */
export function decodeHelloVerifyRequest(body: Uint8Array): HelloVerifyRequest {
  const reader = new ByteReader(body, 'RFC 6347 §4.2.1');
  const version = reader.u16();
  const cookie = reader.take(reader.u8());
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { version, cookie };
}

/**
 * Encodes a HelloVerifyRequest.
 *
 * @throws {RangeError} a cookie of more than 255 bytes
 */
export function encodeHelloVerifyRequest(request: HelloVerifyRequest): Uint8Array {
  const writer = new ByteWriter(3 + request.cookie.length);
  writer.u16(request.version);
  writer.u8(request.cookie.length);
  writer.bytes(request.cookie);
  return writer.finish();
}

function decodeSessionId(reader: ByteReader): Uint8Array {
  const length = reader.u8();
  if (length > SESSION_ID_BYTES_MAX) throw reader.error('too-long', reader.offset - 1);
  return reader.take(length);
}
