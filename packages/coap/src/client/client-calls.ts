import type { Effects, Instant, PeerId } from '../effects.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent, Failure } from '../endpoint/endpoint-event.ts';
import type { RequestCommand } from '../endpoint/request-command.ts';
import { AbortedError, type CoapError, ProtocolError } from '../errors.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import { type CoapRequestInit, encodeRequestHead, payloadOf, type RequestOptions } from './coap-request-init.ts';
import { type CoapResponse, isCut, readResponse } from './coap-response.ts';
import { failureError } from './failure-error.ts';

/** What a call asks for. */
export interface Call {
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  readonly init: CoapRequestInit;
  readonly options: RequestOptions;
  /** Made when the call was: its stack is that of the caller. */
  readonly site: Error;
  /** Of the observation that is to be cancelled or renewed. */
  readonly token?: Uint8Array | undefined;
}

/** What the core tells of the requests and observations of a client. */
type ClientEvent = Extract<EndpointEvent, { readonly id: number }>;
type ResponseEvent = Extract<EndpointEvent, { readonly kind: 'response' }>;

/** A call that waits. */
interface PendingCall extends Pick<Call, 'peer' | 'site'> {
  /** Without an event there is no response: a pong, or none was wanted. */
  readonly settle: (event: ResponseEvent | undefined) => void;
  readonly reject: (error: unknown) => void;
  /** Takes the listener off the caller's signal. */
  readonly release: () => void;
  /** Until the request has left. */
  onSent: (() => void) | undefined;
}

/** What a request asks for, and its body. */
export type AskedContent = Pick<
  RequestCommand,
  'isConfirmable' | 'code' | 'options' | 'payload' | 'payloadSize' | 'startBlock' | 'upload' | 'streamsResponse'
> & {
  /** Called with the number of the request before anything of it is sent. */
  readonly open?: ((id: number) => void) | undefined;
};

/** What is told of bodies that are not whole. */
export type BodyEvent = Extract<EndpointEvent, { readonly kind: 'upload-wanted' | 'download-chunk' }>;

/** What takes bodies piece by piece; without it all bodies are whole. */
export interface CallStreams {
  /** How many response bodies are not whole yet. */
  readonly count: number;
  /** Makes code, options and body of a request. */
  encode(call: Call): AskedContent;
  /** The body of a response that comes piece by piece. */
  openDownload(id: number, call: Call): AsyncIterable<Uint8Array>;
  /** Nobody has the body of a response that would come. */
  refuseDownload(id: number): void;
  /** A request is over. */
  close(id: number): void;
  /** The rest of a response body does not come. */
  fail(id: number, make: (peer: PeerId) => CoapError): void;
  /** Ends everything. */
  failAll(make: (peer: PeerId) => CoapError): void;
  /** Takes an event. */
  handleEvent(event: BodyEvent): void;
}

/** Makes the `CallStreams` of a client. */
type MakeCallStreams = (core: EndpointCore, driver: EndpointDriver, calls: ClientCalls) => CallStreams;

/** How the calls of a client are made. */
export interface ClientCallsInit {
  /** How long a request waits for its response unless it says otherwise. */
  readonly requestTimeoutMs: number;
  /** Makes what takes bodies piece by piece; without it all are whole. */
  readonly makeStreams?: MakeCallStreams | undefined;
}

/** The calls of a client that wait for answers, and its observations, which tell. */
export class ClientCalls {
  readonly #core: EndpointCore;
  readonly #driver: EndpointDriver;
  readonly #requestTimeoutMs: number;
  readonly #pending = new Map<number, PendingCall>();
  readonly #observed = new Map<number, { readonly peer: PeerId; readonly callbacks: ObserveCallbacks }>();
  readonly #streams: CallStreams | undefined;
  #nextId = 1;
  #unreachable: { readonly peer: PeerId; readonly cause: Error } | undefined;

