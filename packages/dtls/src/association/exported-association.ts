import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import type { Established } from '../handshake/handshake-role.ts';
import { type CipherSuite, cipherSuiteOf } from '../record/cipher-suite.ts';
import { keyLengthsOf } from '../record/create-protection.ts';
import type { DirectionKeys, KeyLengths } from '../record/key-derivation.ts';
import type { RecordLayerState } from '../record/record-layer.ts';
import { REPLAY_WORDS } from '../record/replay-window.ts';
import { readPeerCertificate, writePeerCertificate } from '../session/peer-certificate-bytes.ts';
import { PSK_IDENTITY_BYTES_MAX, RANDOM_BYTES, RECORD_CONTENT_BYTES_MAX, SEQUENCE_MAX } from '../wire/index.ts';

/** What is known of an association beside its records: all of `Established` but its suite, and how it began. */
export type KnownPeer = Omit<Established, 'isResumed' | 'cipherSuite'>;

/** What a server knows of an association beside that. */
interface ServerPlace {
  /** Its name. */
  readonly peer: string;
  /** Where it is. */
  readonly address: string;
  /** 32 bytes of its ClientHello. */
  readonly clientRandom: Uint8Array;
  /** What the client puts into its records; empty: nothing. */
  readonly connectionId: Uint8Array;
  /** Under which its session is kept; empty: it is not. */
  readonly sessionId: Uint8Array;
  /** Whether nobody confirmed yet that it is there. */
  readonly isLimited: boolean;
  /** For how long nothing came, in milliseconds. */
  readonly silentMs: number;
}

/** An association that ended here, and goes on where it is imported. As secret as its keys. */
export interface ExportedAssociation {
  readonly cipherSuite: CipherSuite;
  readonly encryptThenMac: boolean;
  readonly layer: RecordLayerState;
  /** Bytes of the ID that the peer puts into its records; 0: none. */
  readonly connectionIdBytes: number;
  readonly checksPaths: boolean;
  /** Records whose keys did not fit. */
  readonly authenticationFailures: number;
  readonly known: KnownPeer;
  /** `undefined`: of a client. */
  readonly place: ServerPlace | undefined;
}

/** What an export begins with; another layout takes another number. */
const LAYOUT = 1;
const TWO_TO_32 = 2 ** 32;
const FLAGS = { isServer: 1, macFirst: 2, checksPaths: 4, extendedMasterSecret: 8, isLimited: 16, limitsAll: 32 };
const FLAGS_END = 64;

/** Encodes an association. The bytes are as secret as its keys. */
export function encodeExportedAssociation(exported: ExportedAssociation): Uint8Array {
  const { layer, known, place } = exported;
  const writer = new ByteWriter(256);
  writer.u8(LAYOUT);
  writer.u16(exported.cipherSuite.id);
  writer.u8(
    (place === undefined ? 0 : FLAGS.isServer) |
      (exported.encryptThenMac ? FLAGS.macFirst : 0) |
      (exported.checksPaths ? FLAGS.checksPaths : 0) |
      (known.extendedMasterSecret ? FLAGS.extendedMasterSecret : 0) |
      (place?.isLimited === true ? FLAGS.isLimited : 0) |
      (layer.limits.isForAll ? FLAGS.limitsAll : 0),
  );
  writer.u8(exported.connectionIdBytes);
  writeNumber(writer, layer.nextSequence);
  // The greatest number that came, -1 where none did.
  writeNumber(writer, layer.window.newest + 1);
  for (const word of layer.window.seen) writer.u32(word >>> 0);
  for (const { macKey, key, iv } of [layer.read, layer.write]) for (const part of [macKey, key, iv]) writer.bytes(part);
  writer.u32(exported.authenticationFailures);
  for (const limit of [layer.limits.sendBytesMax, layer.limits.receiveBytesMax]) writer.u16(limit);
  for (const short of [layer.peerConnectionId, known.identity, encodeUtf8(known.serverName)]) writeShort(writer, short);
  writePeerCertificate(writer, known.peerCertificate);
  if (place !== undefined) writePlace(writer, place);
  return writer.finish();
}

/**
 * Decodes an association. Byte arrays are copies.
 *
 * @throws {DecodeError} `unknown-version` (another layout), `reserved-value` (a suite, a flag or a form that nobody knows),
 *   `bad-value` (a number or a limit out of its bounds), `too-long`, `too-many`, `bad-utf8`, `truncated` or `trailing-bytes`
 */
