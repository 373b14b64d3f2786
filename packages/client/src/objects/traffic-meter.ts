import type { Clock, Instant } from '@motestack/coap';

/** Takes what goes over the client's connections, in bytes of CoAP messages. */
export interface TrafficCounter {
  /** A message left. */
  sent(byteLength: number): void;
  /** A message came. */
  received(byteLength: number): void;
}

/** What a meter has counted. */
export interface TrafficFigures {
  /** Bytes that left. */
  readonly sentBytes: number;
  /** Bytes that came. */
  readonly receivedBytes: number;
  /** How many messages that were. */
  readonly messages: number;
  /** Bytes of the largest message. */
  readonly largest: number;
}

const NOTHING: TrafficFigures = { sentBytes: 0, receivedBytes: 0, messages: 0, largest: 0 };

/** Counts between Start and Stop, as object 7 does. */
export class TrafficMeter implements TrafficCounter {
  #clock: Clock | undefined;
  #figures = NOTHING;
  #isCounting = false;
  #until: Instant | undefined;

  /** What was counted since the last Start. */
  get figures(): TrafficFigures {
    return this.#figures;
  }

  /** Gives it the time. */
  attach(clock: Clock): void {
    this.#clock = clock;
  }

  /** Begins anew. @param periodSeconds `/7/0/8`: how long it counts; 0 is until Stop */
  start(periodSeconds: number): void {
    this.#figures = NOTHING;
    this.#isCounting = true;
    this.#until = periodSeconds > 0 && this.#clock ? this.#clock.now() + periodSeconds * 1_000 : undefined;
  }

  /** Counts no more; what was counted stays. */
  stop(): void {
    this.#isCounting = false;
  }

  sent(byteLength: number): void {
    this.#count(byteLength, { sentBytes: this.#figures.sentBytes + byteLength });
  }

  received(byteLength: number): void {
    this.#count(byteLength, { receivedBytes: this.#figures.receivedBytes + byteLength });
  }

  #count(byteLength: number, counted: Partial<TrafficFigures>): void {
    const isOver = this.#until !== undefined && (this.#clock?.now() ?? 0) >= this.#until;
    if (!this.#isCounting || isOver) return;
    const { messages, largest } = this.#figures;
    this.#figures = {
      ...this.#figures,
      ...counted,
      messages: messages + 1,
      largest: Math.max(largest, byteLength),
    };
  }
}
