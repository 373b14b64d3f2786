/** A value, or a promise of one: what a seam returns that may or may not have to ask somebody else. */
export type Awaitable<Value> = Value | Promise<Value>;
