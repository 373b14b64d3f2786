import type { AbortSignalLike } from '@motestack/coap';
import { callListener } from './call-listener.ts';

/** The signal of a device. Its listeners are the user's: none stops another, and none can stop who gives the signal. */
export class DeviceSignal implements AbortSignalLike {
  #aborted = false;
  #reason: unknown;
  readonly #listeners = new Set<() => void>();

  /** Whether the signal was given. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Why; `undefined` before. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Calls `listener` when the signal is given. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#aborted) this.#listeners.add(listener);
  }

  /** Takes back `addEventListener`. */
  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners.delete(listener);
  }

  /**
   * Gives the signal, once.
   *
   * @param failed told of each listener that throws or rejects
   */
  give(reason: unknown, failed: (error: unknown) => void): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) callListener(listener, failed);
  }
}
