import type { Effects, Instant, PeerId } from '../effects.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import type { EndpointCore } from './endpoint-core.ts';
import type { EndpointEvent } from './endpoint-event.ts';

/** What a driver joins. */
export interface EndpointDriverParts {
  readonly core: Pick<EndpointCore, 'handleTimeout'>;
  /** Sends what the core wishes. */
  readonly transport: Pick<DatagramTransport, 'send'>;
  readonly clock: Clock;
  /** Takes one event; must not throw. */
  readonly tell: (event: EndpointEvent) => void;
}

/** Makes effects of what came from a peer. */
export type TakeBytes = (peer: PeerId, bytes: Uint8Array, now: Instant) => Effects<EndpointEvent>;

const SLAB_BYTES = 16_384;
const SHARED_BYTES_MAX = 1024;
/** Never added to: one that waits gets a list of its own. */
const NONE_WAITING: Effects<EndpointEvent>[] = [];

/**
 * Does what an endpoint core wishes: sends all transmits of a step, then tells its events, and only then goes on to the
 * effects of commands that were given meanwhile.
 */
export class EndpointDriver {
  readonly #core: Pick<EndpointCore, 'handleTimeout'>;
  readonly #transport: Pick<DatagramTransport, 'send'>;
  readonly #clock: Clock;
  readonly #tell: (event: EndpointEvent) => void;
  #waiting = NONE_WAITING;
  #isBusy = false;
  #isStopped = false;
  #scheduledAt = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #slab = new Uint8Array(0);
  #slabEnd = 0;

  constructor(parts: EndpointDriverParts) {
    this.#core = parts.core;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
  }

  /** The time, for commands to the core. */
  now(): Instant {
    return this.#clock.now();
  }

  /**
   * Takes the effects of a command.
   *
   * @param isUrgent whether they go before those of other commands that wait: what a handler answers goes before what
   *   it asks for itself, since small peers drop a request that comes before their answer
   */
  consume(effects: Effects<EndpointEvent>, isUrgent = false): void {
    if (this.#isStopped) return;
    if (this.#isBusy) {
      if (this.#waiting.length === 0) this.#waiting = [effects];
      else if (isUrgent) this.#waiting.unshift(effects);
      else this.#waiting.push(effects);
      return;
    }
    this.#isBusy = true;
    let wakeAt = effects.wakeAt ?? Number.POSITIVE_INFINITY;
    try {
      this.#perform(effects);
      while (this.#waiting.length > 0 && !this.#isStopped) {
        const waiting = this.#waiting;
        this.#waiting = NONE_WAITING;
        for (const next of waiting) {
          this.#perform(next);
          // The earliest of all: to wake too early does no harm.
          if (next.wakeAt !== undefined && next.wakeAt < wakeAt) wakeAt = next.wakeAt;
        }
      }
    } finally {
      this.#isBusy = false;
    }
    if (wakeAt < this.#scheduledAt) this.#schedule(wakeAt);
  }

  /**
   * Takes bytes of the transport, which `take` makes effects of.
   *
   * @param isOwned whether they never change any more; a copy of others is what `take` gets
   */
  handleBytes(peer: PeerId, bytes: Uint8Array, take: TakeBytes, isOwned = false): void {
    if (this.#isStopped) return;
    const now = this.#clock.now();
    // A machine that was suspended has timers that are late.
    if (now > this.#scheduledAt) this.#wake();
    this.consume(take(peer, isOwned ? bytes : this.#copy(bytes), now));
  }

  /** Sends and tells nothing any more. */
  stop(): void {
    this.#isStopped = true;
    this.#waiting = NONE_WAITING;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #perform({ transmits, events }: Effects<EndpointEvent>): void {
    for (const { peer, bytes } of transmits) this.#transport.send(peer, bytes);
    for (const event of events) {
      if (this.#isStopped) return;
      this.#tell(event);
    }
  }

  #schedule(at: Instant): void {
    this.#cancelTimer?.();
    this.#scheduledAt = at;
    this.#cancelTimer = this.#clock.schedule(at, () => this.#wake());
  }

  #wake(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#scheduledAt = Number.POSITIVE_INFINITY;
    this.consume(this.#core.handleTimeout(this.#clock.now()));
  }

  /** What a datagram says outlives the transport's buffer: short ones share one of ours. */
  #copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    // Not `slice`: that of a Node Buffer is a view.
    if (length > SHARED_BYTES_MAX) return new Uint8Array(bytes);
    if (this.#slabEnd + length > this.#slab.length) {
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#slabEnd = 0;
    }
    const start = this.#slabEnd;
    this.#slabEnd += length;
    this.#slab.set(bytes, start);
    return this.#slab.subarray(start, this.#slabEnd);
  }
}
