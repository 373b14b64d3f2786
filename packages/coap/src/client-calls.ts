import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import { type CoapRequestInit, encodeRequestInit, type RequestOptions } from './coap-request-init.ts';
import { type CoapResponse, readResponse } from './coap-response.ts';
import type { PeerId } from './effects.ts';
import type { EndpointCore } from './endpoint/endpoint-core.ts';
import type { EndpointDriver } from './endpoint/endpoint-driver.ts';
import type { EndpointEvent, Failure } from './endpoint/endpoint-event.ts';
import {
  AbortedError,
  BodyTooLargeError,
  type CoapError,
  PeerUnreachableError,
  ProtocolError,
  QueueFullError,
  ResetError,
  TimeoutError,
} from './errors.ts';
import type { ExchangePurpose } from './exchange/client-exchanges.ts';
import { encodeUintOption, type Message, OptionNumber } from './wire/index.ts';

/** One call that waits. */
interface PendingCall {
  readonly peer: PeerId;
  /** Made when the call was: its stack is that of the caller. */
  readonly site: Error;
  readonly resolve: (message: Message | undefined, isEstablished: boolean) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener off the caller's signal. */
  readonly release: (() => void) | undefined;
}

/** What a call asks for. */
interface Call {
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  readonly init: CoapRequestInit;
  readonly options: RequestOptions;
  readonly site: Error;
  /** Of the observation that is to be cancelled. */
  readonly token?: Uint8Array;
}

interface Answered {
  readonly id: number;
  readonly message: Message | undefined;
  readonly isEstablished: boolean;
}

interface ObservationState {
  readonly peer: PeerId;
  readonly callbacks: ObserveCallbacks;
}

/** The client's half of a `CoapEndpoint`: calls that wait for answers, and observations that tell. */
export class ClientCalls {
  readonly #core: EndpointCore;
  readonly #driver: EndpointDriver;
  readonly #requestTimeoutMs: number;
  readonly #pending = new Map<number, PendingCall>();
  readonly #observations = new Map<number, ObservationState>();
  #nextId = 1;
  #unreachable: { readonly peer: PeerId; readonly cause: Error } | undefined;

  constructor(core: EndpointCore, driver: EndpointDriver, requestTimeoutMs: number) {
    this.#core = core;
    this.#driver = driver;
    this.#requestTimeoutMs = requestTimeoutMs;
  }

  /** How many calls wait. */
  get count(): number {
    return this.#pending.size;
  }

  /** Sends a request; `site` was made by the public method. */
  request(peer: PeerId, init: CoapRequestInit, options: RequestOptions, site: Error): Promise<CoapResponse> {
    return this.#ask({ peer, purpose: 'request', init, options, site });
  }

  /** Observes; `site` was made by the public method. */
  observe(call: Omit<Call, 'purpose' | 'token'>, callbacks: ObserveCallbacks): Promise<CoapObservation> {
    return new Promise((resolve, reject) => {
      this.#start({ ...call, purpose: 'observe' }, reject, ({ id, message, isEstablished }) => {
        if (message === undefined) return;
        const response = readResponse(call.peer, message, this.#driver.now());
        if (isEstablished) this.#observations.set(id, { peer: call.peer, callbacks });
        resolve(this.#observation(call, { id, token: message.token.slice(), response, established: isEstablished }));
      });
    });
  }

  /** Sends a request that wants no response of these classes. */
  tell(call: Omit<Call, 'purpose' | 'token'>, unwanted: readonly number[]): Promise<CoapResponse | undefined> {
    const value = unwanted.reduce((bits, responseClass) => bits | (1 << (responseClass - 1)), 0);
    const options = [encodeUintOption(OptionNumber.NoResponse, value), ...(call.init.options ?? [])];
    const init = { ...call.init, options };
    return new Promise((resolve, reject) => {
      this.#start({ ...call, init, purpose: 'tell' }, reject, ({ message }) => {
        resolve(message && readResponse(call.peer, message, this.#driver.now()));
      });
    });
  }

