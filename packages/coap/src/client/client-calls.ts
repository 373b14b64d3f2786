import { ClientBodies } from '../bodies/client-bodies.ts';
import type { PeerId } from '../effects.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent, Failure } from '../endpoint/endpoint-event.ts';
import { AbortedError, type CoapError, ProtocolError } from '../errors.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import { encodeUintOption, type Message, OptionNumber } from '../wire/index.ts';
import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import {
  type CoapRequestInit,
  encodeRequestInit,
  type ObserveOptions,
  type RequestOptions,
} from './coap-request-init.ts';
import { type CoapResponse, readResponse } from './coap-response.ts';
import { failureError } from './failure-error.ts';

/** One call that waits. */
interface PendingCall {
  readonly peer: PeerId;
  /** Made when the call was: its stack is that of the caller. */
  readonly site: Error;
  readonly resolve: (message: Message | undefined, about: Pick<Answered, 'isEstablished' | 'isStreamed'>) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener off the caller's signal. */
  readonly release: (() => void) | undefined;
  /** Until the request has left. */
  onSent: (() => void) | undefined;
}

/** What the core tells the client's half. */
export type ClientEventKind =
  | 'response'
  | 'sent'
  | 'pong'
  | 'told'
  | 'failed'
  | 'notification'
  | 'observation-ended'
  | 'upload-wanted'
  | 'download-chunk';

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

interface ObserveCall extends Omit<Call, 'purpose' | 'token'> {
  readonly options: ObserveOptions;
}

interface Answered {
  readonly id: number;
  readonly message: Message | undefined;
  readonly isEstablished: boolean;
  /** Whether the body comes chunk by chunk. */
  readonly isStreamed: boolean;
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
  /** Whose response bodies are being read. */
  readonly #reading = new Map<number, Pick<PendingCall, 'peer' | 'site'>>();
  #nextId = 1;
  #unreachable: { readonly peer: PeerId; readonly cause: Error } | undefined;

  readonly #bodies: ClientBodies;

