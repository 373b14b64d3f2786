import type { Effects, Instant, Transmit } from '../effects.ts';
import type { DtlsServerEvent } from './server-options.ts';

/** What follows from a step of a server, until the driver takes it. */
export class ServerOutbox {
  #transmits: Transmit[] = [];
  #events: DtlsServerEvent[] = [];

  /** How many events there are, for `tell` to put one before later ones. */
  get eventCount(): number {
    return this.#events.length;
  }

  /** Sends to an address. */
  send(address: string, bytes: Uint8Array): void {
    this.#transmits.push({ address, bytes });
  }

  /** Tells an event. */
  tell(event: DtlsServerEvent): void {
    this.#events.push(event);
  }

  /** Tells an event before those that came since there were so many. */
  tellAt(place: number, event: DtlsServerEvent): void {
    this.#events.splice(place, 0, event);
  }

  /** Gives out what there is. */
  take(wakeAt: Instant | undefined): Effects<DtlsServerEvent> {
    const effects = { transmits: this.#transmits, events: this.#events, wakeAt };
    this.#transmits = [];
    this.#events = [];
    return effects;
  }
}
