import type { Instant, PeerId } from '../effects.ts';
import { DuplicateGeneration } from './duplicate-generation.ts';
import type { Duplicates, RememberedMessage } from './duplicates.ts';

/** What bounds a {@link DuplicateTable}. */
export interface DuplicateTableParameters {
  /** EXCHANGE_LIFETIME: how long a Confirmable message is remembered. */
  readonly exchangeLifetimeMs: number;
  /** NON_LIFETIME: how long a Non-confirmable message is remembered. */
  readonly nonLifetimeMs: number;
  /** MAX_TRANSMIT_SPAN: how long a message that must not run twice is remembered whatever else comes. */
  readonly maxTransmitSpanMs: number;
  /** The memory that may be held when one more message is to be remembered. */
  readonly duplicateBytesMax: number;
  /** How much of it the messages of one peer that must not run twice may take. */
  readonly duplicateBytesPerPeerMax: number;
}

/** Into so many stretches the time is cut after which what they hold is forgotten as a whole. */
const GENERATIONS_PER_LIFETIME = 3;
/** A generation takes at most this part of the memory: all is not forgotten at once, and each one more costs a look. */
const GENERATIONS_PER_BUDGET = 2;
const GENERATION_BYTES_MIN = 16_384;

/**
 * Knows which messages came already, and what they were answered.
 *
 * When memory is short, requests that may run again are forgotten first, the oldest before the others, then what came
 * longer than MAX_TRANSMIT_SPAN ago: after that nobody sends it again.
 *
 * @see RFC 7252 §4.5
 */
export class DuplicateTable implements Duplicates {
  readonly #parameters: DuplicateTableParameters;
  readonly #stretchMs: number;
  readonly #generationBytesMax: number;
  /** Requests that may run again if need be, newest first. */
  readonly #repeatable: DuplicateGeneration[] = [];
  /** All other messages, newest first. */
  readonly #others: DuplicateGeneration[] = [];
  readonly #all = [this.#repeatable, this.#others];
  #evictedCount = 0;
  #heldBytes = 0;
  #forgetAt: Instant | undefined;
  /** What was remembered last, which is answered next as a rule. */
  #latest: DuplicateGeneration | undefined;
  #latestHandle = -1;
  #latestPeer: PeerId = '';
  #latestId = -1;

  constructor(parameters: DuplicateTableParameters) {
    this.#parameters = parameters;
    this.#stretchMs = Math.max(parameters.exchangeLifetimeMs, parameters.nonLifetimeMs) / GENERATIONS_PER_LIFETIME;
    this.#generationBytesMax = Math.max(GENERATION_BYTES_MIN, parameters.duplicateBytesMax / GENERATIONS_PER_BUDGET);
  }

