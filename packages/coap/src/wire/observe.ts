/** The highest sequence number of a notification: the Observe option has three bytes (RFC 7641 §2). */
export const OBSERVE_SEQUENCE_MAX = 0xffffff;

/**
 * What the Observe option says in a request.
 *
 * @see RFC 7641 §2
 */
export const ObserveRequest = {
  /** Add me to the list of observers. */
  Register: 0,
  /** Remove me from it. */
  Deregister: 1,
} as const;

/** One of the values of {@link ObserveRequest}. */
export type ObserveRequest = (typeof ObserveRequest)[keyof typeof ObserveRequest];

/** What decides whether one notification is newer than another. */
export interface NotificationOrder {
  /** The value of the Observe option, 24 bits. */
  readonly sequence: number;
  /** When it was received, monotonic milliseconds. */
  readonly receivedAt: number;
}

const HALF_OF_THE_NUMBERS = 2 ** 23;
/** After so long a sequence number may have come round (RFC 7641 §3.4). */
const REORDERING_MAX_MS = 128_000;

/**
 * Whether a notification that just came is newer than the newest one so far.
 *
 * @param newest the newest so far
 * @param incoming the one that just came
 * @returns false if it was overtaken on its way and is to be dropped
 * @see RFC 7641 §3.4
 */
export function isNewerNotification(newest: NotificationOrder, incoming: NotificationOrder): boolean {
  const ahead = incoming.sequence - newest.sequence;
  return (
    (ahead > 0 && ahead < HALF_OF_THE_NUMBERS) ||
    -ahead > HALF_OF_THE_NUMBERS ||
    incoming.receivedAt > newest.receivedAt + REORDERING_MAX_MS
  );
}
