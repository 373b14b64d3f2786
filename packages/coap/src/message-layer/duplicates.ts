import type { Instant, PeerId } from '../effects.ts';

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
  remember(peer: PeerId, messageId: number, isConfirmable: boolean, now: Instant): boolean;
  /** Keeps a copy of the answer to a remembered message; to one that was forgotten, nothing. */
  keepAnswer(peer: PeerId, messageId: number, answer: Uint8Array): void;
}
