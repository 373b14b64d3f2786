import type { Instant } from '../effects.ts';
import type { Capabilities, DecodedMessage } from '../wire/index.ts';

/** Why a connection is no more. */
export interface ConnectionLoss {
  /**
   * - `closed`: the network or the peer ended it; `cause` says more.
   * - `aborted`: the peer sent Abort; `detail` has its diagnostic.
   * - `released`: one side sent Release, and what was under way ended or took too long.
   * - `protocol`: the peer broke a rule and was sent Abort; `section` is the rule.
   * - `timeout`: the peer did not send its CSM, or did not answer a Ping.
   * - `local`: this side ended it.
   */
  readonly reason: 'closed' | 'aborted' | 'released' | 'protocol' | 'timeout' | 'local';
  /** For the log and the message of an error. */
  readonly detail: string;
  /** `protocol`: where the rule is written. */
  readonly section?: string;
  /** What the network said. */
  readonly cause?: Error | undefined;
  /** `released`: what the peer asked for. */
  readonly advice?: ReleaseAdvice;
}

/** What a Release asks for, besides closing the connection (RFC 8323 §5.5). */
export interface ReleaseAdvice {
  /** Alternative-Address: where to connect to instead, as `host:port`; any of them. */
  readonly alternativeAddresses: readonly string[];
  /** Hold-Off: for how many seconds not to connect again. */
  readonly holdOffSeconds: number | undefined;
  /** What the peer says in words. */
  readonly diagnostic: string;
}

/**
 * What one connection tells.
 *
 * - `capabilities`: a CSM came; `isFirst` for the first.
 * - `message`: a request or a response.
 * - `pong`: the answer to our Ping of this token.
 * - `release`: the peer wants to be rid of the connection; it is closed when what is under way has ended.
 * - `ended`: nothing is sent or taken any more; the transport is to close, once what was sent is out.
 */
export type ConnectionEvent =
  | { readonly kind: 'capabilities'; readonly capabilities: Capabilities; readonly isFirst: boolean }
  | { readonly kind: 'message'; readonly message: DecodedMessage }
  | { readonly kind: 'pong'; readonly token: Uint8Array; readonly hasCustody: boolean }
  | { readonly kind: 'release'; readonly advice: ReleaseAdvice }
  | { readonly kind: 'ended'; readonly loss: ConnectionLoss };

/** The answer to a Ping. */
export type Pong = Extract<ConnectionEvent, { readonly kind: 'pong' }>;

/** Where the effects of one step of a connection are gathered. */
export interface ConnectionStep {
  readonly now: Instant;
  /** Frames in the order in which they are to be sent. */
  readonly frames: Uint8Array[];
  /** What came of it, in order. */
  readonly events: ConnectionEvent[];
}
