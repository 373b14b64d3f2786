import type { ConnectionLoss } from './connection/connection-event.ts';
import type { PeerId } from './effects.ts';

/** What an error of this package may say besides its message. */
export interface CoapErrorDetail {
  /** The peer that it is about, where there is one. */
  readonly peer?: PeerId | undefined;
  /** What led to it. */
  readonly cause?: unknown;
}

/** The codes of {@link CoapError}, one for each class. */
export type CoapErrorCode =
  | 'timeout'
  | 'reset'
  | 'peer-unreachable'
  | 'connection-lost'
  | 'endpoint-closed'
  | 'aborted'
  | 'queue-full'
  | 'body-too-large'
  | 'body-changed'
  | 'protocol'
  | 'response'
  | 'too-many-requests'
  | 'answer';

/** What all errors of an endpoint have in common. */
export abstract class CoapError extends Error {
  /** What happened, for programs. */
  abstract readonly code: CoapErrorCode;
  /** The peer that it is about, where there is one. */
  readonly peer: PeerId | undefined;

  constructor(message: string, detail: CoapErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.peer = detail.peer;
  }
}

/** Nobody answered in time: the transmissions of a request ran out, or its `timeoutMs` passed. */
export class TimeoutError extends CoapError {
  override readonly name: 'TimeoutError' = 'TimeoutError';
  readonly code: 'timeout' = 'timeout';

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is TimeoutError {
    return isCoapError(value, 'TimeoutError', 'timeout');
  }
}

/** The peer refused a message with a Reset (RFC 7252 §4.2). */
export class ResetError extends CoapError {
  override readonly name: 'ResetError' = 'ResetError';
  readonly code: 'reset' = 'reset';

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is ResetError {
    return isCoapError(value, 'ResetError', 'reset');
  }
}

/** The network says that nobody is there: ICMP port unreachable, no route. `cause` is the system's error. */
export class PeerUnreachableError extends CoapError {
  override readonly name: 'PeerUnreachableError' = 'PeerUnreachableError';
  readonly code: 'peer-unreachable' = 'peer-unreachable';

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is PeerUnreachableError {
    return isCoapError(value, 'PeerUnreachableError', 'peer-unreachable');
  }
}

/**
 * The connection is no more over which a request or an observation went: whether a request was acted on, nobody knows.
 * `cause` is the system's error, where there is one.
 */
export class ConnectionLostError extends CoapError {
  override readonly name: 'ConnectionLostError' = 'ConnectionLostError';
  readonly code: 'connection-lost' = 'connection-lost';
  /** Why, and what the peer asked for when it released the connection. */
  readonly loss: ConnectionLoss | undefined;

  constructor(message: string, detail: CoapErrorDetail & { readonly loss?: ConnectionLoss | undefined }) {
    super(message, detail);
    this.loss = detail.loss;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is ConnectionLostError {
    return isCoapError(value, 'ConnectionLostError', 'connection-lost');
  }
}

/** The endpoint was closed, or its transport ended: `cause` says why in that case. */
export class EndpointClosedError extends CoapError {
  override readonly name: 'EndpointClosedError' = 'EndpointClosedError';
  readonly code: 'endpoint-closed' = 'endpoint-closed';

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is EndpointClosedError {
    return isCoapError(value, 'EndpointClosedError', 'endpoint-closed');
  }
}

/** The caller's signal was given; `cause` is its reason. */
export class AbortedError extends CoapError {
  override readonly name: 'AbortedError' = 'AbortedError';
  readonly code: 'aborted' = 'aborted';

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is AbortedError {
    return isCoapError(value, 'AbortedError', 'aborted');
  }
}

/** A limit was reached; `limit` names the parameter that sets it. Nothing was sent. */
export class QueueFullError extends CoapError {
  override readonly name: 'QueueFullError' = 'QueueFullError';
  readonly code: 'queue-full' = 'queue-full';
  /** The name of the limit: a parameter of the endpoint, `message-ids` (RFC 7252 §4.4) or `tokens` (§5.3.1). */
  readonly limit: string;

  constructor(message: string, detail: CoapErrorDetail & { readonly limit: string }) {
    super(message, detail);
    this.limit = detail.limit;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is QueueFullError {
    return isCoapError(value, 'QueueFullError', 'queue-full');
  }
}

/** The response has a body beyond the limit that `limit` names. */
export class BodyTooLargeError extends CoapError {
  override readonly name: 'BodyTooLargeError' = 'BodyTooLargeError';
  readonly code: 'body-too-large' = 'body-too-large';
  /** The parameter of the endpoint: `bodyBytesMax`. */
  readonly limit: string;

  constructor(message: string, detail: CoapErrorDetail & { readonly limit: string }) {
    super(message, detail);
    this.limit = detail.limit;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is BodyTooLargeError {
    return isCoapError(value, 'BodyTooLargeError', 'body-too-large');
  }
}

/**
 * A body changed while its blocks were transferred: the response has another ETag or Content-Format, or a peer began its
 * request anew (RFC 7959 §2.4, §2.5). What came so far is of no use.
 */
export class BodyChangedError extends CoapError {
  override readonly name: 'BodyChangedError' = 'BodyChangedError';
  readonly code: 'body-changed' = 'body-changed';

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is BodyChangedError {
    return isCoapError(value, 'BodyChangedError', 'body-changed');
  }
}

/** The peer answered with something that the specification forbids or this endpoint does not understand. */
export class ProtocolError extends CoapError {
  override readonly name: 'ProtocolError' = 'ProtocolError';
  readonly code: 'protocol' = 'protocol';
  /** Where the rule is written, e.g. `RFC 7252 §5.4.1`. */
  readonly section: string;

  constructor(message: string, detail: CoapErrorDetail & { readonly section: string }) {
    super(message, detail);
    this.section = detail.section;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is ProtocolError {
    return isCoapError(value, 'ProtocolError', 'protocol');
  }
}

function isCoapError(value: unknown, name: string, code: CoapErrorCode): boolean {
  return value instanceof Error && value.name === name && 'code' in value && value.code === code;
}
