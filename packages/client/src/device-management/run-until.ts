import type { AbortSignalLike } from '@motestack/coap';

/**
 * Runs a handler until it has settled or the client is being stopped: a handler that stops the client, and waits for that,
 * must not wait for its own answer.
 *
 * @param failedLate told what the handler throws when nobody waits for it any more
 * @throws what the handler throws before
 */
export async function runUntil(
  stopping: AbortSignalLike,
  run: () => void | Promise<void>,
  failedLate: (cause: unknown) => void,
): Promise<void> {
  let answered = false;
  const handled = Promise.resolve(run()).catch((cause: unknown) => {
    if (!answered) throw cause;
    failedLate(cause);
  });
  if (stopping.aborted) {
    answered = true;
    return;
  }
  let release: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    release = resolve;
  });
  stopping.addEventListener('abort', release, { once: true });
  try {
    await Promise.race([handled, stopped]);
  } finally {
    answered = true;
    stopping.removeEventListener('abort', release);
  }
}
