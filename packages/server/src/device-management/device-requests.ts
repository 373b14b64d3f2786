import {
  type AbortSignalLike,
  AbortSource,
  BodyTooLargeError,
  AbortedError as CoapAbortedError,
  ConnectionLostError as CoapConnectionLostError,
  type CoapEndpoint,
  type CoapResponse,
  CoapStreamEndpoint,
  TimeoutError as CoapTimeoutError,
  EndpointClosedError,
  formatCode,
  type PeerId,
  PeerUnreachableError,
  ProtocolError,
  QueueFullError,
  ResetError,
} from '@motestack/coap';
import {
  AbortedError,
  AddressChangedError,
  ConnectionLostError,
  DeviceAsleepError,
  DeviceGoneError,
  DeviceResetError,
  DeviceUnreachableError,
  InternalError,
  InvalidArgumentError,
  LimitReachedError,
  LwM2mError,
  type LwM2mErrorDetail,
  type Operation,
  RegistrationReplacedError,
  ResponseError,
  ServerClosedError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../lwm2m-error.ts';
import { type AwakeGate, GateError, type GateRefusal } from '../queue/awake-gate.ts';
import { diagnosticOf } from './read-answer.ts';

/** One call of the caller's: what errors say about it. */
export interface Call {
  /** What is done. */
  readonly operation: Operation;
  /** On what. */
  readonly path: string | undefined;
  /** Made where the caller called. */
  readonly calledFrom: Error;
}

/** Where the device is now. */
export interface DeviceAddress {
  /** The endpoint of the server that the device talks to; `undefined` if the server no longer listens there. */
  readonly coap: CoapEndpoint | undefined;
  /** Its address. */
  readonly peer: PeerId;
}

/** What a request may wait for. */
export interface FlightOptions {
  /** Gives the request up. */
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds; of a device in queue mode they count from when the request leaves. */
  readonly timeoutMs: number;
  /** Whether to wait for a device that sleeps. Default `wait`. */
  readonly whenAsleep?: 'wait' | 'reject' | undefined;
  /** Among requests that wait for the device, higher goes first. Default 0. */
  readonly priority?: number | undefined;
  /** It is this request's turn already. */
  readonly isAdmitted?: boolean | undefined;
}

/** What is known of the device's waking and sleeping. */
export interface DevicePresence {
  /** Where requests wait for a device in queue mode; `undefined`: the device is always awake. */
  readonly gate: () => AwakeGate | undefined;
  /** Told that the device was heard. */
  readonly onHeard: () => void;
  /** Told that the device was silent. */
  readonly onUnheard: () => void;
}

/** Sends a request to where the device is. */
export type SendRequest<Result> = (
  coap: CoapEndpoint,
  peer: PeerId,
  options: { readonly signal: AbortSignalLike; readonly timeoutMs: number },
) => Promise<Result>;

/** Why requests in flight end without an answer. */
export type FlightEnd = 'deregister' | 'expired' | 'replaced' | 'address-changed' | 'server-closed';

/** Told when a request is over, for logs and diagnostics. */
export type RequestListener = (outcome: {
  readonly operation: Operation;
  readonly endpoint: string;
  readonly path: string | undefined;
  /** `2.05`, or the code of the error. */
  readonly result: string;
}) => void;

/** The requests to one device that wait for their answers: each ends by an answer or by an error that says why not. */
export class DeviceRequests {
  readonly #endpoint: string;
  readonly #address: () => DeviceAddress;
  readonly #listener: RequestListener;
  readonly #presence: DevicePresence | undefined;
  readonly #flights = new Set<Flight>();
  #ended: FlightEnd | undefined;

  /**
   * @param endpoint the device's name
   * @param address asked at each request
   * @param listener told of each request
   * @param presence what is known of its waking; without it the device is always awake
   */
  constructor(
    endpoint: string,
    address: () => DeviceAddress,
    listener: RequestListener,
    presence?: DevicePresence | undefined,
  ) {
    this.#endpoint = endpoint;
    this.#address = address;
    this.#listener = listener;
    this.#presence = presence;
  }

  /** How many wait for an answer, or for the device to wake. */
  get inFlight(): number {
    return this.#flights.size + (this.#presence?.gate()?.waiting ?? 0);
  }

  /**
   * Sends a request and waits for its end.
   *
   * @param send is given the address and what ends the wait
   * @throws {LwM2mError} for every failure; a response code of class 4 or 5 is not judged here
   */
  async run<Result extends { readonly code: number } | { readonly response: CoapResponse }>(
    call: Call,
    options: FlightOptions,
    send: SendRequest<Result>,
  ): Promise<Result> {
    const leave = this.#isGated(options) ? await this.#enter(call, options) : undefined;
    const flight = this.#take(call, options, leave);
    try {
      const result = await send(flight.coap, flight.peer, flight.options);
      flight.outcome = formatCode('response' in result ? result.response.code : result.code);
      this.#presence?.onHeard();
      return result;
    } catch (cause) {
      throw this.#failed(cause, call, flight, options.signal);
    } finally {
      this.#land(call, flight);
    }
  }

  /**
   * As `run`, for an answer whose body is read as it comes: what ends the flight ends the reading too.
   *
   * @param judge throws for an answer that is none
   */
  async *stream(
    call: Call,
    options: FlightOptions,
    send: SendRequest<CoapResponse>,
    judge: (response: CoapResponse) => void,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const leave = this.#isGated(options) ? await this.#enter(call, options) : undefined;
    const flight = this.#take(call, options, leave);
    try {
      const response = await send(flight.coap, flight.peer, flight.options);
      flight.outcome = formatCode(response.code);
      this.#presence?.onHeard();
      judge(response);
      yield* response.body;
    } catch (cause) {
      throw this.#failed(cause, call, flight, options.signal);
    } finally {
      this.#land(call, flight);
    }
  }

  /** Ends what waits; unless the device only moved, later requests fail the same way. */
  end(reason: FlightEnd): void {
    if (reason !== 'address-changed') {
      this.#ended ??= reason;
      this.#presence?.gate()?.end();
    }
    for (const flight of this.#flights) {
      flight.end ??= reason;
      flight.source.abort(reason);
    }
  }

  /**
   * Throws unless the answer is a success.
   *
   * @param expected the one code that means success, where the payload matters; otherwise any of class 2 does
   * @throws {ResponseError | UnexpectedAnswerError}
   */
  assertSuccess(call: Call, response: CoapResponse, expected?: number): void {
    const detail = this.detail(call);
    const responseCode = formatCode(response.code);
    if (response.code >>> 5 !== SUCCESS_CLASS) {
      throw new ResponseError({ ...detail, responseCode, diagnostic: diagnosticOf(response) });
    }
    if (expected !== undefined && response.code !== expected) {
      throw new UnexpectedAnswerError(`the device answered ${responseCode} instead of ${formatCode(expected)}`, detail);
    }
  }

  /** The error for a caller's signal; as for `fetch`, one whose time was over is a timeout. */
  aborted(call: Call, reason: unknown): LwM2mError {
    if (isTimeout(reason))
      return new TimeoutError('the time of the caller’s signal was over', this.detail(call, reason));
    return new AbortedError('the signal of the caller was given', this.detail(call, reason));
  }

  /** The error for a call on a registration that has ended. */
  ended(call: Call): LwM2mError {
    return this.#endError(call, this.#ended ?? 'server-closed');
  }

  /** What an error of this call says. */
  detail(call: Call, cause?: unknown): LwM2mErrorDetail {
    const { operation, path, calledFrom } = call;
    return { operation, endpoint: this.#endpoint, path, calledFrom, cause };
  }

  /** The device was heard beyond an answer: it notified. */
  heard(): void {
    this.#presence?.onHeard();
  }

  #isGated({ isAdmitted }: FlightOptions): boolean {
    return isAdmitted !== true && this.#ended === undefined && this.#presence?.gate() !== undefined;
  }

  /** Waits for the request's turn at a device in queue mode. @returns what is called when the request is over */
  async #enter(call: Call, options: FlightOptions): Promise<(() => void) | undefined> {
    try {
      return await this.#presence?.gate()?.enter(options);
    } catch (error) {
      if (!(error instanceof GateError)) throw error;
      throw this.#turnedAway(error.refusal, call, options.signal);
    }
  }

  #turnedAway(refusal: GateRefusal, call: Call, signal: AbortSignalLike | undefined): LwM2mError {
    const detail = this.detail(call);
    switch (refusal) {
      case 'asleep':
        return new DeviceAsleepError('the device sleeps', detail);
      case 'full':
        return new LimitReachedError({ ...detail, limit: 'waitingMax' });
      case 'aborted':
        return this.aborted(call, signal?.reason);
      case 'ended':
        return this.ended(call);
    }
  }

  #take(call: Call, options: FlightOptions, leave: (() => void) | undefined): Flight {
    try {
      return this.#begin(call, options, leave);
    } catch (error) {
      leave?.();
      throw error;
    }
  }

  #begin(call: Call, { signal, timeoutMs }: FlightOptions, leave: (() => void) | undefined): Flight {
    if (this.#ended !== undefined) throw this.#endError(call, this.#ended);
    if (!(timeoutMs > 0 && Number.isFinite(timeoutMs))) {
      throw new InvalidArgumentError('timeoutMs is a positive number of milliseconds', this.detail(call));
    }
    if (signal?.aborted === true) throw this.aborted(call, signal?.reason);
    const { coap, peer } = this.#address();
    if (coap === undefined) throw this.#endError(call, 'server-closed');
    const source = new AbortSource();
    const onAbort = (): void => source.abort(signal?.reason);
    signal?.addEventListener('abort', onAbort);
    const release = (): void => {
      signal?.removeEventListener('abort', onAbort);
      leave?.();
    };
    const options = { signal: source.signal, timeoutMs };
    const flight: Flight = { coap, peer, options, source, end: undefined, outcome: 'internal', release };
    this.#flights.add(flight);
    return flight;
  }

  #land(call: Call, flight: Flight): void {
    this.#flights.delete(flight);
    flight.release();
    const { operation, path } = call;
    this.#listener({ operation, endpoint: this.#endpoint, path, result: flight.outcome });
  }

  #failed(cause: unknown, call: Call, flight: Flight, signal: AbortSignalLike | undefined): LwM2mError {
    const error = this.#translated(cause, call, flight, signal);
    flight.outcome = error.code;
    // LwM2M Transport §6.5: a device in queue mode that does not answer sleeps.
    if (CoapTimeoutError.is(cause) || PeerUnreachableError.is(cause)) this.#presence?.onUnheard();
    return error;
  }

  #endError(call: Call, reason: FlightEnd, cause?: unknown): LwM2mError {
    const detail = this.detail(call, cause);
    switch (reason) {
      case 'deregister':
        return new DeviceGoneError('the device de-registered', detail);
      case 'expired':
        return new DeviceGoneError('the lifetime of the registration passed', detail);
      case 'replaced':
        return new RegistrationReplacedError('the device registered anew', detail);
      case 'address-changed':
        return new AddressChangedError('the device moved to another address meanwhile', detail);
      case 'server-closed':
        return new ServerClosedError('the server is closed', detail);
    }
  }

  #translated(error: unknown, call: Call, flight: Flight, signal: AbortSignalLike | undefined): LwM2mError {
    if (LwM2mError.is(error)) return error;
    if (flight.end !== undefined) return this.#endError(call, flight.end, error);
    const detail = this.detail(call, error);
    if (CoapAbortedError.is(error)) return this.aborted(call, signal?.reason);
    if (CoapTimeoutError.is(error)) return new TimeoutError('the device did not answer in time', detail);
    if (ResetError.is(error)) return new DeviceResetError('the device answered with a Reset', detail);
    if (PeerUnreachableError.is(error) && flight.coap instanceof CoapStreamEndpoint)
      return new ConnectionLostError('there is no connection to the device', detail);
    if (PeerUnreachableError.is(error))
      return new DeviceUnreachableError('nobody is at the address of the device', detail);
    if (CoapConnectionLostError.is(error))
      return new ConnectionLostError('the connection to the device is gone', detail);
    if (EndpointClosedError.is(error)) return this.#endError(call, 'server-closed', error);
    if (QueueFullError.is(error)) return new LimitReachedError({ ...detail, limit: error.limit });
    // A critical option that is not understood (RFC 7252 §5.4.1), a text that is none, blocks that do not fit, or too many.
    if (ProtocolError.is(error) || BodyTooLargeError.is(error))
      return new UnexpectedAnswerError(`the answer cannot be used: ${error.message}`, detail);
    // What an option cannot hold.
    if (error instanceof RangeError) return new InvalidArgumentError(error.message, detail);
    return new InternalError('the request failed', detail);
  }
}

/** The reason of `AbortSignal.timeout`, on every platform a `DOMException` of this name. */
function isTimeout(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && 'name' in reason && reason.name === 'TimeoutError';
}

/** The class of the response codes that mean success (RFC 7252 §5.9.1). */
const SUCCESS_CLASS = 2;

interface Flight {
  readonly coap: CoapEndpoint;
  readonly peer: PeerId;
  readonly options: { readonly signal: AbortSignalLike; readonly timeoutMs: number };
  readonly source: AbortSource;
  end: FlightEnd | undefined;
  /** `2.05`, or the code of the error. */
  outcome: string;
  readonly release: () => void;
}
