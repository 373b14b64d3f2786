import { ByteReader, ByteWriter } from '@motestack/bytes';
import { type DigitallySigned, encodeDigitallySigned, readDigitallySigned } from './signature-scheme.ts';

/** What a message of a key exchange has in it: identities where a PSK is used, points where ECDHE is. */
export interface KeyExchangeForm {
  /** Whether an identity, or a hint, comes first. */
  readonly hasIdentity: boolean;
  /** Whether there is the public half of an ephemeral key. */
  readonly hasPoint: boolean;
  /** Whether that is signed; only by the server. */
  readonly isSigned: boolean;
}

/** The server's ephemeral key. */
export interface ServerEcdhParameters {
  /** Mostly one of `NamedGroup`. */
  readonly group: number;
  /** The public half. A view of the input. */
  readonly point: Uint8Array;
}

/** What the server adds to the key exchange. Byte arrays are views of the input. */
export interface ServerKeyExchange {
  /** Helps clients with several identities to choose. */
  readonly identityHint: Uint8Array | undefined;
  /** The ephemeral key. */
  readonly parameters: ServerEcdhParameters | undefined;
  /** The parameters as they stand in the message: what is signed. */
  readonly parameterBytes: Uint8Array;
  /** The signature. */
  readonly signed: DigitallySigned | undefined;
}

/** What the client adds to the key exchange. Byte arrays are views of the input. */
export interface ClientKeyExchange {
  /** By which the server knows the client. */
  readonly identity: Uint8Array | undefined;
  /** The public half of the ephemeral key. */
  readonly point: Uint8Array | undefined;
}

/** The longest identity and hint that are taken: what every implementation has to know (RFC 4279 §5.3). */
export const PSK_IDENTITY_BYTES_MAX = 128;

/** ECCurveType `named_curve`, the one that is used (RFC 8422 §5.4). */
const NAMED_CURVE = 3;

/**
 * Decodes a ServerKeyExchange.
 *
 * @throws {DecodeError} `truncated`, `too-long` (the hint), `bad-value` (a curve without a name) or `trailing-bytes`
 * @see RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.4
 */
export function decodeServerKeyExchange(body: Uint8Array, form: KeyExchangeForm): ServerKeyExchange {
  const reader = new ByteReader(body, 'RFC 8422 §5.4');
  const identityHint = form.hasIdentity ? readIdentity(reader) : undefined;
  const start = reader.offset;
  const parameters = form.hasPoint ? readParameters(reader) : undefined;
  const parameterBytes = body.subarray(start, reader.offset);
  const signed = form.isSigned ? readDigitallySigned(reader) : undefined;
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { identityHint, parameters, parameterBytes, signed };
}

/** Encodes the parameters of a server, which are what it signs. */
export function encodeServerEcdhParameters({ group, point }: ServerEcdhParameters): Uint8Array {
  const writer = new ByteWriter(4 + point.length);
  writer.u8(NAMED_CURVE);
  writer.u16(group);
  writer.u8(point.length);
  writer.bytes(point);
  return writer.finish();
}

/**
 * Encodes a ServerKeyExchange.
 *
 * @throws {RangeError} a hint of more than 128 bytes
 */
export function encodeServerKeyExchange(
  exchange: Pick<ServerKeyExchange, 'identityHint' | 'parameterBytes' | 'signed'>,
): Uint8Array {
  const { identityHint, parameterBytes, signed } = exchange;
  const writer = new ByteWriter(64);
  if (identityHint !== undefined) writeIdentity(writer, identityHint);
  writer.bytes(parameterBytes);
  if (signed !== undefined) writer.bytes(encodeDigitallySigned(signed));
  return writer.finish();
}

/**
 * Decodes a ClientKeyExchange.
 *
 * @throws {DecodeError} `truncated`, `too-long` (the identity) or `trailing-bytes`
 * @see RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.7
 */
export function decodeClientKeyExchange(
  body: Uint8Array,
  form: Pick<KeyExchangeForm, 'hasIdentity' | 'hasPoint'>,
): ClientKeyExchange {
  const reader = new ByteReader(body, 'RFC 8422 §5.7');
  const identity = form.hasIdentity ? readIdentity(reader) : undefined;
  const point = form.hasPoint ? reader.take(reader.u8()) : undefined;
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return { identity, point };
}

/**
 * Encodes a ClientKeyExchange.
 *
 * @throws {RangeError} an identity of more than 128 bytes
 */
export function encodeClientKeyExchange({ identity, point }: ClientKeyExchange): Uint8Array {
  const writer = new ByteWriter(64);
  if (identity !== undefined) writeIdentity(writer, identity);
  if (point !== undefined) {
    writer.u8(point.length);
    writer.bytes(point);
  }
  return writer.finish();
}

function readParameters(reader: ByteReader): ServerEcdhParameters {
  const start = reader.offset;
  if (reader.u8() !== NAMED_CURVE) throw reader.error('bad-value', start);
  return { group: reader.u16(), point: reader.take(reader.u8()) };
}

function readIdentity(reader: ByteReader): Uint8Array {
  const start = reader.offset;
  const length = reader.u16();
  if (length > PSK_IDENTITY_BYTES_MAX) throw reader.error('too-long', start);
  return reader.take(length);
}

function writeIdentity(writer: ByteWriter, identity: Uint8Array): void {
  if (identity.length > PSK_IDENTITY_BYTES_MAX) throw new RangeError('a PSK identity has at most 128 bytes');
  writer.u16(identity.length);
  writer.bytes(identity);
}