  /** How many messages are remembered. */
  get count(): number {
    let count = 0;
    for (const generations of this.#all) for (const generation of generations) count += generation.count;
    return count;
  }

  /** The memory that is held. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** How many messages were forgotten before their time, for want of memory. */
  get evictedCount(): number {
    return this.#evictedCount;
  }

  /** When the oldest generation can be forgotten. */
  get forgetAt(): Instant | undefined {
    return this.#forgetAt;
  }

  /** Forgets what is too old. */
  forget(now: Instant): void {
    for (const generations of this.#all) {
      for (;;) {
        const oldest = generations.at(-1);
        if (oldest === undefined || this.#endOf(oldest) > now) break;
        generations.pop();
        this.#heldBytes -= oldest.heldBytes;
        this.#latest = undefined;
      }
    }
    this.#noteOldest();
  }

  /**
   * Looks for a message.
   *
   * @returns what it was answered, empty if it was not answered (yet); `undefined`: the message is new
   */
  find(peer: PeerId, messageId: number, now: Instant): Uint8Array | undefined {
    return this.#findIn(this.#repeatable, peer, messageId, now) ?? this.#findIn(this.#others, peer, messageId, now);
  }

  /**
   * Remembers a message that `find` did not know.
   *
   * @returns `false` if there is no memory left for it
   */
  remember(message: RememberedMessage, now: Instant): boolean {
    const { peer, messageId, isConfirmable } = message;
    if (!message.isRepeatable && this.#isShareUsed(peer, now)) return false;
    const generations = message.isRepeatable ? this.#repeatable : this.#others;
    let generation = generations[0];
    const growth = this.#growthOf(generation, peer, now);
    if (generation === undefined || growth < 0 || this.#heldBytes + growth > this.#parameters.duplicateBytesMax) {
      generation = this.#openWithRoom(generations, peer, now);
      if (generation === undefined) return false;
    }
    const before = generation.heldBytes;
    this.#latestHandle = generation.add(peer, messageId, isConfirmable, now);
    this.#latest = generation;
    this.#latestPeer = peer;
    this.#latestId = messageId;
    this.#heldBytes += generation.heldBytes - before;
    return true;
  }

  /** Keeps a copy of the answer to a remembered message; to one that was forgotten, nothing. */
  keepAnswer(peer: PeerId, messageId: number, answer: Uint8Array): void {
    if (messageId === this.#latestId && peer === this.#latestPeer && this.#latest !== undefined) {
      this.#keepIn(this.#latest, this.#latestHandle, answer);
      return;
    }
    let found: DuplicateGeneration | undefined;
    let foundHandle = -1;
    for (const generations of this.#all) {
      for (const generation of generations) {
        const handle = generation.find(peer, messageId);
        if (handle < 0) continue;
        // What had this ID a lifetime ago may still be there.
        if (found === undefined || generation.receivedAt(handle) > found.receivedAt(foundHandle)) {
          found = generation;
          foundHandle = handle;
        }
        break;
      }
    }
    if (found !== undefined) this.#keepIn(found, foundHandle, answer);
  }

  #keepIn(generation: DuplicateGeneration, handle: number, answer: Uint8Array): void {
    const before = generation.heldBytes;
    generation.keepAnswer(handle, answer);
    this.#heldBytes += generation.heldBytes - before;
  }

  #findIn(
    generations: readonly DuplicateGeneration[],
    peer: PeerId,
    messageId: number,
    now: Instant,
  ): Uint8Array | undefined {
    for (const generation of generations) {
      const handle = generation.find(peer, messageId);
      if (handle < 0) continue;
      if (generation.isReleased(handle)) return undefined;
      const { exchangeLifetimeMs, nonLifetimeMs } = this.#parameters;
      const lifetimeMs = generation.isConfirmable(handle) ? exchangeLifetimeMs : nonLifetimeMs;
      return now - generation.receivedAt(handle) < lifetimeMs ? generation.answer(handle) : undefined;
    }
    return undefined;
  }

  /** Whether a peer has its share, so that it fills the memory for nobody else; what is settled gives way anyhow. */
  #isShareUsed(peer: PeerId, now: Instant): boolean {
    const { maxTransmitSpanMs, duplicateBytesPerPeerMax } = this.#parameters;
    let bytes = 0;
    for (const generation of this.#others) {
      if (now - generation.newestAt > maxTransmitSpanMs) break;
      bytes += generation.bytesFor(peer);
    }
    return bytes >= duplicateBytesPerPeerMax;
  }

  /** By how much the memory grows if a generation takes one more message of a peer; -1: it takes none any more. */
  #growthOf(generation: DuplicateGeneration | undefined, peer: PeerId, now: Instant): number {
    if (generation === undefined || now - generation.startedAt >= this.#stretchMs) return -1;
    const growth = generation.growthOf(peer);
    return generation.heldBytes + growth <= this.#generationBytesMax ? growth : -1;
  }

  /** The generation that takes one more message of a peer, with memory for it; `undefined`: there is none. */
  #openWithRoom(generations: DuplicateGeneration[], peer: PeerId, now: Instant): DuplicateGeneration | undefined {
    for (;;) {
      const [newest] = generations;
      const growth = this.#growthOf(newest, peer, now);
      const needed = growth < 0 ? DuplicateGeneration.bytesWith(peer) : growth;
      if (this.#heldBytes + needed <= this.#parameters.duplicateBytesMax) {
        if (newest !== undefined && growth >= 0) return newest;
        const generation = new DuplicateGeneration(now);
        this.#heldBytes += generation.heldBytes;
        generations.unshift(generation);
        this.#noteOldest();
        return generation;
      }
      const evicted = this.#repeatable.pop() ?? this.#takeSettled(now);
      if (evicted === undefined) return undefined;
      this.#evictedCount += evicted.count;
      this.#heldBytes -= evicted.heldBytes;
    }
  }

  /** Takes out the oldest messages that nobody sends again. */
  #takeSettled(now: Instant): DuplicateGeneration | undefined {
    const oldest = this.#others.at(-1);
    const isSettled = oldest !== undefined && now - oldest.newestAt > this.#parameters.maxTransmitSpanMs;
    return isSettled ? this.#others.pop() : undefined;
  }

  /** A message with this ID counts as new from now on; its place is free when its generation goes. */
  release(peer: PeerId, messageId: number): void {
    for (const generations of this.#all) {
      for (const generation of generations) {
        const handle = generation.find(peer, messageId);
        if (handle < 0) continue;
        generation.release(handle);
        break;
      }
    }
  }

  #noteOldest(): void {
    const [repeatable, other] = [this.#repeatable.at(-1), this.#others.at(-1)];
    if (repeatable === undefined) this.#forgetAt = other && this.#endOf(other);
    else
      this.#forgetAt = Math.min(
        this.#endOf(repeatable),
        other === undefined ? Number.POSITIVE_INFINITY : this.#endOf(other),
      );
  }

  #endOf(generation: DuplicateGeneration): Instant {
    return generation.startedAt + this.#stretchMs + this.#parameters.exchangeLifetimeMs;
  }
}
