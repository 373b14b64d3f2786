import type { RequestingEndpoint } from '../client/coap-client.ts';
import type { CoapRequestInit } from '../client/coap-request-init.ts';
import type { Instant, PeerId } from '../effects.ts';
import { echoOf } from '../freshness/echo-of.ts';
import type { Clock } from '../platform/clock.ts';
import { OptionNumber, ResponseCode } from '../wire/index.ts';
import { type AskedRequest, aroundRequests, isRepeatable } from './around-requests.ts';

/** How long which Echo values are kept. */
export interface EchoPreemptivelyOptions {
  /** Forgets. */
  readonly clock: Clock;
  /** How many peers' values are kept; one more takes the place of the oldest. Default: 1000. */
  readonly echoPeersMax?: number;
  /** For how long a value is kept that no request used: servers take old ones for stale. Default: 5 minutes. */
  readonly keptForMs?: number;
}

interface KeptEcho {
  readonly value: Uint8Array;
  readonly until: Instant;
}

/**
 * Lets a client put the Echo value of a response into its next request to that peer, so that a server which wants to
 * know that requests are fresh need not ask for it each time. A value is used once, and sent to nobody else. (That a
 * 4.01 with Echo is answered by the request once more, every client does.)
 *
 * @returns an endpoint to make a `CoapClient` of; closing it closes `endpoint`
 * @throws {RangeError} a time or count that is not positive
 * @see RFC 9175 §2.3, §6
 */
export function echoPreemptively(endpoint: RequestingEndpoint, options: EchoPreemptivelyOptions): RequestingEndpoint {
  const echoes = new KeptEchoes(options);
  return aroundRequests(
    endpoint,
    (asked) => echoes.ask(asked),
    () => echoes.close(),
  );
}

class KeptEchoes {
  readonly #clock: Clock;
  readonly #echoPeersMax: number;
  readonly #keptForMs: number;
  /** Oldest first. */
  readonly #byPeer = new Map<PeerId, KeptEcho>();
  #cancelTimer: (() => void) | undefined;

  constructor({ clock, echoPeersMax = 1000, keptForMs = 300_000 }: EchoPreemptivelyOptions) {
    if (!(echoPeersMax >= 1)) throw new RangeError('echoPeersMax is 1 or more');
    if (!(keptForMs > 0)) throw new RangeError('keptForMs is more than 0');
    this.#clock = clock;
    this.#echoPeersMax = echoPeersMax;
    this.#keptForMs = keptForMs;
  }

  async ask<Result>(asked: AskedRequest<Result>): Promise<Result> {
    const { peer, init, ask } = asked;
    const value = echoOf(init.options ?? []) === undefined ? this.#take(peer) : undefined;
    const result = await ask(value === undefined ? init : withEcho(init, value));
    const next = this.#note(asked, result);
    // The value was stale: the endpoint does not repeat a request that has one.
    if (value === undefined || next === undefined || !isRepeatable(init)) return result;
    const again = await ask(withEcho(init, next));
    this.#note(asked, again);
    return again;
  }

  close(): void {
    this.#byPeer.clear();
    this.#cancelTimer?.();
  }

  /** Keeps the value of a response; that of a 4.01 is returned. */
  #note<Result>({ peer, responseOf }: AskedRequest<Result>, result: Result): Uint8Array | undefined {
    const response = responseOf(result);
    // "A client MUST only send Echo option values to endpoints it received them from" (RFC 9175 §2.3).
    const value = response.peer === peer ? echoOf(response.options) : undefined;
    if (value === undefined) return undefined;
    if (response.code === ResponseCode.Unauthorized) return value;
    this.#byPeer.delete(peer);
    const [oldest] = this.#byPeer.keys();
    if (this.#byPeer.size >= this.#echoPeersMax && oldest !== undefined) this.#byPeer.delete(oldest);
    this.#byPeer.set(peer, { value: value.slice(), until: this.#clock.now() + this.#keptForMs });
    this.#cancelTimer ??= this.#schedule();
    return undefined;
  }

  #take(peer: PeerId): Uint8Array | undefined {
    const kept = this.#byPeer.get(peer);
    this.#byPeer.delete(peer);
    return kept?.value;
  }

  #schedule(): (() => void) | undefined {
    for (const { until } of this.#byPeer.values()) return this.#clock.schedule(until, () => this.#forget());
    return undefined;
  }

  #forget(): void {
    const now = this.#clock.now();
    for (const [peer, { until }] of this.#byPeer) {
      if (until > now) break;
      this.#byPeer.delete(peer);
    }
    this.#cancelTimer = this.#schedule();
  }
}

function withEcho(init: CoapRequestInit, value: Uint8Array): CoapRequestInit {
  return { ...init, options: [...(init.options ?? []), { number: OptionNumber.Echo, value }] };
}
