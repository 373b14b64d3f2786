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
  readonly signal: AbortSignalLike;
  readonly #signal: Signal;

  constructor() {
    this.#signal = new Signal();
    this.signal = this.#signal;
  }

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
  #listeners: Set<() => void> | undefined = new Set();

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#listeners?.delete(listener);
  }

  give(reason: unknown): void {
    const listeners = this.#listeners;
    if (listeners === undefined) return;
    this.#listeners = undefined;
    this.aborted = true;
    this.reason = reason;
    const failures: unknown[] = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (failure) {
        failures.push(failure);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