  constructor(
    core: EndpointCore,
    driver: EndpointDriver,
    parameters: { readonly requestTimeoutMs: number; readonly streamBufferBytes: number },
  ) {
    this.#core = core;
    this.#driver = driver;
    this.#requestTimeoutMs = parameters.requestTimeoutMs;
    this.#bodies = new ClientBodies(core, driver, {
      bufferMax: parameters.streamBufferBytes,
      onUploadError: (id, error) => this.#endUpload(id, error),
    });
  }

  /** How many calls wait. */
  get count(): number {
    return this.#pending.size + this.#bodies.count;
  }

  /** Sends a request; `site` was made by the public method. */
  request(peer: PeerId, init: CoapRequestInit, options: RequestOptions, site: Error): Promise<CoapResponse> {
    return this.#ask({ peer, purpose: 'request', init, options, site });
  }

  /** Observes; `site` was made by the public method. */
  observe(call: ObserveCall, callbacks: ObserveCallbacks): Promise<CoapObservation> {
    return new Promise((resolve, reject) => {
      const { token } = call.options;
      this.#start(
        { ...call, purpose: 'observe', ...(token && { token }) },
        reject,
        ({ id, message, isEstablished }) => {
          if (message === undefined) return;
          const response = readResponse(call.peer, message, this.#driver.now());
          if (isEstablished) this.#observations.set(id, { peer: call.peer, callbacks });
          resolve(this.#observation(call, { id, token: message.token.slice(), response, established: isEstablished }));
        },
      );
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
  handleEvent(event: Extract<EndpointEvent, { readonly kind: ClientEventKind }>): void {
    switch (event.kind) {
      case 'response':
        this.#take(event.id)?.resolve(event.message, {
          isEstablished: event.isEstablished,
          isStreamed: event.isStreamed === true,
        });
        return;
      case 'sent':
        this.#tellSent(event.id);
        return;
      case 'pong':
      case 'told':
        this.#take(event.id)?.resolve(undefined, { isEstablished: false, isStreamed: false });
        return;
      case 'failed': {
        const call = this.#take(event.id);
        if (call === undefined) this.#failDownload(event.id, event.failure);
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
        return;
      case 'upload-wanted':
      case 'download-chunk':
        this.#bodies.handleEvent(event);
    }
  }

  /** Rejects all calls and ends all observations; `make` makes the error of each. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void {
    for (const [id, call] of [...this.#pending]) {
      this.#take(id);
      call.reject(withStackOf(call.site, make(call.peer)));
    }
    this.#bodies.failAll((id) => this.#bodyError(id, make));
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
      this.#start(call, reject, ({ id, message, isStreamed }) => {
        if (message === undefined) return;
        const body = isStreamed ? this.#openDownload(id, call) : undefined;
        resolve(readResponse(call.peer, message, this.#driver.now(), body));
      });
    });
  }

  /** From now on the caller's signal ends the reading of the body. */
  #openDownload(id: number, { peer, site, options }: Call): AsyncIterable<Uint8Array> {
    const { signal } = options;
    const onAbort = (): void => {
      this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
      this.#bodies.failDownload(id, withStackOf(site, aborted(peer, signal?.reason)));
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#reading.set(id, { peer, site });
    return this.#bodies.openDownload(id, () => {
      this.#reading.delete(id);
      signal?.removeEventListener('abort', onAbort);
    });
  }

  #failDownload(id: number, failure: Failure): void {
    this.#bodies.failDownload(
      id,
      this.#bodyError(id, (peer) => this.#errorOf(failure, peer)),
    );
  }

  #bodyError(id: number, make: (peer: PeerId) => CoapError): CoapError | undefined {
    const reading = this.#reading.get(id);
    return reading && withStackOf(reading.site, make(reading.peer));
  }

  /** What the producer of a body threw ends its request. */
  #endUpload(id: number, error: unknown): void {
    const call = this.#take(id);
    if (call === undefined) return;
    this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
    call.reject(error);
  }

  #start(call: Call, reject: (error: unknown) => void, settle: (answered: Answered) => void): void {
    const { peer, purpose, options, site, token } = call;
    const { signal } = options;
    if (signal?.aborted) throw withStackOf(site, aborted(peer, signal.reason));
    const id = this.#nextId++;
    const timeoutMs = options.timeoutMs ?? this.#requestTimeoutMs;
    if (!(timeoutMs > 0)) throw new RangeError('timeoutMs is more than 0');
    const { bodyTimeoutMs, retransmission, onSent } = options;
    if (bodyTimeoutMs !== undefined && !(bodyTimeoutMs > 0)) throw new RangeError('bodyTimeoutMs is more than 0');
    const times = { timeoutMs, ...(bodyTimeoutMs !== undefined && { bodyTimeoutMs }) };
    const { stream, ...request } = encodeRequestInit(call.init);
    const streamsResponse = purpose === 'request' && options.responseBody === 'stream';
    const command = {
      id,
      peer,
      purpose,
      retransmission,
      isSendingTold: onSent !== undefined,
      ...times,
      ...request,
      streamsResponse,
      ...(token && { token }),
    };
    const effects = this.#core.request(command, this.#driver.now());
    const onAbort = (): void => this.#abort(id, signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    this.#pending.set(id, {
      peer,
      site,
      reject,
      onSent,
      resolve: (message, about) => {
        try {
          settle({ id, message, ...about });
        } catch (cause) {
          // A text in the response that is not UTF-8.
          const detail = { peer, cause, section: 'RFC 7252 §3.2' };
          reject(withStackOf(site, new ProtocolError(`${peer} sent a response that cannot be read`, detail)));
          // The next notification is rejected.
          if (about.isEstablished) this.#driver.consume(this.#core.forget(id, this.#driver.now()));
          if (!about.isStreamed) return;
          // Nobody has the body that would come.
          this.#bodies.failDownload(id, cause);
          this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
        }
      },
      release: signal && (() => signal.removeEventListener('abort', onAbort)),
    });
    // Of a body that goes on from a block only the rest comes: its length is not the one that is told.
    const size = (call.init.startBlock ?? 0) > 0 ? undefined : call.init.payloadSize;
    try {
      if (stream !== undefined) this.#bodies.openUpload(id, stream, size);
    } catch (error) {
      // A body that can be read once, and was. Nothing of the request was sent.
      this.#endUpload(id, error);
      return;
    }
    this.#driver.consume(effects);
  }

  #observation(
    call: Omit<Call, 'purpose' | 'token'>,
    about: { readonly id: number } & Pick<CoapObservation, 'token' | 'response' | 'established'>,
  ): CoapObservation {
    const { id, token, response, established } = about;
    let cancelled: Promise<CoapResponse> | undefined;
    const cancel = (options: RequestOptions = {}): Promise<CoapResponse> => {
      const site = new Error();
      cancelled ??= this.#ask({ ...call, purpose: 'cancel', options, site, token });
      return cancelled;
    };
    return {
      response,
      established,
      token,
      cancel,
      forget: () => {
        // "a client MUST explicitly deregister" over reliable transports (RFC 8323 §7.4): there is no Reset.
        if (this.#core.isReliable) cancel().catch(() => {});
        else this.#driver.consume(this.#core.forget(id, this.#driver.now()));
      },
    };
  }

  /** Further blocks, and a request that is repeated with an Echo, are not told again. */
  #tellSent(id: number): void {
    const call = this.#pending.get(id);
    const onSent = call?.onSent;
    if (call !== undefined) call.onSent = undefined;
    onSent?.();
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
    this.#bodies.closeUpload(id);
    call.release?.();
    return call;
  }

  #endObservation(id: number, failure: Failure | undefined): void {
    const state = this.#observations.get(id);
    if (state === undefined) return;
    this.#observations.delete(id);
    state.callbacks.onEnd(failure && this.#errorOf(failure, state.peer));
  }

  #errorOf(failure: Failure, peer: PeerId): CoapError {
    return failureError(failure, peer, this.#unreachable?.peer === peer ? this.#unreachable.cause : undefined);
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
