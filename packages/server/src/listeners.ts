import type { AbortSignalLike } from '@motestack/coap';
import { callListener } from './call-listener.ts';

/** Told of a listener that threw or rejected. */
export type ListenerFailed<Events> = (event: keyof Events, error: unknown) => void;

/**
 * The listeners of a server, in the order in which they came.
 *
 * @typeParam Events what a listener of each event takes
 */
export class Listeners<Events extends { readonly [Event in keyof Events]: (...args: never[]) => unknown }> {
  readonly #listeners = new Map<keyof Events, Set<(...args: never[]) => unknown>>();

  /** Adds a listener, until `signal` is given. The same listener twice is one. */
  add<Event extends keyof Events>(event: Event, listener: Events[Event], signal: AbortSignalLike | undefined): void {
    if (signal?.aborted === true) return;
    const known = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, known.add(listener));
    signal?.addEventListener('abort', () => known.delete(listener));
  }

  /** Drops all. */
  clear(): void {
    for (const known of this.#listeners.values()) known.clear();
  }

  /**
   * Calls the listeners of an event. None stops another, and none can stop the caller.
   *
   * @returns whether there was one
   */
  tell<Event extends keyof Events>(
    event: Event,
    args: Parameters<Events[Event]>,
    failed: ListenerFailed<Events>,
  ): boolean {
    const known = [...(this.#listeners.get(event) ?? [])] as ((...args: unknown[]) => unknown)[];
    for (const listener of known) {
      callListener(
        () => listener(...args),
        (error) => failed(event, error),
      );
    }
    return known.length > 0;
  }
}
