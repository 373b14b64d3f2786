const POLL_MS = 20;

/** Waits until `holds` is true. @throws Error when it is not within `timeoutMs` */
export async function eventually(what: string, holds: () => boolean, timeoutMs = 15_000): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > until) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await delay(POLL_MS);
  }
}

/** Lets real time pass: a peer in another process knows no other. */
export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
