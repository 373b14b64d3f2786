import type { ConnectionLayerEvent } from '../connection/connection-layer-event.ts';
import type { PeerId } from '../effects.ts';
import type { EndpointDriver } from '../endpoint/endpoint-driver.ts';
import type { EndpointEvent } from '../endpoint/endpoint-event.ts';
import type { ServerEvent } from '../endpoint/server-half.ts';
import type { CoapError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { Message } from '../wire/index.ts';
import type { OtherEvents } from './plain-client.ts';

/** What takes the events of an endpoint's server half. */
export interface ServerCalls {
  /** Takes one event. */
  handleEvent(event: ServerEvent): void;
  /** Gives the signals of all requests and relations. */
  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void;
}

/** Who is told of the events of an endpoint that are not for its client's half. */
export interface EventReceivers {
  /** Makes what takes the events of the server's half; without it nothing is served. */
  readonly serve?: (driver: EndpointDriver) => ServerCalls;
  /** Takes what becomes of connections, where there are such. */
  readonly handleConnectionEvent?: (event: ConnectionLayerEvent) => void;
  /** Takes notifications of observations that somebody else keeps. */
  readonly handleKept?: ((peer: PeerId, message: Message) => void) | undefined;
  /** Takes what an operator may want to read. */
  readonly logger: Logger | undefined;
}

/** The events of an endpoint that are not for its client's half, and the end of everything. */
export class EndpointEvents implements OtherEvents {
  readonly #receivers: EventReceivers;
  #server: ServerCalls | undefined;
  /** Called after each event, while the end is waited for. */
  #check: (() => void) | undefined;

  constructor(receivers: EventReceivers) {
    this.#receivers = receivers;
  }

  start(driver: EndpointDriver): void {
    this.#server = this.#receivers.serve?.(driver);
  }

  handleEvent(event: EndpointEvent): void {
    if (event.kind === 'malformed') {
      const { peer, error } = event;
      const about = { peer, code: error.code, offset: error.offset };
      this.#receivers.logger?.debug?.(about, 'a datagram is no CoAP message');
    } else if ('exchangeId' in event || 'relationId' in event) this.#server?.handleEvent(event);
    else if (event.kind === 'kept-notification') this.#receivers.handleKept?.(event.peer, event.message);
    else if ('peer' in event) this.#receivers.handleConnectionEvent?.(event);
  }

  handled(): void {
    this.#check?.();
  }

  failAll(make: (peer: PeerId) => CoapError, onThrow: (error: unknown) => void): void {
    this.#server?.failAll(make, onThrow);
    this.#check?.();
  }

  /** Waits until nothing is under way any more, which is looked at after each event, or the time has passed. */
  idle(isIdle: () => boolean, clock: Clock, timeoutMs: number): Promise<void> {
    if (isIdle()) return Promise.resolve();
    return new Promise((resolve) => {
      const cancelTimer = clock.schedule(clock.now() + timeoutMs, resolve);
      this.#check = () => {
        if (!isIdle()) return;
        cancelTimer();
        resolve();
      };
    });
  }
}
