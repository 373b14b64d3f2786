import type { Effects } from './effects.ts';
import type { Clock, DatagramTransport } from './transport.ts';

/** Does what a core asks for: sends, sets the timer, then tells the events. */
export class EffectsDriver<Event> {
  readonly #transport: DatagramTransport;
  readonly #clock: Clock;
  readonly #handleTimeout: () => Effects<Event>;
  readonly #handleEvent: (event: Event) => void;
  #cancel: (() => void) | undefined;
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
    this.#cancel?.();
    this.#cancel =
      wakeAt === undefined ? undefined : this.#clock.schedule(wakeAt, () => this.run(this.#handleTimeout()));
    for (const event of events) this.#handleEvent(event);
  }

  /** Ends the timer; nothing is done afterwards. */
  stop(): void {
    this.#hasStopped = true;
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
