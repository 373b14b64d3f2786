import { ByteReader, ByteWriter, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import type { PeerCertificate } from '../credentials/certificate-credential.ts';
import { type CipherSuite, cipherSuiteOf } from '../record/cipher-suite.ts';
import { fragmentLengthOf, PSK_IDENTITY_BYTES_MAX } from '../wire/index.ts';
import { readPeerCertificate, writePeerCertificate } from './peer-certificate-bytes.ts';

/** Bytes of a master secret (RFC 5246 §8.1). */
const MASTER_SECRET_BYTES = 48;
/** Bytes of {@link Session.binding}. */
const BINDING_BYTES = 32;
/** What an encoded session begins with; another layout takes another number. */
const LAYOUT = 1;
/** The number of a fragment length stands above the flag. */
const FRAGMENT_LENGTH_SHIFT = 1;

/**
 * What a later handshake goes on from. Only handshakes with the extended master secret leave one (RFC 7627 §5.4).
 * Byte arrays of a decoded one are copies.
 */
export interface Session {
  /** The suite, which is also that of the later handshake (RFC 5246 §7.4.1.3). */
  readonly cipherSuite: CipherSuite;
  /** Whether CBC was agreed on with RFC 7366. */
  readonly encryptThenMac: boolean;
  /** The number of `max_fragment_length` that was agreed on, which counts for later handshakes too (RFC 6066 §4); 0: none. */
  readonly fragmentLengthCode: number;
  /** 48 bytes, secret. */
  readonly masterSecret: Uint8Array;
  /** 32 bytes that stand for the credential of this side: a changed one ends the session. */
  readonly binding: Uint8Array;
  /** What the client called the server (RFC 6066 §3); empty: nothing. */
  readonly serverName: string;
  /** Who the client said that it is, where both had a pre-shared key. */
  readonly identity: Uint8Array;
  /** What the peer showed and was believed for. */
  readonly peerCertificate: PeerCertificate | undefined;
}

/**
 * Encodes a session for a store or a ticket. The bytes are as secret as the keys.
 *
 * @throws {RangeError} a field that does not fit
 */
export function encodeSession(session: Session): Uint8Array {
  const { cipherSuite, masterSecret, binding, peerCertificate, identity } = session;
  const writer = new ByteWriter(160);
  writer.u8(LAYOUT);
  writer.u16(cipherSuite.id);
  writer.u8((session.encryptThenMac ? 1 : 0) | (session.fragmentLengthCode << FRAGMENT_LENGTH_SHIFT));
  writer.bytes(masterSecret);
  writer.bytes(binding);
  const serverName = encodeUtf8(session.serverName);
  for (const short of [serverName, identity]) {
    writer.u8(short.length);
    writer.bytes(short);
  }
  writePeerCertificate(writer, peerCertificate);
  return writer.finish();
}

/**
 * Decodes a session.
 *
 * @throws {DecodeError} `unknown-version` (another layout), `reserved-value` (a suite or a form that nobody knows),
 *   `bad-utf8`, `too-long`, `too-many`, `truncated` or `trailing-bytes`
 */
export function decodeSession(bytes: Uint8Array): Session {
  const reader = new ByteReader(bytes, 'RFC 5246 §7.3');
  if (reader.u8() !== LAYOUT) throw reader.error('unknown-version', 0);
  const cipherSuite = cipherSuiteOf(reader.u16());
  if (cipherSuite === undefined) throw reader.error('reserved-value', 1);
  const flags = reader.u8();
  const fragmentLengthCode = flags >>> FRAGMENT_LENGTH_SHIFT;
  if (fragmentLengthOf(fragmentLengthCode) === undefined) throw reader.error('reserved-value', 3);
  const masterSecret = copyOf(reader.take(MASTER_SECRET_BYTES));
  const binding = copyOf(reader.take(BINDING_BYTES));
  const serverName = decodeUtf8(reader.take(reader.u8()));
  const identityAt = reader.offset;
  const identity = copyOf(reader.take(reader.u8()));
  if (identity.length > PSK_IDENTITY_BYTES_MAX) throw reader.error('too-long', identityAt);
  const peerCertificate = readPeerCertificate(reader);
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  const agreed = { cipherSuite, encryptThenMac: (flags & 1) === 1, fragmentLengthCode };
  return { ...agreed, masterSecret, binding, serverName, identity, peerCertificate };
}
