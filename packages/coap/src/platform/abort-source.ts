/** The part of `AbortSignal` that this package uses; the platforms' own signals fit. */
export interface AbortSignalLike {
  /** Whether the signal was given. */
  readonly aborted: boolean;
  /** Why; `undefined` before. */
  readonly reason: unknown;
  /** Calls `listener` when the signal is given. */
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  /** Takes back `addEventListener`. */
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The other end of an {@link AbortSignalLike}: what `AbortController` is on platforms that have one. */
export class AbortSource {
  /** Given when `abort` is called. */
  get signal(): AbortSignalLike {
    return this.#signal;
  }

  readonly #signal = new Signal();

  /**
   * Gives the signal; the second call does nothing. Every listener is called, and what the first of those that throw
   * threw is thrown afterwards.
   *
   * @param reason kept in `signal.reason`
   */
  abort(reason: unknown): void {
    this.#signal.give(reason);
  }
}

class Signal implements AbortSignalLike {
  aborted = false;
  reason: unknown = undefined;
  /** Most signals have one listener, and there may be very many signals: a Set only for more. */
  #listeners: Set<() => void> | (() => void) | undefined;

  addEventListener(_type: 'abort', listener: () => void): void {
    if (this.aborted) return;
    const listeners = this.#listeners;
    if (listeners instanceof Set) listeners.add(listener);
    else this.#listeners = listeners === undefined ? listener : new Set([listeners, listener]);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    if (this.#listeners instanceof Set) this.#listeners.delete(listener);
    else if (this.#listeners === listener) this.#listeners = undefined;
  }

  give(reason: unknown): void {
    if (this.aborted) return;
    const listeners = this.#listeners ?? [];
    this.#listeners = undefined;
    this.aborted = true;
    this.reason = reason;
    const failures: unknown[] = [];
    for (const listener of listeners instanceof Function ? [listeners] : listeners) {
      try {
        listener();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
