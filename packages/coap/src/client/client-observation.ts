import type { RandomSource } from '../effects.ts';
import { AbortedError, QueueFullError } from '../errors.ts';
import { type AbortSignalLike, AbortSource } from '../platform/abort-source.ts';
import type { Clock } from '../platform/clock.ts';
import { type ClientResponse, CoapResponseError, clientResponse } from './client-response.ts';
import type { CoapObservation, ObserveCallbacks } from './coap-observation.ts';
import type { CoapResponse } from './coap-response.ts';

/** What becomes of notifications that nobody takes. */
export interface ObservationBuffering {
  /** So many notifications wait to be taken. Default 16. */
  readonly bufferMax?: number;
  /**
   * What one more does: the oldest gives way (default; the newest state counts, RFC 7641 §1.3), it is dropped itself, or
   * the observation ends with a `QueueFullError`.
   */
  readonly overflow?: 'drop-oldest' | 'drop-newest' | 'end';
  /**
   * What is done when nothing came until 5 to 15 seconds after the newest notification ceased to be fresh (Max-Age, 60 s
   * where it does not say): ask to observe anew (default), so that a server that has forgotten us remembers, or wait.
   *
   * @see RFC 7641 §3.3.1
   */
  readonly whenStale?: 'observe-anew' | 'wait';
}

/** What an observation is made of. */
export interface ClientObservationParts {
  /** Says when what came is not fresh any more. */
  readonly clock: Clock;
  /** Spreads the requests that follow from that. */
  readonly random: RandomSource;
  /** Ends the observation with an `AbortedError`. */
  readonly signal: AbortSignalLike | undefined;
  /** What becomes of notifications that nobody takes. */
  readonly buffering: ObservationBuffering;
  /** Asks to observe; with a token, to renew the observation that has it. */
  readonly observe: (
    callbacks: ObserveCallbacks,
    signal: AbortSignalLike,
    token: Uint8Array | undefined,
  ) => Promise<CoapObservation>;
}

