/** A case that the types exclude: our own bug. */
export function assertNever(value: never): never {
  throw new Error(`there is no such case: ${String(value)}`);
}
