import type { Instant, PeerId } from '../effects.ts';
import type { DuplicateTableParameters } from './duplicate-table.ts';
import type { Duplicates, RememberedMessage } from './duplicates.ts';

interface RecentMessage {
  readonly forgetAt: Instant;
  answer: Uint8Array;
}

/** What one message is taken to cost. */
const ENTRY_BYTES = 256;
const NOTHING = new Uint8Array(0);

/**
 * Knows the latest messages, and that they were acknowledged or rejected: enough for who gets responses only. What a
 * peer floods it with makes it forget the oldest, which does no harm: nothing runs twice by a response that nobody waits
 * for.
 *
 * @see RFC 7252 §4.5
 */
export class RecentMessages implements Duplicates {
  readonly #parameters: Omit<DuplicateTableParameters, 'duplicateBytesPerPeerMax'>;
  /** Oldest first. */
  readonly #byKey = new Map<string, RecentMessage>();
  #evictedCount = 0;

  constructor(parameters: Omit<DuplicateTableParameters, 'duplicateBytesPerPeerMax'>) {
    this.#parameters = parameters;
  }

  get count(): number {
    return this.#byKey.size;
  }

  get heldBytes(): number {
    return this.#byKey.size * ENTRY_BYTES;
  }

  get evictedCount(): number {
    return this.#evictedCount;
  }

  get forgetAt(): Instant | undefined {
    for (const { forgetAt } of this.#byKey.values()) return forgetAt;
    return undefined;
  }

  forget(now: Instant): void {
    for (const [key, { forgetAt }] of this.#byKey) {
      if (forgetAt > now) return;
      this.#byKey.delete(key);
    }
  }

  find(peer: PeerId, messageId: number, now: Instant): Uint8Array | undefined {
    const message = this.#byKey.get(keyOf(peer, messageId));
    return message !== undefined && message.forgetAt > now ? message.answer : undefined;
  }

  remember({ peer, messageId, isConfirmable }: RememberedMessage, now: Instant): boolean {
    const { exchangeLifetimeMs, nonLifetimeMs, duplicateBytesMax } = this.#parameters;
    const key = keyOf(peer, messageId);
    this.#byKey.delete(key);
    for (const oldest of this.#byKey.keys()) {
      if (this.heldBytes + ENTRY_BYTES <= duplicateBytesMax) break;
      this.#byKey.delete(oldest);
      this.#evictedCount++;
    }
    const forgetAt = now + (isConfirmable ? exchangeLifetimeMs : nonLifetimeMs);
    this.#byKey.set(key, { forgetAt, answer: NOTHING });
    return true;
  }

  keepAnswer(peer: PeerId, messageId: number, answer: Uint8Array): void {
    const message = this.#byKey.get(keyOf(peer, messageId));
    if (message !== undefined) message.answer = answer.slice();
  }

  release(peer: PeerId, messageId: number): void {
    this.#byKey.delete(keyOf(peer, messageId));
  }
}

function keyOf(peer: PeerId, messageId: number): string {
  return `${messageId} ${peer}`;
}
