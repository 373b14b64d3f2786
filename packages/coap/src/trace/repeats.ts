import type { Instant, PeerId } from '../effects.ts';
import { defaultTransmissionParameters, derivedTimes } from '../parameters.ts';
import type { Message } from '../wire/index.ts';

/** The message IDs of so many messages are remembered. */
export const REPEATS_REMEMBERED_MAX = 1024;

/** After so long a message ID may stand for another message (RFC 7252 §4.8.2). */
const { exchangeLifetimeMs } = derivedTimes(defaultTransmissionParameters);

/** Knows messages again that went the same way. Those that were too long ago, or too many since, it does not. */
export class Repeats {
  readonly #firstAt = new Map<string, Instant>();

  /** Whether the message went to or came from this peer before. */
  note(peer: PeerId, { type, messageId }: Message, now: Instant): boolean {
    const key = `${type} ${messageId} ${peer}`;
    const firstAt = this.#firstAt.get(key);
    if (firstAt !== undefined && now - firstAt < exchangeLifetimeMs) return true;
    this.#firstAt.delete(key);
    this.#firstAt.set(key, now);
    if (this.#firstAt.size > REPEATS_REMEMBERED_MAX) {
      for (const oldest of this.#firstAt.keys()) {
        this.#firstAt.delete(oldest);
        break;
      }
    }
    return false;
  }
}
