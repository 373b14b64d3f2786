/** Does what a store may do later or fail at: without it the next handshake is a full one, and nothing else. */
export function keepQuietly(keep: () => void | Promise<void>): void {
  try {
    Promise.resolve(keep()).catch(() => {});
  } catch {
    // As if it had been forgotten.
  }
}
