import type { Clock } from '@motestack/coap';

/** What keeps a way to the server open. */
export interface KeepAliveInit {
  readonly clock: Clock;
  /** So much silence is followed by a ping. */
  readonly intervalMs: number;
  /** Asks the server for a sign of life. */
  ping(): Promise<void>;
  /** Nothing came back. */
  lost(): void;
}

/**
 * Pings the server while nothing else is sent, so that a NAT between does not forget the client.
 *
 * @see RFC 7252 §4.3 (CoAP ping), RFC 8323 §5.4
 */
export class KeepAlive {
  readonly #init: KeepAliveInit;
  #cancel: (() => void) | undefined;
  #round = 0;

  constructor(init: KeepAliveInit) {
    this.#init = init;
  }

  /** Begins to wait anew: something was sent, or the registration is there. */
  restart(): void {
    this.stop();
    const { clock, intervalMs } = this.#init;
    this.#cancel = clock.schedule(clock.now() + intervalMs, () => void this.#ping(this.#round));
  }

  /** Ends it. */
  stop(): void {
    this.#round += 1;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  async #ping(round: number): Promise<void> {
    try {
      await this.#init.ping();
      if (round === this.#round) this.restart();
    } catch {
      // Why nobody answered is told by the Update that follows.
      if (round === this.#round) this.#init.lost();
    }
  }
}
