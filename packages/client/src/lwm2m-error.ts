/** What an {@link LwM2mError} of the client may mean; `docs/errors.md` says what to do about each. */
export type ClientErrorCode =
  | 'registration-refused'
  | 'registration-timeout'
  | 'server-unreachable'
  | 'registration-failed'
  | 'handler-failed'
  | 'listener-failed'
  | 'not-here'
  | 'not-kept'
  | 'bad-value'
  | 'aborted'
  | 'client-stopped'
  | 'no-such-server'
  | 'not-registered'
  | 'send-muted'
  | 'send-refused'
  | 'send-failed'
  | 'bootstrap-failed';

/** What the client was doing: the operations of LwM2M, and the calls of its own. */
export type ClientOperation =
  | 'Register'
  | 'Update'
  | 'De-register'
  | 'Read'
  | 'Discover'
  | 'Write'
  | 'Read-Composite'
  | 'Write-Composite'
  | 'Observe-Composite'
  | 'Cancel Composite Observation'
  | 'Write-Attributes'
  | 'Send'
  | 'Execute'
  | 'Create'
  | 'Delete'
  | 'Observe'
  | 'Cancel Observation'
  | 'Notify'
  | 'registered'
  | 'set'
  | 'changed'
  | 'add'
  | 'remove'
  | 'addServer'
  | 'removeServer'
  | 'bootstrap'
  | 'listener';

/** What an error of the client knows beside its code. */
export interface ClientErrorDetail {
  /** What the client was doing. */
  readonly operation: ClientOperation;
  /** The client's endpoint name. */
  readonly endpoint: string;
  /** The server that it is about, where there is one. */
  readonly serverUri?: string | undefined;
  /** The path that it is about, as text, where there is one. */
  readonly path?: string | undefined;
  /** What led to it. */
  readonly cause?: unknown;
}

/** What all errors of the client have in common. Its message holds no keys, identities or values. */
export class LwM2mError extends Error {
  override readonly name: string = 'LwM2mError';
  /** What happened, for programs. */
  readonly code: ClientErrorCode;
  /** What the client was doing. */
  readonly operation: ClientOperation;
  /** The client's endpoint name. */
  readonly endpoint: string;
  /** The server that it is about, where there is one. */
  readonly serverUri: string | undefined;
  /** The path that it is about, as text, where there is one. */
  readonly path: string | undefined;

  /**
   * @param code what happened
   * @param message the same for people
   * @param detail where, and what led to it
   */
  constructor(code: ClientErrorCode, message: string, detail: ClientErrorDetail) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    this.code = code;
    this.operation = detail.operation;
    this.endpoint = detail.endpoint;
    this.serverUri = detail.serverUri;
    this.path = detail.path;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is LwM2mError {
    return (
      value instanceof Error &&
      'code' in value &&
      'operation' in value &&
      (value.name === 'LwM2mError' || value.name === 'RegistrationError')
    );
  }
}

/** What a {@link RegistrationError} knows beside its code. */
export interface RegistrationErrorDetail extends ClientErrorDetail {
  /** The answer's code, such as `4.03`, if there was an answer. */
  readonly responseCode?: string | undefined;
  /** The answer's diagnostic payload, if there was one. */
  readonly diagnostic?: string | undefined;
  /** Which attempt of the sequence failed, from 1. */
  readonly attempt: number;
  /** When it is tried again; 0: at once; `Infinity`: not by itself. */
  readonly retryInMs: number;
}

/** A Register or Update did not succeed. The client tries again by itself; nothing has to be done to make it. */
export class RegistrationError extends LwM2mError {
  override readonly name = 'RegistrationError';
  /** The answer's code, such as `4.03`; `undefined`: there was no answer. */
  readonly responseCode: string | undefined;
  /** The answer's diagnostic payload; `undefined`: there was none. */
  readonly diagnostic: string | undefined;
  /** Which attempt of the sequence failed, from 1. */
  readonly attempt: number;
  /** When it is tried again; 0: at once; `Infinity`: not by itself. */
  readonly retryInMs: number;

  /**
   * @param code what happened
   * @param message the same for people
   * @param detail which attempt, and what led to it
   */
  constructor(code: ClientErrorCode, message: string, detail: RegistrationErrorDetail) {
    super(code, message, detail);
    this.responseCode = detail.responseCode;
    this.diagnostic = detail.diagnostic;
    this.attempt = detail.attempt;
    this.retryInMs = detail.retryInMs;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static override is(value: unknown): value is RegistrationError {
    return LwM2mError.is(value) && value.name === 'RegistrationError';
  }
}
