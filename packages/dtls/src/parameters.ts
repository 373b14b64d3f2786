import { RECORD_CONTENT_BYTES_MAX, RECORD_SIZE_LIMIT_LEAST } from './wire/index.ts';

/** What both roles may be told about a handshake and an association. Times in milliseconds. */
export interface DtlsParameters {
  /** First wait for an answer to a flight; RFC 7925 §11 advises 9,000 on slow links. Default 1,000. */
  readonly retransmitMsInitial: number;
  /** The wait doubles up to this. Default 60,000. */
  readonly retransmitMsMax: number;
  /** A handshake that takes longer is given up, look-ups of credentials included. Default 120,000. */
  readonly handshakeTimeoutMs: number;
  /** Handshake messages are split so that a datagram has at most so many bytes; a ClientHello is never split, and
   * a Finished under CBC with a connection ID may take up to 128. Default 1,232. */
  readonly datagramBytesMax: number;
  /** So large are datagrams of handshakes at most after two time-outs in a row: large ones may get lost on the path, and nobody says so (RFC 6347 §4.1.1.1). Default 548, what IPv4 carries everywhere. */
  readonly datagramBytesAfterTimeouts: number;
  /**
   * The longest content of a record that is taken, 64 to 2^14 bytes: the peer is told (RFC 8449), and a client that
   * takes less than 2^14 asks for it in the older way too (RFC 6066 §4). Default 2^14.
   */
  readonly recordBytesMax: number;
  /** The longest handshake message that is taken. Default 4,096. */
  readonly messageBytesMax: number;
  /** So many messages past the next one are kept until it is their turn. Default 8. */
  readonly messagesAheadMax: number;
  /** Bytes of handshake messages that are kept until they are whole and it is their turn. Default 8,192. */
  readonly reassemblyBytesMax: number;
  /** Protected records that are kept because they came before their keys, or data before the handshake's end. Default 8. */
  readonly earlyRecordsMax: number;
  /** Bytes of such records. Default 8,192. */
  readonly earlyBytesMax: number;
  /** An association ends after so many records that its keys do not fit. Default 2^20. */
  readonly authenticationFailuresMax: number;
  /** A session may be resumed for so long; at most a day is advised (RFC 5246 §F.1.4). Default a day. */
  readonly sessionLifetimeMs: number;
  /** The longest ticket that a client keeps: it has to fit into one ClientHello. Default 768. */
  readonly ticketBytesMax: number;
  /** Refuses peers that do not know the extended master secret (RFC 7627). Default false. */
  readonly requireExtendedMasterSecret: boolean;
}

const defaults: DtlsParameters = {
  retransmitMsInitial: 1000,
  retransmitMsMax: 60_000,
  handshakeTimeoutMs: 120_000,
  datagramBytesMax: 1232,
  datagramBytesAfterTimeouts: 548,
  recordBytesMax: RECORD_CONTENT_BYTES_MAX,
  messageBytesMax: 4096,
  messagesAheadMax: 8,
  reassemblyBytesMax: 8192,
  earlyRecordsMax: 8,
  earlyBytesMax: 8192,
  authenticationFailuresMax: 2 ** 20,
  sessionLifetimeMs: 24 * 3600 * 1000,
  ticketBytesMax: 768,
  requireExtendedMasterSecret: false,
};

/** A record header, a handshake header, protection by an AEAD and a part of the message. */
const DATAGRAM_BYTES_LEAST = 64;

/**
 * Fills in the defaults (RFC 6347 §4.2.4.1 for the times) and checks.
 *
 * @throws {RangeError} a value that is no positive integer, a datagram too small for any fragment, or a record size beyond its bounds
 */
export function resolveParameters(given: Partial<DtlsParameters> = {}): DtlsParameters {
  const resolved = { ...defaults, ...given };
  for (const [name, value] of Object.entries(resolved))
    if (typeof value === 'number' && !(Number.isSafeInteger(value) && value > 0))
      throw new RangeError(`${name} is not a positive integer: ${value}`);
  for (const name of ['datagramBytesMax', 'datagramBytesAfterTimeouts'] as const)
    if (resolved[name] < DATAGRAM_BYTES_LEAST) throw new RangeError(`${name} is less than ${DATAGRAM_BYTES_LEAST}`);
  if (resolved.recordBytesMax < RECORD_SIZE_LIMIT_LEAST || resolved.recordBytesMax > RECORD_CONTENT_BYTES_MAX)
    throw new RangeError(`recordBytesMax is not 64 to 2^14: ${resolved.recordBytesMax}`);
  return resolved;
}