interface Waiter {
  readonly resolve: (result: IteratorResult<ClientResponse, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

const BUFFER_MAX = 16;
/** "a client SHOULD wait … a random amount of time between 5 and 15 seconds after Max-Age has expired" (RFC 7641 §3.3.1). */
const STALE_WAIT_MS = { least: 5_000, spread: 10_000 };
const MAX_AGE_SECONDS = 60;
const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * What a client observes: the answers of the server in their order, the first one at once.
 *
 * It begins when the first answer is asked for. It throws what ended it: a `CoapResponseError` where the server answered
 * with an error, else as `CoapEndpoint.request` does. It ends by itself after one answer where the server does not let
 * the resource be observed. `break` ends it, without waiting for the server.
 */
export class ClientObservation implements AsyncIterableIterator<ClientResponse> {
  /** How many notifications were dropped since nobody took them in time. */
  dropped = 0;
  readonly #parts: ClientObservationParts;
  readonly #bufferMax: number;
  readonly #source = new AbortSource();
  readonly #waiters: Waiter[] = [];
  #buffer: ClientResponse[] = [];
  #phase: 'new' | 'running' | 'ended' = 'new';
  /** What is to be thrown after the buffer is empty; thrown once. */
  #error: unknown;
  #observation: CoapObservation | undefined;
  /** Counts the times that it was asked to observe: only the latest counts. */
  #generation = 0;
  #cancelTimer: (() => void) | undefined;
  #cancelled: Promise<void> | undefined;

  /** @throws {RangeError} `bufferMax` is not a positive integer */
  constructor(parts: ClientObservationParts) {
    const { bufferMax = BUFFER_MAX } = parts.buffering;
    if (!Number.isInteger(bufferMax) || bufferMax < 1) throw new RangeError('bufferMax is an integer, 1 or more');
    this.#parts = parts;
    this.#bufferMax = bufferMax;
  }

  /** Itself: what is observed comes once, to whoever asks. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next answer of the server. */
  next(): Promise<IteratorResult<ClientResponse, undefined>> {
    if (this.#phase === 'new') this.#begin();
    return new Promise((resolve, reject) => {
      const value = this.#buffer.shift();
      const error = this.#error;
      if (value !== undefined) resolve({ done: false, value });
      else if (this.#phase !== 'ended') this.#waiters.push({ resolve, reject });
      else if (error === undefined) resolve(DONE);
      else {
        this.#error = undefined;
        reject(error);
      }
    });
  }

  /** Ends the observation without waiting for the server: what `break` calls. */
  return(): Promise<IteratorResult<ClientResponse, undefined>> {
    this.cancel().catch(() => {});
    this.#buffer = [];
    this.#error = undefined;
    return Promise.resolve(DONE);
  }

  /**
   * Ends the observation and tells the server so (RFC 7641 §3.6). What came before can still be taken.
   *
   * @returns settles when the server has answered; every call gives the same promise
   * @throws as `CoapEndpoint.request` does
   */
  cancel(): Promise<void> {
    if (this.#cancelled !== undefined) return this.#cancelled;
    const observation = this.#observation;
    this.#end(undefined);
    this.#source.abort(undefined);
    this.#cancelled = Promise.resolve(observation?.established ? observation.cancel() : undefined).then(() => {});
    return this.#cancelled;
  }

  #begin(): void {
    this.#phase = 'running';
    const { signal } = this.#parts;
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (signal?.aborted) this.#onAbort();
    else this.#register();
  }

  readonly #onAbort = (): void => {
    const observation = this.#observation;
    this.#end(new AbortedError('the observation was aborted', { cause: this.#parts.signal?.reason }));
    this.#source.abort(this.#parts.signal?.reason);
    observation?.cancel().catch(() => {});
  };

  /** Asks to observe; another time in place of the observation that is there. */
  #register(): void {
    const generation = ++this.#generation;
    const isCurrent = (): boolean => generation === this.#generation && this.#phase === 'running';
    // What comes before the first answer was taken waits for it.
    let early: (() => void)[] | undefined = [];
    const inOrder = (run: () => void): void => {
      if (!isCurrent()) return;
      if (early === undefined) run();
      else early.push(run);
    };
    const callbacks = {
      onNotification: (response: CoapResponse): void => inOrder(() => this.#take(response)),
      onEnd: (error: Error | undefined): void => inOrder(() => this.#end(error)),
    };
    this.#parts.observe(callbacks, this.#source.signal, this.#observation?.token).then(
      (observation) => {
        // Cancelled or aborted meanwhile.
        if (!isCurrent()) return observation.forget();
        // The former one, with the same token, has ended with this answer.
        this.#observation = observation;
        this.#take(observation.response);
        const waiting = early ?? [];
        early = undefined;
        for (const run of waiting) run();
        if (!observation.established) this.#end(undefined);
      },
      (error) => {
        if (isCurrent()) this.#end(error);
      },
    );
  }

  #take(response: CoapResponse): void {
    if (this.#phase !== 'running') return;
    const value = clientResponse(response);
    if (!value.isSuccess) this.#end(new CoapResponseError(value));
    else {
      this.#waitForNext(response);
      const waiter = this.#waiters.shift();
      if (waiter === undefined) this.#keep(value);
      else waiter.resolve({ done: false, value });
    }
  }

  #keep(value: ClientResponse): void {
    const { overflow = 'drop-oldest' } = this.#parts.buffering;
    if (this.#buffer.length < this.#bufferMax) this.#buffer.push(value);
    else if (overflow === 'end') {
      const observation = this.#observation;
      this.#end(new QueueFullError('nobody takes the notifications', { peer: value.peer, limit: 'bufferMax' }));
      observation?.cancel().catch(() => {});
    } else {
      this.dropped++;
      if (overflow === 'drop-newest') return;
      this.#buffer.shift();
      this.#buffer.push(value);
    }
  }

  #waitForNext({ receivedAt, maxAgeSeconds = MAX_AGE_SECONDS }: CoapResponse): void {
    this.#cancelTimer?.();
    if (this.#parts.buffering.whenStale === 'wait') return;
    const draw = new Uint8Array(1);
    this.#parts.random.fill(draw);
    const waitMs = STALE_WAIT_MS.least + (STALE_WAIT_MS.spread * (draw[0] as number)) / 0xff;
    this.#cancelTimer = this.#parts.clock.schedule(receivedAt + maxAgeSeconds * 1000 + waitMs, () => this.#register());
  }

  #end(error: unknown): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.#error = error;
    this.#observation = undefined;
    this.#cancelTimer?.();
    this.#parts.signal?.removeEventListener('abort', this.#onAbort);
    for (const { resolve, reject } of this.#waiters.splice(0)) {
      if (this.#error === undefined) resolve(DONE);
      else reject(error);
      this.#error = undefined;
    }
  }
}
