import type { Instant } from '../effects.ts';
import { encodeFlight, type FlightItem } from '../handshake/flight.ts';
import type { DtlsParameters } from '../parameters.ts';
import type { RecordLayer } from '../record/record-layer.ts';
import type { StepOutput } from './association-event.ts';

/** After so many time-outs of one flight, datagrams are taken to be too large for the path; they stay small. */
const TIMEOUTS_OF_SMALL_PATHS = 2;

/**
 * Sends flights, and sends them again until the next one: each is held until the peer shows that it has it.
 *
 * @see RFC 6347 §4.2.4
 */
export class FlightRun {
  readonly #layer: RecordLayer;
  readonly #parameters: DtlsParameters;
  #flight: readonly FlightItem[] = [];
  #waitMs: number;
  #hasRetransmitted = false;
  /** Of the flight that is under way. */
  #timeouts = 0;
  #sentAt: Instant = 0;
  #retransmitAt: Instant | undefined;

  constructor(layer: RecordLayer, parameters: DtlsParameters) {
    this.#layer = layer;
    this.#parameters = parameters;
    this.#waitMs = parameters.retransmitMsInitial;
  }

  /** When `handleTimeout` is due. */
  get retransmitAt(): Instant | undefined {
    return this.#retransmitAt;
  }

  /** Sends the next flight: the peer has the one before. */
  start(flight: readonly FlightItem[], now: Instant, output: StepOutput): void {
    this.#flight = flight;
    if (this.#timeouts < TIMEOUTS_OF_SMALL_PATHS) this.#timeouts = 0;
    // The wait starts anew only after a flight that needed no second sending (RFC 6347 §4.2.4.1).
    if (!this.#hasRetransmitted) this.#waitMs = this.#parameters.retransmitMsInitial;
    this.#hasRetransmitted = false;
    this.#send(now, output);
    this.#retransmitAt = now + this.#waitMs;
  }

  /** Nothing is sent again by itself: it is not the peer that is waited for. */
  park(): void {
    this.#retransmitAt = undefined;
  }

  /** The peer asks for the flight once more. Copies of one flight do not call for several; its own timer is never that short. */
  retransmitSoon(now: Instant, output: StepOutput): void {
    if (now - this.#sentAt >= this.#parameters.retransmitMsInitial / 2) this.#retransmit(now, output);
  }

  /** The path said that a datagram was too large for it (RFC 6347 §4.1.1.1): smaller ones go out at once. */
  shrink(now: Instant, output: StepOutput): void {
    if (this.#isSmall || this.#retransmitAt === undefined) return;
    this.#timeouts = TIMEOUTS_OF_SMALL_PATHS;
    this.#retransmit(now, output);
  }

  /** Retransmits if it is time. */
  handleTimeout(now: Instant, output: StepOutput): void {
    if (this.#retransmitAt === undefined || now < this.#retransmitAt) return;
    this.#waitMs = Math.min(this.#waitMs * 2, this.#parameters.retransmitMsMax);
    this.#timeouts++;
    this.#retransmit(now, output);
    this.#retransmitAt = now + this.#waitMs;
  }

  get #isSmall(): boolean {
    return this.#timeouts >= TIMEOUTS_OF_SMALL_PATHS;
  }

  #retransmit(now: Instant, output: StepOutput): void {
    this.#hasRetransmitted = true;
    this.#send(now, output);
  }

  #send(now: Instant, output: StepOutput): void {
    this.#sentAt = now;
    const { datagramBytesMax, datagramBytesAfterTimeouts } = this.#parameters;
    const bytesMax = this.#isSmall ? Math.min(datagramBytesMax, datagramBytesAfterTimeouts) : datagramBytesMax;
    for (const datagram of encodeFlight(this.#layer, this.#flight, bytesMax)) output.send(datagram);
  }
}