  constructor(core: EndpointCore, driver: EndpointDriver, init: ClientCallsInit) {
    this.#core = core;
    this.#driver = driver;
    this.#requestTimeoutMs = init.requestTimeoutMs;
    this.#streams = init.makeStreams?.(core, driver, this);
  }

  /** How many calls wait. */
  get count(): number {
    return this.#pending.size + (this.#streams?.count ?? 0);
  }

  /** Sends a request, and waits for the response. */
  request(call: Call): Promise<CoapResponse> {
    return this.#start(call, (_event, response) => response);
  }

  /** Observes. */
  observe(call: Call, callbacks: ObserveCallbacks): Promise<CoapObservation> {
    return this.#start(call, ({ id, message, isEstablished: established }, response) => {
      if (established) this.#observed.set(id, { peer: call.peer, callbacks });
      const token = message.token.slice();
      let cancelled: Promise<CoapResponse> | undefined;
      const cancel = (options: RequestOptions = {}): Promise<CoapResponse> => {
        cancelled ??= this.request({ ...call, purpose: 'cancel', options, site: new Error(), token });
        return cancelled;
      };
      const forget = (): void => {
        // "a client MUST explicitly deregister" over reliable transports (RFC 8323 §7.4): there is no Reset.
        if (this.#core.isReliable) cancel().catch(() => {});
        else this.#command((now) => this.#core.forget(id, now));
      };
      return { response, established, token, cancel, forget };
    });
  }

  /** Pings, or sends a request that wants no response: resolves with one nevertheless, if it comes. */
  ask(call: Call): Promise<CoapResponse | undefined> {
    return this.#start<CoapResponse | undefined>(call, (_event, response) => response);
  }

  /** Says why a peer cannot be reached, before the events about it. */
  noteUnreachable(peer: PeerId, cause: Error): void {
    this.#unreachable = { peer, cause };
  }

  /**
   * Takes an event of the core.
   *
   * @returns `false`: it is not for a client
   */
  handleEvent(event: EndpointEvent): boolean {
    if (!('id' in event)) return false;
    this.#handle(event);
    return true;
  }

  /** Rejects all calls and ends all observations; `make` makes the error of each. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void {
    for (const [id, { peer, site, reject }] of [...this.#pending]) {
      this.#take(id);
      reject(withStackOf(site, make(peer)));
    }
    this.#streams?.failAll(make);
    for (const [id, { peer, callbacks }] of [...this.#observed]) {
      this.#observed.delete(id);
      try {
        callbacks.onEnd(make(peer));
      } catch (error) {
        onThrow(error);
      }
    }
  }

  /**
   * Ends a request that waits.
   *
   * @param error what the call rejects with
   */
  end(id: number, error: unknown): void {
    const call = this.#take(id);
    if (call === undefined) return;
    this.#command((now) => this.#core.abandon(id, now));
    call.reject(error);
  }

  #handle(event: ClientEvent): void {
    switch (event.kind) {
      case 'response':
        this.#take(event.id)?.settle(event);
        return;
      case 'pong':
      case 'told':
        this.#take(event.id)?.settle(undefined);
        return;
      case 'sent': {
        const call = this.#pending.get(event.id);
        const onSent = call?.onSent;
        // Further blocks, and a request that is repeated with an Echo, are not told again.
        if (call !== undefined) call.onSent = undefined;
        onSent?.();
        return;
      }
      case 'failed': {
        const { id, failure } = event;
        const make = (peer: PeerId): CoapError => this.#errorOf(failure, peer);
        const call = this.#take(id);
        if (call === undefined) this.#streams?.fail(id, make);
        call?.reject(withStackOf(call.site, make(call.peer)));
        return;
      }
      case 'notification': {
        const observed = this.#observed.get(event.id);
        observed?.callbacks.onNotification(readResponse(observed.peer, event.message, this.#driver.now()));
        return;
      }
      case 'observation-ended': {
        const observed = this.#observed.get(event.id);
        this.#observed.delete(event.id);
        observed?.callbacks.onEnd(event.failure && this.#errorOf(event.failure, observed.peer));
        return;
      }
      case 'upload-wanted':
      case 'download-chunk':
        this.#streams?.handleEvent(event);
    }
  }

  #start<Result>(call: Call, read: (event: ResponseEvent, response: CoapResponse) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      const { peer, purpose, options, site, token } = call;
      const { signal, onSent, retransmission, bodyTimeoutMs, timeoutMs = this.#requestTimeoutMs } = options;
      if (signal?.aborted) throw withStackOf(site, aborted(peer, signal.reason));
      checkTime(timeoutMs, 'timeoutMs');
      checkTime(bodyTimeoutMs, 'bodyTimeoutMs');
      const id = this.#nextId++;
      const content = this.#streams?.encode(call) ?? wholeContent(call.init);
      const { isConfirmable, code, options: list, payload, upload, payloadSize, startBlock, streamsResponse } = content;
      const command: RequestCommand = {
        id,
        peer,
        purpose,
        timeoutMs,
        bodyTimeoutMs,
        token,
        isConfirmable,
        retransmission,
        isSendingTold: onSent !== undefined,
        code,
        options: list,
        payload,
        upload,
        payloadSize,
        startBlock,
        streamsResponse,
      };
      const effects = this.#core.request(command, this.#driver.now());
      const onAbort = (): void => this.end(id, withStackOf(site, aborted(peer, signal?.reason)));
      signal?.addEventListener('abort', onAbort, { once: true });
      const release = (): void => signal?.removeEventListener('abort', onAbort);
      const settle = (event: ResponseEvent | undefined): void => {
        // The promise of what has no response is of nothing.
        if (event === undefined) resolve(undefined as Result);
        else this.#settle(call, event, reject, (response) => resolve(read(event, response)));
      };
      this.#pending.set(id, { peer, site, settle, reject, release, onSent });
      try {
        content.open?.(id);
      } catch (error) {
        // A body that can be read once, and was. Nothing of the request was sent.
        this.end(id, error);
        return;
      }
      this.#driver.consume(effects);
    });
  }

  #settle(
    call: Call,
    { id, message, isEstablished, isStreamed }: ResponseEvent,
    reject: (error: unknown) => void,
    take: (response: CoapResponse) => void,
  ): void {
    const { peer, site } = call;
    try {
      if (this.#core.transfers === undefined && isCut(message, call.init)) throw new TypeError('it has several blocks');
      const body = isStreamed === true ? this.#streams?.openDownload(id, call) : undefined;
      take(readResponse(peer, message, this.#driver.now(), body));
    } catch (cause) {
      // A text in the response that is not UTF-8, or blocks that nobody joins.
      const detail = { peer, cause, section: 'RFC 7252 §3.2' };
      reject(withStackOf(site, new ProtocolError(`${peer} sent a response that cannot be read`, detail)));
      // The next notification is rejected.
      if (isEstablished) this.#command((now) => this.#core.forget(id, now));
      if (isStreamed === true) this.#streams?.refuseDownload(id);
    }
  }

  #take(id: number): PendingCall | undefined {
    const call = this.#pending.get(id);
    if (!this.#pending.delete(id)) return undefined;
    this.#streams?.close(id);
    call?.release();
    return call;
  }

  #command(make: (now: Instant) => Effects<EndpointEvent>): void {
    this.#driver.consume(make(this.#driver.now()));
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

/** What says that the caller's signal was given. */
export function aborted(peer: PeerId, reason: unknown): AbortedError {
  return new AbortedError(`the request to ${peer} was aborted`, { peer, cause: reason });
}

function wholeContent(init: CoapRequestInit): AskedContent {
  const { payload, payloadSize, startBlock } = init;
  return { ...encodeRequestHead(init), payload: payloadOf(payload), payloadSize, startBlock };
}

function checkTime(value: number | undefined, name: string): void {
  if (value !== undefined && !(value > 0)) throw new RangeError(`${name} is more than 0`);
}
