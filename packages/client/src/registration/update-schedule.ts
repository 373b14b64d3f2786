/** The longest that one confirmable exchange takes with default parameters, answer included (RFC 7252 §4.8.2). */
const MAX_TRANSMIT_WAIT_MS = 93_000;

/**
 * How long after sending a Register or Update the next Update is due.
 *
 * It leaves MAX_TRANSMIT_WAIT before the lifetime ends, so that an Update whose every transmission but the last is lost
 * still comes in time; a lifetime too short for that (below 186 s) is halved:
 *
 * `delay = lifetime − min(93 s, lifetime / 2)`
 *
 * Counted from the sending, not from the answer: the server's clock may have started as early as that.
 *
 * @param lifetimeSeconds `/1/x/1`
 * @returns milliseconds; `undefined` for the lifetime 0, which never ends
 * @see LwM2M Core 1.1.1 §6.2 (soft state with a lifetime), RFC 7252 §4.8.2
 * @example
 * updateDelayMs(86_400) // 86_307_000
 * updateDelayMs(60) // 30_000
 */
export function updateDelayMs(lifetimeSeconds: number): number | undefined {
  if (lifetimeSeconds === 0) return undefined;
  const lifetimeMs = lifetimeSeconds * 1_000;
  return lifetimeMs - Math.min(MAX_TRANSMIT_WAIT_MS, lifetimeMs / 2);
}
