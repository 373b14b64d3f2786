declare global {
  // Also declared by newer platform types, in the same words; here for `lib` ES2023 without any.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

/**
 * What `await using` closes. A class that says that it implements this brings the declaration of the symbol with it: users
 * without newer platform types need both.
 */
export interface AsyncDisposableLike {
  /** As `close()`. There only on platforms that know `Symbol.asyncDispose`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/**
 * Lets `await using` close what a class opens or starts, on platforms that know `Symbol.asyncDispose`; on others it does
 * nothing. The class declares the member, and calls this once behind its end.
 *
 * @param prototype that of the class, whose `close` is called
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
