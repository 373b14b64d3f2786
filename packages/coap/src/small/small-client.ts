import { namesBlock } from '../block/block-option.ts';
import type { CoapObservation, ObserveCallbacks } from '../client/coap-observation.ts';
import { type CoapRequestInit, encodeRequestInit, type RequestOptions } from '../client/coap-request-init.ts';
import { type CoapResponse, readResponse } from '../client/coap-response.ts';
import { failureError } from '../client/failure-error.ts';
import type { PeerId, RandomSource } from '../effects.ts';
import { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import { defaultEndpointParameters, type EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { AbortedError, EndpointClosedError, ProtocolError } from '../errors.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import type { MakeBodyTransfers } from './body-transfers.ts';
import { SmallCore } from './small-core.ts';

/** What a small client is made of. */
export interface SmallClientOptions {
  /** Carries its datagrams; closed with the client. */
  readonly transport: DatagramTransport;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Makes tokens and message IDs. */
  readonly random: RandomSource;
  /** What differs from `defaultEndpointParameters`. Here only those of RFC 7252 §4.8 are checked. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** Cuts and joins bodies of several blocks: `blockWise`. Default: nobody. */
  readonly bodies?: MakeBodyTransfers | undefined;
}

interface Call {
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  readonly init: CoapRequestInit;
  readonly options: RequestOptions;
  readonly token?: Uint8Array;
}

type ResponseEvent = Extract<EndpointEvent, { readonly kind: 'response' }>;
/** A pong is none. */
type Answer = ResponseEvent | undefined;

interface Pending {
  readonly call: Call;
  readonly settle: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  readonly release: () => void;
  /** Until the request has left. */
  onSent: (() => void) | undefined;
}

/**
 * A CoAP client over datagrams for where each kilobyte counts: requests, observations and pings, with retransmission,
 * duplicates, NSTART and PROBING_RATE as everywhere; no streamed bodies, no log, and bodies of several blocks only with
 * the part `blockWise`. What a whole client has besides, `newDatagramClient` has.
 *
 * @example
 * const client = new SmallClient({ transport, clock, random, bodies: blockWise });
 * const response = await client.request('192.0.2.1:5683', { method: 'GET', path: ['temperature'] });
 */
export class SmallClient {
  readonly #transport: DatagramTransport;
  readonly #core: SmallCore;
  readonly #driver: EndpointDriver;
  readonly #requestTimeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #observed = new Map<number, { readonly peer: PeerId; readonly callbacks: ObserveCallbacks }>();
  #nextId = 1;
  #isClosed = false;

  /** @throws {RangeError} a parameter that RFC 7252 §4.8.1 forbids */
  constructor({ transport, clock, random, parameters, bodies }: SmallClientOptions) {
    const all = { ...defaultEndpointParameters, ...parameters };
    const core = new SmallCore(all, random, bodies);
    this.#transport = transport;
    this.#core = core;
    this.#requestTimeoutMs = all.requestTimeoutMs;
    const driver = new EndpointDriver({ core, transport, clock, tell: (event) => quietly(() => this.#tell(event)) });
    this.#driver = driver;
    transport.open({
      datagram: (peer, bytes) =>
        driver.handleBytes(peer, bytes, (from, copy, now) => core.handleDatagram(from, copy, now)),
      unreachable: (peer) => driver.consume(core.handleUnreachable(peer, driver.now())),
      closed: (cause) => this.#end(cause),
    });
  }

  /**
   * Sends a request and waits for the response, of whatever code.
   *
   * @throws as `ClientEndpoint.request` does; a `ProtocolError` for a response of several blocks that nobody joins, a
   *   `TypeError` for a streamed payload
   */
  request(peer: PeerId, init: CoapRequestInit, options: RequestOptions = {}): Promise<CoapResponse> {
    return this.#request({ peer, purpose: 'request', init, options });
  }

  /**
   * Observes a resource. Without `blockWise` a notification of several blocks is told as its first.
   *
   * @throws as `request` does
   * @see RFC 7641 §3
   */
  observe(
    peer: PeerId,
    init: CoapRequestInit,
    callbacks: ObserveCallbacks,
    options: RequestOptions = {},
  ): Promise<CoapObservation> {
    const call: Call = { peer, purpose: 'observe', init, options };
    return this.#ask(call, (answer, response) => {
      const { id, message, isEstablished: established } = answer;
      if (established) this.#observed.set(id, { peer, callbacks });
      const token = message.token.slice();
      let cancelled: Promise<CoapResponse> | undefined;
      return {
        response,
        established,
        token,
        cancel: (how = {}) => {
          cancelled ??= this.#request({ ...call, purpose: 'cancel', options: how, token });
          return cancelled;
        },
        forget: () => this.#driver.consume(this.#core.forget(id, this.#driver.now())),
      };
    });
  }

  /**
   * Finds out whether a peer is there (RFC 7252 §4.3).
   *
   * @throws as `request` does
   */
  async ping(peer: PeerId, options: RequestOptions = {}): Promise<void> {
    await this.#ask({ peer, purpose: 'ping', init: { method: 'GET' }, options }, () => undefined);
  }

  /** Counters and gauges, plain numbers. */
  stats(): Readonly<Record<string, number>> {
    return this.#core.stats();
  }

  /** Ends everything: what waits rejects with an `EndpointClosedError`. */
  close(): Promise<void> {
    this.#end();
    return this.#transport.close();
  }

  #request(call: Call): Promise<CoapResponse> {
    return this.#ask(call, (_answer, response) => response);
  }

  #ask<Result>(call: Call, read: (answer: ResponseEvent, response: CoapResponse) => Result): Promise<Result> {
    const { peer, purpose, options, token } = call;
    const { signal, timeoutMs = this.#requestTimeoutMs, retransmission, bodyTimeoutMs, onSent } = options;
    return new Promise((resolve, reject) => {
      if (this.#isClosed) throw this.#closedError(peer);
      if (signal?.aborted) throw aborted(peer, signal.reason);
      if (!(timeoutMs > 0)) throw new RangeError('timeoutMs is more than 0');
      const { stream, ...request } = encodeRequestInit(call.init);
      if (stream !== undefined) throw new TypeError('this client has no streamed bodies');
      const id = this.#nextId++;
      const now = this.#driver.now();
      const isSendingTold = onSent !== undefined;
      const times = { timeoutMs, bodyTimeoutMs, retransmission };
      const command = { id, peer, purpose, ...times, isSendingTold, token, ...request };
      const effects = this.#core.request(command, now);
      const onAbort = (): void => {
        if (this.#take(id) === undefined) return;
        this.#driver.consume(this.#core.abandon(id, this.#driver.now()));
        reject(aborted(peer, signal?.reason));
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      const settle = (answer: Answer): void => {
        // The promise of a ping is of nothing.
        if (answer === undefined) resolve(undefined as Result);
        else resolve(read(answer, this.#read(call, answer)));
      };
      const release = (): void => signal?.removeEventListener('abort', onAbort);
      this.#pending.set(id, { call, settle, reject, release, onSent });
      this.#driver.consume(effects);
    });
  }

  #read({ peer, init }: Call, { message }: ResponseEvent): CoapResponse {
    const isCut = namesBlock(message.options) && !this.#core.hasTransfers && !namesBlock(init.options ?? []);
    if (!isCut) return readResponse(peer, message, this.#driver.now());
    const detail = { peer, section: 'RFC 7959 §2.4' };
    throw new ProtocolError(`the response of ${peer} has several blocks, which nobody joins`, detail);
  }

  #tell(event: EndpointEvent): void {
    if (event.kind === 'response' || event.kind === 'pong') {
      const pending = this.#take(event.id);
      try {
        pending?.settle(event.kind === 'response' ? event : undefined);
      } catch (error) {
        pending?.reject(error);
      }
    } else if (event.kind === 'sent') {
      const pending = this.#pending.get(event.id);
      const onSent = pending?.onSent;
      if (pending !== undefined) pending.onSent = undefined;
      if (onSent !== undefined) quietly(onSent);
    } else if (event.kind === 'failed') {
      const pending = this.#take(event.id);
      pending?.reject(failureError(event.failure, pending.call.peer));
    } else if (event.kind === 'notification') {
      const observed = this.#observed.get(event.id);
      observed?.callbacks.onNotification(readResponse(observed.peer, event.message, this.#driver.now()));
    } else if (event.kind === 'observation-ended') {
      const observed = this.#observed.get(event.id);
      this.#observed.delete(event.id);
      observed?.callbacks.onEnd(event.failure && failureError(event.failure, observed.peer));
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.release();
    return pending;
  }

  #end(cause?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#driver.stop();
    for (const [id, { call, reject }] of [...this.#pending]) {
      this.#take(id);
      reject(this.#closedError(call.peer, cause));
    }
    const observed = [...this.#observed.values()];
    this.#observed.clear();
    for (const { peer, callbacks } of observed) quietly(() => callbacks.onEnd(this.#closedError(peer, cause)));
  }

  #closedError(peer: PeerId, cause?: Error): EndpointClosedError {
    return new EndpointClosedError('the client is closed', { peer, cause });
  }
}

/** A notification that cannot be read is dropped, and what a callback throws has no log to go to. */
function quietly(run: () => void): void {
  try {
    run();
  } catch {}
}

function aborted(peer: PeerId, cause: unknown): AbortedError {
  return new AbortedError(`the request to ${peer} was aborted`, { peer, cause });
}
