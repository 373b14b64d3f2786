import type { Effects, Instant } from './effects.ts';
import type { Clock, DatagramTransport } from './transport.ts';

/** Does what a core asks for: sends, sets the timer, then tells the events. */
export class EffectsDriver<Event> {
  readonly #transport: DatagramTransport;
  readonly #clock: Clock;
  readonly #handleTimeout: () => Effects<Event>;
  readonly #handleEvent: (event: Event) => void;
  #cancel: (() => void) | undefined;
  /** When the timer fires that there is. */
  #timerAt: Instant = Number.POSITIVE_INFINITY;
  #hasStopped = false;

  constructor(
    transport: DatagramTransport,
    clock: Clock,
    handleTimeout: () => Effects<Event>,
    handleEvent: (event: Event) => void,
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#handleTimeout = handleTimeout;
    this.#handleEvent = handleEvent;
  }

  /** Does what one step asks for. */
  run({ transmits, events, wakeAt }: Effects<Event>): void {
    if (this.#hasStopped) return;
    for (const { address, bytes } of transmits) this.#transport.send(address, bytes);
    // Before the events: what they lead to asks for the timer anew.
    this.#schedule(wakeAt);
    for (const event of events) this.#handleEvent(event);
  }

  /** Ends the timer; nothing is done afterwards. */
  stop(): void {
    this.#hasStopped = true;
    this.#schedule(undefined);
  }

  /**
   * A timer that fires too early does no harm, and every record moves the end of an idle association a little further: so
   * one that there is already stays, and is set anew when it fires.
   */
  #schedule(wakeAt: Instant = Number.POSITIVE_INFINITY): void {
    if (this.#cancel !== undefined && this.#timerAt <= wakeAt && Number.isFinite(wakeAt)) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#timerAt = wakeAt;
    if (!Number.isFinite(wakeAt)) return;
    this.#cancel = this.#clock.schedule(wakeAt, () => {
      this.#cancel = undefined;
      this.run(this.#handleTimeout());
    });
  }
}
