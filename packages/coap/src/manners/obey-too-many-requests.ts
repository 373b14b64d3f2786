import type { RequestingEndpoint } from '../client/coap-client.ts';
import type { Instant, PeerId } from '../effects.ts';
import { AbortedError, EndpointClosedError, QueueFullError } from '../errors.ts';
import type { AbortSignalLike } from '../platform/abort-source.ts';
import type { Clock } from '../platform/clock.ts';
import { retryAfterMs } from '../server/too-many-requests.ts';
import { ResponseCode } from '../wire/index.ts';
import { type AskedRequest, aroundRequests, isRepeatable } from './around-requests.ts';
import { TooManyRequestsError } from './too-many-requests-error.ts';

/** How a client obeys 4.29. */
export interface ObeyTooManyRequestsOptions {
  /** Waits. */
  readonly clock: Clock;
  /**
   * `wait`: requests wait until the peer may be asked again, those that it refused included; `reject`: they reject with
   * a `TooManyRequestsError` meanwhile, and the 4.29 itself is the response to the one that it refused. Default: `wait`.
   */
  readonly whenLimited?: 'wait' | 'reject';
  /** How long a request waits in all; where that is not enough it rejects at once. Default: 93 s. */
  readonly waitMaxMs?: number;
  /** How many requests to one peer wait; one more rejects with a `QueueFullError`. Default: 256. */
  readonly waitingPerPeerMax?: number;
  /** How many peers are remembered that said so; one more takes the place of the first. Default: 1000. */
  readonly limitedPeersMax?: number;
}

/** A peer that is not to be asked for a while. */
interface Pause {
  until: Instant;
  cancelTimer: () => void;
  /** Who waits for its end; told whether the endpoint was closed. */
  readonly waiting: Set<(isClosed: boolean) => void>;
}

/** A peer that says 0 would be asked on and on. */
const PAUSE_MS_MIN = 1000;

/**
 * Lets a client obey "4.29 Too Many Requests": while the time has not passed that the response gives in Max-Age, that
 * peer is sent nothing. Which requests are similar is left to the application; here all to one peer are.
 *
 * @returns an endpoint to make a `CoapClient` of; closing it closes `endpoint`
 * @throws {RangeError} a time or count that is not positive
 * @see RFC 8516 §4
 * @example
 * const endpoint = obeyTooManyRequests(await openCoapEndpoint(), { clock: nodeClock });
 */
export function obeyTooManyRequests(
  endpoint: RequestingEndpoint,
  options: ObeyTooManyRequestsOptions,
): RequestingEndpoint {
  const pauses = new Pauses(options);
  return aroundRequests(
    endpoint,
    (asked) => pauses.ask(asked),
    () => pauses.close(),
  );
}

class Pauses {
  readonly #clock: Clock;
  readonly #isWaiting: boolean;
  readonly #waitMaxMs: number;
  readonly #waitingPerPeerMax: number;
  readonly #limitedPeersMax: number;
  readonly #byPeer = new Map<PeerId, Pause>();

  constructor(options: ObeyTooManyRequestsOptions) {
    const { waitMaxMs = 93_000, waitingPerPeerMax = 256, limitedPeersMax = 1000 } = options;
    for (const [name, value] of Object.entries({ waitMaxMs, waitingPerPeerMax, limitedPeersMax })) {
      if (!(value > 0)) throw new RangeError(`${name} is more than 0`);
    }
    this.#clock = options.clock;
    this.#isWaiting = options.whenLimited !== 'reject';
    this.#waitMaxMs = waitMaxMs;
    this.#waitingPerPeerMax = waitingPerPeerMax;
    this.#limitedPeersMax = limitedPeersMax;
  }

  async ask<Result>({ peer, init, options, ask, responseOf }: AskedRequest<Result>): Promise<Result> {
    for (let leftMs = this.#waitMaxMs; ; ) {
      const pause = this.#byPeer.get(peer);
      if (pause !== undefined) {
        const waitMs = pause.until - this.#clock.now();
        if (!this.#isWaiting || waitMs > leftMs) throw tooMany(peer, waitMs);
        leftMs -= waitMs;
        await this.#wait(peer, pause, options.signal);
        continue;
      }
      const result = await ask(init);
      const response = responseOf(result);
      if (response.code !== ResponseCode.TooManyRequests) return result;
      const pauseMs = Math.max(PAUSE_MS_MIN, retryAfterMs(response) ?? 0);
      this.#pause(peer, pauseMs);
      if (!this.#isWaiting || pauseMs > leftMs || !isRepeatable(init)) return result;
    }
  }

  close(): void {
    for (const peer of [...this.#byPeer.keys()]) this.#end(peer, true);
  }

  #pause(peer: PeerId, pauseMs: number): void {
    const until = this.#clock.now() + pauseMs;
    const known = this.#byPeer.get(peer);
    if (known !== undefined && known.until >= until) return;
    known?.cancelTimer();
    const cancelTimer = this.#clock.schedule(until, () => this.#end(peer, false));
    if (known !== undefined) Object.assign(known, { until, cancelTimer });
    else {
      const [first] = this.#byPeer.keys();
      if (this.#byPeer.size >= this.#limitedPeersMax && first !== undefined) this.#end(first, false);
      this.#byPeer.set(peer, { until, cancelTimer, waiting: new Set() });
    }
  }

  #end(peer: PeerId, isClosed: boolean): void {
    const pause = this.#byPeer.get(peer);
    this.#byPeer.delete(peer);
    pause?.cancelTimer();
    for (const resume of pause?.waiting ?? []) resume(isClosed);
  }

  #wait(peer: PeerId, { waiting }: Pause, signal: AbortSignalLike | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        waiting.delete(resume);
        reject(new AbortedError(`the request to ${peer} was aborted`, { peer, cause: signal?.reason }));
      };
      const resume = (isClosed: boolean): void => {
        signal?.removeEventListener('abort', onAbort);
        if (isClosed) reject(new EndpointClosedError('the endpoint is closed', { peer }));
        else resolve();
      };
      if (signal?.aborted) return onAbort();
      if (waiting.size >= this.#waitingPerPeerMax) {
        const limit = 'waitingPerPeerMax';
        return reject(new QueueFullError(`too many requests wait until ${peer} may be asked again`, { peer, limit }));
      }
      waiting.add(resume);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

function tooMany(peer: PeerId, waitMs: number): TooManyRequestsError {
  return new TooManyRequestsError(`${peer} is not to be asked for ${Math.ceil(waitMs)} ms`, {
    peer,
    retryAfterMs: waitMs,
  });
}
