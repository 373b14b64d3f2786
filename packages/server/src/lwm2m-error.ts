import { type ResponseReason, responseMeaning } from './response-meaning.ts';

/** What the server was doing: the operations of the interfaces, by the names that LwM2M gives them. */
export type Operation =
  | 'Read'
  | 'Discover'
  | 'Write'
  | 'Write-Attributes'
  | 'Execute'
  | 'Create'
  | 'Delete'
  | 'Read-Composite'
  | 'Write-Composite'
  | 'Observe'
  | 'Cancel Observation'
  | 'Observe-Composite'
  | 'Cancel Observation-Composite'
  | 'Send'
  | 'Register'
  | 'Update'
  | 'De-register'
  | 'Bootstrap-Request'
  | 'Bootstrap-Discover'
  | 'Bootstrap-Read'
  | 'Bootstrap-Write'
  | 'Bootstrap-Delete'
  | 'Bootstrap-Finish'
  | 'Bootstrap-Pack-Request'
  | 'Event';

/** Each code belongs to one class; `docs/errors.md` says of each what it means and what to do. */
export type LwM2mErrorCode =
  | 'response'
  | 'timeout'
  | 'aborted'
  | 'device-unreachable'
  | 'device-reset'
  | 'connection-lost'
  | 'device-asleep'
  | 'device-gone'
  | 'address-changed'
  | 'registration-replaced'
  | 'server-closed'
  | 'limit-reached'
  | 'unexpected-answer'
  | 'not-observed'
  | 'invalid-argument'
  | 'listener-failed'
  | 'internal';

/** What every error says beside its message. */
export interface LwM2mErrorDetail {
  /** What the server was doing. */
  readonly operation: Operation;
  /** The device it was done to, where there is one. */
  readonly endpoint: string | undefined;
  /** The path it was done on, where there is one. */
  readonly path: string | undefined;
  /** What led to it. */
  readonly cause?: unknown;
  /** An error made where the caller called: its stack becomes the stack of this one. */
  readonly calledFrom?: Error | undefined;
}

/** What all errors of the server have in common. */
export abstract class LwM2mError extends Error {
  /** What happened, for programs. */
  abstract readonly code: LwM2mErrorCode;
  /** What the server was doing. */
  readonly operation: Operation;
  /** The Endpoint Client Name of the device it was done to, where there is one. */
  readonly endpoint: string | undefined;
  /** The path it was done on, e.g. `/3/0/9`, where there is one. */
  readonly path: string | undefined;