export function decodeExportedAssociation(bytes: Uint8Array): ExportedAssociation {
  const reader = new ByteReader(bytes, 'RFC 6347 §4.1');
  if (reader.u8() !== LAYOUT) throw reader.error('unknown-version', 0);
  const cipherSuite = cipherSuiteOf(reader.u16());
  if (cipherSuite === undefined) throw reader.error('reserved-value', 1);
  const flags = reader.u8();
  if (flags >= FLAGS_END) throw reader.error('reserved-value', 3);
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const connectionIdBytes = reader.u8();
  const nextSequence = readNumber(reader);
  const newest = readNumber(reader) - 1;
  const seen = Array.from({ length: REPLAY_WORDS }, () => reader.u32() | 0);
  const lengths = keyLengthsOf(cipherSuite);
  const keys = { read: readKeys(reader, lengths), write: readKeys(reader, lengths) };
  const authenticationFailures = reader.u32();
  const limits = {
    sendBytesMax: readLimit(reader),
    receiveBytesMax: readLimit(reader),
    isForAll: has(FLAGS.limitsAll),
  };
  const peerConnectionId = readShort(reader);
  const known = {
    identity: readShort(reader, PSK_IDENTITY_BYTES_MAX),
    serverName: decodeUtf8(readShort(reader)),
    extendedMasterSecret: has(FLAGS.extendedMasterSecret),
    peerCertificate: readPeerCertificate(reader),
  };
  const place = has(FLAGS.isServer) ? readPlace(reader, has(FLAGS.isLimited)) : undefined;
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  const wantsId = connectionIdBytes > 0;
  const layer = { nextSequence, window: { newest, seen }, ...keys, peerConnectionId, wantsId, limits };
  const agreed = { cipherSuite, encryptThenMac: has(FLAGS.macFirst), checksPaths: has(FLAGS.checksPaths) };
  return { ...agreed, layer, connectionIdBytes, authenticationFailures, known, place };
}

function writePlace(writer: ByteWriter, place: ServerPlace): void {
  for (const short of [encodeUtf8(place.peer), encodeUtf8(place.address), place.connectionId, place.sessionId])
    writeShort(writer, short);
  writer.bytes(place.clientRandom);
  writeNumber(writer, Math.max(Math.floor(place.silentMs), 0));
}

function readPlace(reader: ByteReader, isLimited: boolean): ServerPlace {
  return {
    peer: decodeUtf8(readShort(reader)),
    address: decodeUtf8(readShort(reader)),
    connectionId: readShort(reader),
    sessionId: readShort(reader),
    clientRandom: copyOf(reader.take(RANDOM_BYTES)),
    isLimited,
    silentMs: readNumber(reader),
  };
}

function writeShort(writer: ByteWriter, bytes: Uint8Array): void {
  writer.u8(bytes.length);
  writer.bytes(bytes);
}

function readShort(reader: ByteReader, bytesMax = 255): Uint8Array {
  const length = reader.u8();
  if (length > bytesMax) throw reader.error('too-long', reader.offset - 1);
  return copyOf(reader.take(length));
}

/** Up to one more than the last number of a record: then no more can be sent. */
function writeNumber(writer: ByteWriter, value: number): void {
  writer.u24(Math.floor(value / TWO_TO_32));
  writer.u32(value % TWO_TO_32);
}

function readNumber(reader: ByteReader): number {
  const start = reader.offset;
  const value = reader.u24() * TWO_TO_32 + reader.u32();
  if (value > SEQUENCE_MAX + 1) throw reader.error('bad-value', start);
  return value;
}

function readLimit(reader: ByteReader): number {
  const start = reader.offset;
  const limit = reader.u16();
  if (limit === 0 || limit > RECORD_CONTENT_BYTES_MAX) throw reader.error('bad-value', start);
  return limit;
}

function readKeys(reader: ByteReader, { macKeyBytes, keyBytes, ivBytes }: KeyLengths): DirectionKeys {
  const [macKey, key, iv] = [macKeyBytes, keyBytes, ivBytes].map((length) => copyOf(reader.take(length)));
  return { macKey: macKey ?? NONE, key: key ?? NONE, iv: iv ?? NONE };
}

const NONE = new Uint8Array(0);
