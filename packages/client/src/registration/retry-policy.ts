/** How registration is tried again: resources 17 to 20 of object 1. */
export interface RetryPolicy {
  /** `/1/x/17`: attempts in one sequence, 1 or more; default 5. */
  readonly count: number;
  /** `/1/x/18`: seconds before the second attempt, doubled before each further one; default 60. */
  readonly timerSeconds: number;
  /** `/1/x/19`: seconds between sequences; default 86400. 4294967295, its MAX_VALUE: there is one sequence alone. */
  readonly sequenceDelaySeconds: number;
  /** `/1/x/20`: sequences until the server counts as lost, 1 or more; default 1. */
  readonly sequenceCount: number;
  /**
   * Each wait is drawn from one to this many times the rule's, so that a fleet that lost its server at one moment does
   * not come back at one moment; default 1.25, 1 waits exactly.
   */
  readonly jitterFactor: number;
}

/** The MAX_VALUE of `/1/x/19`: no other sequence is tried (LwM2M Core 1.1.1 §6.2.1.1). */
export const SEQUENCE_DELAY_NEVER = 4_294_967_295;

/** The defaults of object 1, resources 17 to 20. */
export const defaultRetryPolicy: RetryPolicy = {
  count: 5,
  timerSeconds: 60,
  sequenceDelaySeconds: 86_400,
  sequenceCount: 1,
  jitterFactor: 1.25,
};

/** Where in the retry procedure an attempt to register stands; both count from 1. */
export interface RetryPosition {
  readonly attempt: number;
  readonly sequence: number;
}

/** The first attempt of all. */
export const firstAttempt: RetryPosition = { attempt: 1, sequence: 1 };

/** What follows a failed attempt. */
export interface RetryStep {
  readonly next: RetryPosition;
  /** How long to wait before it; `Infinity`: there is to be none. */
  readonly delayMs: number;
  /** The failed attempt was the last of the last sequence: the procedure of the specification has ended. */
  readonly exhausted: boolean;
}

/**
 * Says when to register again after a failed attempt.
 *
 * Within a sequence the wait is `timerSeconds · 2^(attempt − 1)`; after its last attempt it is `sequenceDelaySeconds`.
 * A device without a bootstrap account has nothing to fall back on when the last sequence has failed, so it goes on with
 * another sequence (`exhausted` says so) instead of staying away until somebody restarts it.
 *
 * @param failed the attempt that failed
 * @param random one draw from [0, 1)
 * @see LwM2M Core 1.1.1 §6.2.1.1; object 1 resources 17 to 20
 */
export function retryAfter(policy: RetryPolicy, failed: RetryPosition, random: number): RetryStep {
  const jitter = 1 + (policy.jitterFactor - 1) * random;
  if (failed.attempt < policy.count) {
    const seconds = policy.timerSeconds * 2 ** (failed.attempt - 1);
    return { next: { ...failed, attempt: failed.attempt + 1 }, delayMs: seconds * 1_000 * jitter, exhausted: false };
  }
  const exhausted = failed.sequence >= policy.sequenceCount;
  const next = { attempt: 1, sequence: exhausted ? 1 : failed.sequence + 1 };
  if (policy.sequenceDelaySeconds >= SEQUENCE_DELAY_NEVER)
    return { next, delayMs: Number.POSITIVE_INFINITY, exhausted: true };
  return { next, delayMs: policy.sequenceDelaySeconds * 1_000 * jitter, exhausted };
}

/**
 * Fills in defaults and checks.
 *
 * @throws {RangeError} for a count that is no positive integer, a negative time or a jitter factor below 1
 */
export function resolveRetryPolicy(policy: Partial<RetryPolicy> = {}): RetryPolicy {
  const resolved = { ...defaultRetryPolicy, ...policy };
  for (const name of ['count', 'sequenceCount'] as const) {
    if (!(Number.isInteger(resolved[name]) && resolved[name] >= 1))
      throw refused(name, resolved[name], 'an integer of 1 or more');
  }
  for (const name of ['timerSeconds', 'sequenceDelaySeconds'] as const) {
    if (!(Number.isFinite(resolved[name]) && resolved[name] >= 0)) throw refused(name, resolved[name], '0 or more');
  }
  if (!(Number.isFinite(resolved.jitterFactor) && resolved.jitterFactor >= 1)) {
    throw refused('jitterFactor', resolved.jitterFactor, '1 or more');
  }
  return resolved;
}

function refused(name: keyof RetryPolicy, value: unknown, wanted: string): RangeError {
  return new RangeError(`retry.${name} is ${String(value)}, but must be ${wanted} (LwM2M Core 1.1.1 §6.2.1.1)`);
}
