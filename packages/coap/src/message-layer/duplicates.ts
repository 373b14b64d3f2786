import type { Instant, PeerId } from '../effects.ts';

/** What is to be remembered of a message. */
export interface RememberedMessage {
  readonly peer: PeerId;
  readonly messageId: number;
  readonly isConfirmable: boolean;
  /** Whether it does no harm if it runs again: such messages are forgotten first when memory is short. */
  readonly isRepeatable: boolean;
}

/**
 * Knows which messages came already, and what they were answered.
 *
 * @see RFC 7252 §4.5
 */
export interface Duplicates {
  /** How many messages are remembered. */
  readonly count: number;
  /** The memory that is held for that. */
  readonly heldBytes: number;
  /** How many messages were forgotten before their time, for want of memory. */
  readonly evictedCount: number;
  /** When `forget` is to be called. */
  readonly forgetAt: Instant | undefined;
  /** Forgets what is too old. */
  forget(now: Instant): void;
  /**
   * Looks for a message.
   *
   * @returns what it was answered, empty if it was not answered (yet); `undefined`: the message is new
   */
  find(peer: PeerId, messageId: number, now: Instant): Uint8Array | undefined;
  /**
   * Remembers a message that `find` did not know.
   *
   * @returns `false` if there is no room for it
   */
  remember(message: RememberedMessage, now: Instant): boolean;
  /** Keeps a copy of the answer to a remembered message; to one that was forgotten, nothing. */
  keepAnswer(peer: PeerId, messageId: number, answer: Uint8Array): void;
  /** Lets a message with this ID count as new, should it come again. */
  release(peer: PeerId, messageId: number): void;
}
