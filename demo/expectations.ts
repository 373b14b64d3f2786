import { isDeepStrictEqual } from 'node:util';

/** A step of the story that came out otherwise than it should. */
export class StoryError extends Error {
  override readonly name = 'StoryError';
}

/** Ends the story unless `actual` is `expected`. */
export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) {
    throw new StoryError(`${what} should be ${JSON.stringify(expected)}, and is ${JSON.stringify(actual)}`);
  }
}

/** Waits for `promise`, for `limitMs` at most; a story that stands still has failed. */
export async function within<Value>(what: string, limitMs: number, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StoryError(`${what} did not happen within ${limitMs} ms`)), limitMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
