import { copyOf } from '../copy-of.ts';
import type { HandshakeFragment } from '../wire/index.ts';

/** A whole handshake message. */
export interface HandshakeMessage {
  /** Mostly one of `HandshakeType`. */
  readonly type: number;
  /** Its number in the handshake. */
  readonly messageSequence: number;
  /** The message without its header. */
  readonly body: Uint8Array;
}

/** How much is kept. */
export interface InboxLimits {
  /** Messages past the next one. */
  readonly messagesAheadMax: number;
  /** Bytes of all messages that are not complete or not next. */
  readonly reassemblyBytesMax: number;
}

interface Partial {
  readonly type: number;
  readonly body: Uint8Array;
  /** 1 for each byte that came; `undefined`: all did, and what comes once more changes nothing. */
  readonly have: Uint8Array | undefined;
  missing: number;
}

/**
 * Puts handshake messages together from fragments that come in any order, overlapping and repeated, and gives them out
 * by their numbers.
 *
 * @see RFC 6347 §4.2.2, §4.2.3
 */
export class HandshakeInbox {
  readonly #limits: InboxLimits;
  readonly #partials = new Map<number, Partial>();
  #bytes = 0;
  #nextSequence: number;

  /** @param nextSequence number of the first message that is wanted */
  constructor(limits: InboxLimits, nextSequence: number = 0) {
    this.#limits = limits;
    this.#nextSequence = nextSequence;
  }

  /** Number of the message that comes out next. */
  get nextSequence(): number {
    return this.#nextSequence;
  }

  /**
   * Keeps a copy of a fragment.
   *
   * @returns `stale`: of a message that came out already; `refused`: beyond a limit, or at odds with what came before
   */
  add(fragment: HandshakeFragment): 'kept' | 'stale' | 'refused' {
    const { messageSequence, body, fragmentOffset } = fragment;
    if (messageSequence < this.#nextSequence) return 'stale';
    if (messageSequence > this.#nextSequence + this.#limits.messagesAheadMax) return 'refused';
    const known = this.#partials.get(messageSequence);
    if (known === undefined && body.length === fragment.length) return this.#keepWhole(fragment);
    const partial = known ?? this.#begin(fragment);
    if (partial === undefined || partial.type !== fragment.type || partial.body.length !== fragment.length)
      return 'refused';
    const { have } = partial;
    if (have === undefined) return 'kept';
    for (const [index, byte] of body.entries()) {
      const at = fragmentOffset + index;
      if (have[at] === 1) continue;
      have[at] = 1;
      partial.body[at] = byte;
      partial.missing--;
    }
    return 'kept';
  }

  /** The next message, if it is whole. */
  take(): HandshakeMessage | undefined {
    const messageSequence = this.#nextSequence;
    const partial = this.#partials.get(messageSequence);
    if (partial === undefined || partial.missing > 0) return undefined;
    this.#partials.delete(messageSequence);
    this.#bytes -= partial.body.length;
    this.#nextSequence++;
    return { type: partial.type, messageSequence, body: partial.body };
  }

  /** Most messages come in one piece. */
  #keepWhole({ type, length, messageSequence, body }: HandshakeFragment): 'kept' | 'refused' {
    if (this.#bytes + length > this.#limits.reassemblyBytesMax) return 'refused';
    this.#bytes += length;
    this.#partials.set(messageSequence, { type, body: copyOf(body), have: undefined, missing: 0 });
    return 'kept';
  }

  #begin({ type, length, messageSequence }: HandshakeFragment): Partial | undefined {
    if (this.#bytes + length > this.#limits.reassemblyBytesMax) return undefined;
    this.#bytes += length;
    const partial = { type, body: new Uint8Array(length), have: new Uint8Array(length), missing: length };
    this.#partials.set(messageSequence, partial);
    return partial;
  }
}
