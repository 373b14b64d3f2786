/**
 * Calls a listener of a user's. It may throw, or give a promise that rejects: neither can stop the caller.
 *
 * @param failed told of what it threw or rejected with
 */
export function callListener(listener: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = listener();
    if (isThenable(result)) result.then(undefined, failed);
  } catch (error) {
    failed(error);
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
