import type { CryptoProvider } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import type { DtlsParameters } from '../parameters.ts';
import type { CipherSuite, CipherSuiteId } from '../record/cipher-suite.ts';
import type { RecordProtection } from '../record/record-protection.ts';
import type { FlightItem } from './flight.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';

/** What both roles need. */
export interface HandshakeContext {
  /** The cryptography. */
  readonly provider: CryptoProvider;
  /** Where randoms, session ids and stand-in keys come from. */
  readonly random: RandomSource;
  /** Limits and times. */
  readonly parameters: DtlsParameters;
  /** Suites in the order in which they are preferred. */
  readonly cipherSuites: readonly CipherSuiteId[];
}

/** What follows from a message. */
export interface HandshakeStep {
  /** Keys of epoch 1 for receiving, and for sending from the next ChangeCipherSpec on. */
  readonly keys?: { readonly read: RecordProtection; readonly write: RecordProtection };
  /** What the peer puts into its records of epoch 1, and what goes into those for it. */
  readonly connectionIds?: { readonly own: Uint8Array; readonly peer: Uint8Array };
  /** The next flight. */
  readonly flight?: readonly FlightItem[];
  /** The key of this identity is wanted; until it is there, no further message is handled. */
  readonly wantedIdentity?: Uint8Array;
  /** Both Finished were checked. */
  readonly established?: { readonly cipherSuite: CipherSuite; readonly extendedMasterSecret: boolean };
}

/** One side of a handshake: whole messages in, what to do out; throws `HandshakeError` and `DecodeError`. */
export interface HandshakeRole {
  /** Begins. */
  start(): HandshakeStep;
  /** Handles the next message. */
  handleMessage(message: HandshakeMessage): HandshakeStep;
  /** Answers `wantedIdentity`; `undefined`: nobody has that identity. */
  provideKey(key: Uint8Array | undefined): HandshakeStep;
  /** Forgets secrets. */
  destroy(): void;
}
