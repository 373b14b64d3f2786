declare global {
  // Also declared by newer platform types, in the same words; here for `lib` ES2023 without any.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/**
 * What `await using` stops. A class says that it implements this, so that its declaration brings the symbol's with it: users
 * without newer platform types need both.
 */
export interface AsyncDisposableLike {
  /** Stops. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Lets `await using` stop what a class starts, on platforms that know `Symbol.asyncDispose`.
 *
 * @param prototype of the class
 */
export function addAsyncDispose(prototype: { close(): Promise<void> }): void {
  const symbol: symbol | undefined = Symbol.asyncDispose;
  if (symbol === undefined) return;
  Object.defineProperty(prototype, symbol, {
    configurable: true,
    writable: true,
    value(this: { close(): Promise<void> }): Promise<void> {
      return this.close();
    },
  });
}