  /** Pings; `site` was made by the public method. */
  ping(peer: PeerId, options: RequestOptions, site: Error): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#start({ peer, purpose: 'ping', init: { method: 'GET' }, options, site }, reject, () => resolve());
    });
  }

  /** Says why a peer cannot be reached, before the events about it. */
  noteUnreachable(peer: PeerId, cause: Error): void {
    this.#unreachable = { peer, cause };
  }

  /** Takes an event of the core. */
  handleEvent(
    event: Extract<
      EndpointEvent,
      { readonly kind: 'response' | 'pong' | 'told' | 'failed' | 'notification' | 'observation-ended' }
    >,
  ): void {
    switch (event.kind) {
      case 'response':
        this.#take(event.id)?.resolve(event.message, event.isEstablished);
        return;
      case 'pong':
      case 'told':
        this.#take(event.id)?.resolve(undefined, false);
        return;
      case 'failed': {
        const call = this.#take(event.id);
        call?.reject(withStackOf(call.site, this.#errorOf(event.failure, call.peer)));
        return;
      }
      case 'notification': {
        const state = this.#observations.get(event.id);
        if (state === undefined) return;
        state.callbacks.onNotification(readResponse(state.peer, event.message, this.#driver.now()));
        return;
      }
      case 'observation-ended':
        this.#endObservation(event.id, event.failure);
    }
  }

  /** Rejects all calls and ends all observations; `make` makes the error of each. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void {
    for (const [id, call] of [...this.#pending]) {
      this.#take(id);
      call.reject(withStackOf(call.site, make(call.peer)));
    }
    for (const [id, { peer, callbacks }] of [...this.#observations]) {
      this.#observations.delete(id);
      try {
        callbacks.onEnd(make(peer));
      } catch (error) {
        onThrow(error);
      }
    }
  }

  #ask(call: Call): Promise<CoapResponse> {
    return new Promise((resolve, reject) => {
      this.#start(call, reject, ({ message }) => {
        if (message !== undefined) resolve(readResponse(call.peer, message, this.#driver.now()));
      });
    });
  }

  #start(call: Call, reject: (error: unknown) => void, settle: (answered: Answered) => void): void {
    const { peer, purpose, options, site, token } = call;
    const { signal } = options;
    if (signal?.aborted) throw withStackOf(site, aborted(peer, signal.reason));
    const id = this.#nextId++;
    const timeoutMs = options.timeoutMs ?? this.#requestTimeoutMs;
    if (!(timeoutMs > 0)) throw new RangeError('timeoutMs is more than 0');
    const { bodyTimeoutMs } = options;
    if (bodyTimeoutMs !== undefined && !(bodyTimeoutMs > 0)) throw new RangeError('bodyTimeoutMs is more than 0');
    const times = { timeoutMs, ...(bodyTimeoutMs !== undefined && { bodyTimeoutMs }) };
    const command = { id, peer, purpose, ...times, ...encodeRequestInit(call.init), ...(token && { token }) };
    const effects = this.#core.request(command, this.#driver.now());
    const onAbort = (): void => this.#abort(id, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(id, {
      peer,
      site,
      reject,
      resolve: (message, isEstablished) => {
        try {
          settle({ id, message, isEstablished });
        } catch (cause) {
          // A text in the response that is not UTF-8.
          const detail = { peer, cause, section: 'RFC 7252 §3.2' };
          reject(withStackOf(site, new ProtocolError(`${peer} sent a response that cannot be read`, detail)));
        }
      },
      release: signal && (() => signal.removeEventListener('abort', onAbort)),
    });
    this.#driver.consume(effects);
  }

  #observation(
    call: Omit<Call, 'purpose' | 'token'>,
    about: { readonly id: number } & Pick<CoapObservation, 'token' | 'response' | 'established'>,
  ): CoapObservation {
    const { id, token, response, established } = about;
    let cancelled: Promise<CoapResponse> | undefined;
    return {
      response,
      established,
      token,
      cancel: (options = {}) => {
        const site = new Error();
        cancelled ??= this.#ask({ ...call, purpose: 'cancel', options, site, token });
        return cancelled;
      },
      forget: () => this.#driver.consume(this.#core.forget(id, this.#driver.now())),
    };
  }

  #abort(id: number, reason: unknown): void {
    const call = this.#take(id);
    if (call === undefined) return;
    this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
    call.reject(withStackOf(call.site, aborted(call.peer, reason)));
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (call === undefined) return undefined;
    this.#pending.delete(id);
    call.release?.();
    return call;
  }

  #endObservation(id: number, failure: Failure | undefined): void {
    const state = this.#observations.get(id);
    if (state === undefined) return;
    this.#observations.delete(id);
    state.callbacks.onEnd(failure && this.#errorOf(failure, state.peer));
  }

  #errorOf({ reason, detail, section = 'RFC 7252 §5.4.1' }: Failure, peer: PeerId): CoapError {
    switch (reason) {
      case 'timeout':
        return new TimeoutError(`${peer} did not answer: ${detail}`, { peer });
      case 'reset':
        return new ResetError(`${peer} sent a Reset: ${detail}`, { peer });
      case 'unreachable': {
        const cause = this.#unreachable?.peer === peer ? this.#unreachable.cause : undefined;
        return new PeerUnreachableError(`${peer} cannot be reached: ${detail}`, { peer, cause });
      }
      case 'queue-full':
        return new QueueFullError(`too much is under way to ${peer}: ${detail} is reached`, { peer, limit: detail });
      case 'body-too-large':
        return new BodyTooLargeError(`the response of ${peer} is longer than ${detail}`, { peer, limit: detail });
      case 'protocol':
        return new ProtocolError(`${peer}: ${detail}`, { peer, section });
    }
  }
}

/** Gives an error the stack of the call that it ends. */
export function withStackOf<E extends Error>(site: Error, error: E): E {
  const stack = site.stack ?? '';
  // V8 writes the error's own line first, others only the frames.
  const frames = stack.startsWith('Error') ? stack.slice(stack.indexOf('\n') + 1) : stack;
  error.stack = `${error.name}: ${error.message}\n${frames}`;
  return error;
}

function aborted(peer: PeerId, reason: unknown): AbortedError {
  return new AbortedError(`the request to ${peer} was aborted`, { peer, cause: reason });
}
