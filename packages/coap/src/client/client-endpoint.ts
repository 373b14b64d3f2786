import { ClientBodies } from '../bodies/client-bodies.ts';
import type { PeerId } from '../effects.ts';
import { type EndpointStats, wholeStats } from '../endpoint/endpoint-stats.ts';
import { withEchoOf } from '../freshness/echo-of.ts';
import { type AsyncDisposableLike, addAsyncDispose } from '../platform/async-dispose.ts';
import type { Clock } from '../platform/clock.ts';
import { encodeUintOption, OptionNumber } from '../wire/index.ts';
import type { CoapRequestInit, TellOptions } from './coap-request-init.ts';
import type { CoapResponse } from './coap-response.ts';
import { EndpointEvents, type EventReceivers } from './endpoint-events.ts';
import { PlainClient, type PlainClientParts } from './plain-client.ts';

/** What an endpoint is composed of. */
export interface ClientEndpointParts
  extends Pick<PlainClientParts, 'transport' | 'clock' | 'core' | 'requestTimeoutMs' | 'open'>,
    EventReceivers {
  /** So many bytes of a streamed response body wait for their reader. */
  readonly streamBufferBytes: number;
}

/**
 * A CoAP endpoint in the role of a client, whatever carries its messages: a plain client whose bodies may be streamed.
 * `newDatagramClient` makes one over datagrams.
 *
 * @example
 * const client = newDatagramClient({ transport, clock, random });
 * const response = await client.request('127.0.0.1:5683', { method: 'GET', path: ['temperature'] });
 */
export class ClientEndpoint extends PlainClient implements AsyncDisposableLike {
  /** As `close()`, for `await using`, where the platform knows the symbol. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;
  readonly #clock: Clock;
  readonly #events: EndpointEvents;
  #closed: Promise<void> | undefined;

  /** @hidden */
  constructor(parts: ClientEndpointParts) {
    const other = new EndpointEvents(parts);
    super({
      ...parts,
      other,
      makeStreams: (core, driver, calls) => new ClientBodies(core, driver, calls, parts.streamBufferBytes),
    });
    this.#clock = parts.clock;
    this.#events = other;
  }

  /**
   * Sends a request whose response is not wanted, or only of some classes.
   *
   * @param options which classes are not wanted, and how long it is waited for
   * @returns the response, `undefined` where none came: it was not wanted, or was lost
   * @throws as `request` does; a `RangeError` for a payload that does not fit one block
   * @see RFC 7967
   */
  tell(peer: PeerId, init: CoapRequestInit, options: TellOptions = {}): Promise<CoapResponse | undefined> {
    const { unwanted = [2, 4, 5] } = options;
    const bits = unwanted.reduce((sum, responseClass) => sum | (1 << (responseClass - 1)), 0);
    const told = { ...init, options: [encodeUintOption(OptionNumber.NoResponse, bits), ...(init.options ?? [])] };
    return this.ask({ peer, purpose: 'tell', init: told, options, site: new Error() }).then((response) => {
      const again = response && withEchoOf(init, response);
      return again === undefined ? response : this.tell(peer, again, options);
    });
  }

  /** Counters and gauges, plain numbers. */
  override stats(): EndpointStats {
    return wholeStats(super.stats());
  }

  /**
   * Ends everything: calls reject with an `EndpointClosedError`, signals are given, observations end, the transport is
   * closed. Every call gives the same promise.
   *
   * @param options `timeoutMs`: what is in flight may still come to its end for so long; default 0
   */
  override close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closed ??= this.#close(options.timeoutMs ?? 0);
    return this.#closed;
  }

  async #close(timeoutMs: number): Promise<void> {
    this.refuse();
    if (timeoutMs > 0) await this.#events.idle(() => this.isIdle, this.#clock, timeoutMs);
    await super.close();
  }
}

addAsyncDispose(ClientEndpoint.prototype);