  /**
   * @param what what happened, as the message begins
   * @param detail where it happened
   */
  constructor(what: string, detail: LwM2mErrorDetail) {
    super(messageOf(what, detail), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.operation = detail.operation;
    this.endpoint = detail.endpoint;
    this.path = detail.path;
    const stack = stackFrom(detail.calledFrom, `${new.target.name}: ${this.message}`);
    if (stack !== undefined) Object.defineProperty(this, 'stack', { value: stack, configurable: true, writable: true });
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is LwM2mError {
    return (
      value instanceof LwM2mError ||
      (value instanceof Error && 'operation' in value && 'endpoint' in value && 'code' in value)
    );
  }
}

/** The device answered with an error code: `reason` says what it means for this operation, and `clause` where that is written. */
export class ResponseError extends LwM2mError {
  /** Always `ResponseError`. */
  override readonly name = 'ResponseError';
  /** Always `response`. */
  readonly code = 'response';
  /** The answer's code as the RFCs write it, e.g. `4.04`. */
  readonly responseCode: string;
  /** The text that came with it, for people (RFC 7252 §5.5.2); empty where there was none. */
  readonly diagnostic: string;
  /** What the code means for this operation, for programs. */
  readonly reason: ResponseReason;
  /** Where that is written, e.g. `LwM2M Core §6.3.1, Transport §6.7`. */
  readonly clause: string;

  /** @param detail where it happened, and what was answered */
  constructor(detail: LwM2mErrorDetail & { readonly responseCode: string; readonly diagnostic: string }) {
    const { responseCode, diagnostic } = detail;
    const { reason, text, clause } = responseMeaning(detail.operation, responseCode);
    super(`the device answered ${responseCode}: ${text} (${clause})`, detail);
    this.responseCode = responseCode;
    this.diagnostic = diagnostic;
    this.reason = reason;
    this.clause = clause;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is ResponseError {
    return isError(value, 'ResponseError');
  }
}

/** The device did not answer within `timeoutMs` or before a signal of `AbortSignal.timeout` was given, or its transmissions ran out. */
export class TimeoutError extends LwM2mError {
  /** Always `TimeoutError`. */
  override readonly name = 'TimeoutError';
  /** Always `timeout`. */
  readonly code = 'timeout';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is TimeoutError {
    return isError(value, 'TimeoutError') && 'operation' in value;
  }
}

/** The caller's signal was given, for another reason than that its time was over; `cause` is the reason. */
export class AbortedError extends LwM2mError {
  /** Always `AbortedError`. */
  override readonly name = 'AbortedError';
  /** Always `aborted`. */
  readonly code = 'aborted';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is AbortedError {
    return isError(value, 'AbortedError') && 'operation' in value;
  }
}

/** The network says that nobody is at the device's address. */
export class DeviceUnreachableError extends LwM2mError {
  /** Always `DeviceUnreachableError`. */
  override readonly name = 'DeviceUnreachableError';
  /** Always `device-unreachable`. */
  readonly code = 'device-unreachable';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is DeviceUnreachableError {
    return isError(value, 'DeviceUnreachableError');
  }
}

/** The device refused the message itself with a Reset (RFC 7252 §4.2): it restarted, say. */
export class DeviceResetError extends LwM2mError {
  /** Always `DeviceResetError`. */
  override readonly name = 'DeviceResetError';
  /** Always `device-reset`. */
  readonly code = 'device-reset';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is DeviceResetError {
    return isError(value, 'DeviceResetError');
  }
}

/** The connection to the device is gone, and it has not come back by another: a device over TCP, TLS or WebSocket. */
export class ConnectionLostError extends LwM2mError {
  /** Always `ConnectionLostError`. */
  override readonly name = 'ConnectionLostError';
  /** Always `connection-lost`. */
  readonly code = 'connection-lost';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is ConnectionLostError {
    return isError(value, 'ConnectionLostError') && 'operation' in value;
  }
}

/** The device is in queue mode and sleeps, and the caller did not want to wait. Nothing was sent. */
export class DeviceAsleepError extends LwM2mError {
  /** Always `DeviceAsleepError`. */
  override readonly name = 'DeviceAsleepError';
  /** Always `device-asleep`. */
  readonly code = 'device-asleep';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is DeviceAsleepError {
    return isError(value, 'DeviceAsleepError');
  }
}

/** The registration ended: the device de-registered, or its lifetime passed. */
export class DeviceGoneError extends LwM2mError {
  /** Always `DeviceGoneError`. */
  override readonly name = 'DeviceGoneError';
  /** Always `device-gone`. */
  readonly code = 'device-gone';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is DeviceGoneError {
    return isError(value, 'DeviceGoneError');
  }
}

/** The device updated its registration from another address while the request was on its way to the old one. */
export class AddressChangedError extends LwM2mError {
  /** Always `AddressChangedError`. */
  override readonly name = 'AddressChangedError';
  /** Always `address-changed`. */
  readonly code = 'address-changed';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is AddressChangedError {
    return isError(value, 'AddressChangedError');
  }
}

/** The device registered anew; what was asked under the old registration is void. */
export class RegistrationReplacedError extends LwM2mError {
  /** Always `RegistrationReplacedError`. */
  override readonly name = 'RegistrationReplacedError';
  /** Always `registration-replaced`. */
  readonly code = 'registration-replaced';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is RegistrationReplacedError {
    return isError(value, 'RegistrationReplacedError');
  }
}

/** The server was closed. */
export class ServerClosedError extends LwM2mError {
  /** Always `ServerClosedError`. */
  override readonly name = 'ServerClosedError';
  /** Always `server-closed`. */
  readonly code = 'server-closed';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is ServerClosedError {
    return isError(value, 'ServerClosedError');
  }
}

/** One of the server's limits was reached; `limit` names it. Nothing was sent. */
export class LimitReachedError extends LwM2mError {
  /** Always `LimitReachedError`. */
  override readonly name = 'LimitReachedError';
  /** Always `limit-reached`. */
  readonly code = 'limit-reached';
  /** The name of the limit. */
  readonly limit: string;

  /** @param detail where it happened, and the limit's name */
  constructor(detail: LwM2mErrorDetail & { readonly limit: string }) {
    super(`the limit ${detail.limit} is reached`, detail);
    this.limit = detail.limit;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is LimitReachedError {
    return isError(value, 'LimitReachedError');
  }
}

/** The device answered with a success that cannot be used: bytes that cannot be read, another type, another code. */
export class UnexpectedAnswerError extends LwM2mError {
  /** Always `UnexpectedAnswerError`. */
  override readonly name = 'UnexpectedAnswerError';
  /** Always `unexpected-answer`. */
  readonly code = 'unexpected-answer';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is UnexpectedAnswerError {
    return isError(value, 'UnexpectedAnswerError');
  }
}

/** The device answered the value and did not take the observation: nothing will follow. */
export class NotObservedError extends LwM2mError {
  /** Always `NotObservedError`. */
  override readonly name = 'NotObservedError';
  /** Always `not-observed`. */
  readonly code = 'not-observed';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is NotObservedError {
    return isError(value, 'NotObservedError');
  }
}

/** The caller's mistake: a path, a value or an option that means nothing here. Nothing was sent. */
export class InvalidArgumentError extends LwM2mError {
  /** Always `InvalidArgumentError`. */
  override readonly name = 'InvalidArgumentError';
  /** Always `invalid-argument`. */
  readonly code = 'invalid-argument';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is InvalidArgumentError {
    return isError(value, 'InvalidArgumentError');
  }
}

/** A listener threw or rejected; `cause` is what it threw, and `event` says what it listened to. */
export class ListenerError extends LwM2mError {
  /** Always `ListenerError`. */
  override readonly name = 'ListenerError';
  /** Always `listener-failed`. */
  readonly code = 'listener-failed';
  /** The event. */
  readonly event: string;

  /** @param detail where it happened, and the event */
  constructor(detail: LwM2mErrorDetail & { readonly event: string }) {
    super(`a listener of '${detail.event}' failed`, detail);
    this.event = detail.event;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is ListenerError {
    return isError(value, 'ListenerError');
  }
}

/** What should not happen: a store or an authorizer that failed, or a fault in the server itself; `cause` says which. */
export class InternalError extends LwM2mError {
  /** Always `InternalError`. */
  override readonly name = 'InternalError';
  /** Always `internal`. */
  readonly code = 'internal';

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is InternalError {
    return isError(value, 'InternalError');
  }
}

function isError(value: unknown, name: string): value is LwM2mError {
  return value instanceof Error && value.name === name;
}

function messageOf(what: string, { operation, endpoint, path }: LwM2mErrorDetail): string {
  const where = path === undefined ? operation : `${operation} ${path}`;
  return endpoint === undefined ? `${where}: ${what}` : `${where} of ${endpoint}: ${what}`;
}

/**
 * The frames of the caller under the message of the error. A rejection is made when a datagram or a timer comes, far from the
 * line that asked; that line is what an engineer looks for.
 */
function stackFrom(calledFrom: Error | undefined, header: string): string | undefined {
  const stack = calledFrom?.stack;
  if (stack === undefined) return undefined;
  const frames = stack.indexOf('\n    at ');
  return frames < 0 ? undefined : `${header}${stack.slice(frames)}`;
}
