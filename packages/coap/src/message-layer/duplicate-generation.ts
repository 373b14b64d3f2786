import type { Instant, PeerId } from '../effects.ts';

/** A slot is four words: peer serial (0: free), message ID and length, place of the answer, age and type. */
const SLOT_WORDS = 4;
const SLOT_COUNT_MIN = 64;
const CHUNK_BYTES_MIN = 4096;
const CHUNK_BYTES_MAX = 65_536;
/** What a peer's entry in the map is taken to cost besides its name. */
const PEER_BYTES = 80;
/** What a message is taken to cost besides its answer: a slot, in a table that is half full. */
const MESSAGE_BYTES = 2 * SLOT_WORDS * Int32Array.BYTES_PER_ELEMENT;
/** In place of the length of an answer: longer than any that fits a datagram. */
const RELEASED = 0xffff;
const NO_BYTES = new Uint8Array(0);

/**
 * The messages that came within one stretch of time, with the encoded answers, in typed arrays: a million entries
 * give the garbage collector nothing to look at, and all go at once.
 */
export class DuplicateGeneration {
  /** When its first message came. */
  readonly startedAt: Instant;
  #newestAt: Instant;
  #slots = new Int32Array(SLOT_COUNT_MIN * SLOT_WORDS);
  #mask = SLOT_COUNT_MIN - 1;
  #count = 0;
  readonly #serials = new Map<PeerId, number>();
  /** What the messages of each peer hold, by serial. */
  readonly #bytesBySerial: number[] = [0];
  #peerBytes = 0;
  readonly #chunks: Uint8Array[] = [];
  #chunkBytes = 0;
  #chunkEnd = 0;

  constructor(startedAt: Instant) {
    this.startedAt = startedAt;
    this.#newestAt = startedAt;
  }

  /** What a new generation with one message of a peer holds. */
  static bytesWith(peer: PeerId): number {
    return SLOT_COUNT_MIN * SLOT_WORDS * Int32Array.BYTES_PER_ELEMENT + bytesOfPeer(peer);
  }

  /** When its latest message came. */
  get newestAt(): Instant {
    return this.#newestAt;
  }

  /** How many messages are remembered. */
  get count(): number {
    return this.#count;
  }

  /** The memory that is held: tables, answers and names of peers. */
  get heldBytes(): number {
    return this.#slots.byteLength + this.#peerBytes + this.#chunkBytes;
  }

  /** What the messages of this peer hold, with their answers. */
  bytesFor(peer: PeerId): number {
    const serial = this.#serials.get(peer);
    return serial === undefined ? 0 : (this.#bytesBySerial[serial] as number);
  }

  /** By how much `heldBytes` grows if a message of this peer is added. */
  growthOf(peer: PeerId): number {
    const peerBytes = this.#serials.has(peer) ? 0 : bytesOfPeer(peer);
    return (this.#isCrowded() ? this.#slots.byteLength : 0) + peerBytes;
  }

  /**
   * Looks for a message.
   *
   * @returns a handle for the other methods, -1 if the message is not here; it holds until a message is added
   */
  find(peer: PeerId, messageId: number): number {
    const serial = this.#serials.get(peer);
    if (serial === undefined) return -1;
    const place = this.#placeOf(this.#slots, serial, messageId);
    return this.#slots[place] === 0 ? -1 : place;
  }

  /** When the message came. */
  receivedAt(handle: number): Instant {
    return this.startedAt + ((this.#slots[handle + 3] as number) >>> 1);
  }

  /** Whether the message was Confirmable. */
  isConfirmable(handle: number): boolean {
    return ((this.#slots[handle + 3] as number) & 1) === 1;
  }

  /** The answer that was kept; empty if none was. A view. */
  answer(handle: number): Uint8Array {
    const length = (this.#slots[handle + 1] as number) & 0xffff;
    if (length === 0) return NO_BYTES;
    const place = this.#slots[handle + 2] as number;
    const start = place & 0xffff;
    return (this.#chunks[place >>> 16] as Uint8Array).subarray(start, start + length);
  }

  /** Whether the message is to count as new. */
  isReleased(handle: number): boolean {
    return ((this.#slots[handle + 1] as number) & 0xffff) === RELEASED;
  }

  /** Lets the message count as new, should it come again. */
  release(handle: number): void {
    this.#slots[handle + 1] = (this.#slots[handle + 1] as number) | RELEASED;
  }

  /** Adds a message without an answer, in place of an older one of the same name. */
  add(peer: PeerId, messageId: number, isConfirmable: boolean, now: Instant): void {
    if (this.#isCrowded()) this.#grow();
    const serial = this.#serials.get(peer) ?? this.#addPeer(peer);
    const place = this.#placeOf(this.#slots, serial, messageId);
    if (this.#slots[place] === 0) this.#count++;
    this.#bytesBySerial[serial] = (this.#bytesBySerial[serial] as number) + MESSAGE_BYTES;
    this.#newestAt = now;
    this.#slots[place] = serial;
    this.#slots[place + 1] = messageId << 16;
    this.#slots[place + 2] = 0;
    this.#slots[place + 3] = (Math.floor(now - this.startedAt) << 1) | (isConfirmable ? 1 : 0);
  }

  /** Keeps a copy of what was answered. */
  keepAnswer(handle: number, answer: Uint8Array): void {
    const length = answer.length;
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || this.#chunkEnd + length > chunk.length) {
      const wanted = Math.min(CHUNK_BYTES_MAX, CHUNK_BYTES_MIN << Math.min(this.#chunks.length, 4));
      chunk = new Uint8Array(Math.max(wanted, length));
      this.#chunks.push(chunk);
      this.#chunkBytes += chunk.length;
      this.#chunkEnd = 0;
    }
    chunk.set(answer, this.#chunkEnd);
    this.#slots[handle + 1] = ((this.#slots[handle + 1] as number) & ~0xffff) | length;
    this.#slots[handle + 2] = ((this.#chunks.length - 1) << 16) | this.#chunkEnd;
    this.#chunkEnd += length;
    const serial = this.#slots[handle] as number;
    this.#bytesBySerial[serial] = (this.#bytesBySerial[serial] as number) + length;
  }

  #addPeer(peer: PeerId): number {
    const serial = this.#serials.size + 1;
    this.#serials.set(peer, serial);
    this.#bytesBySerial.push(0);
    this.#peerBytes += bytesOfPeer(peer);
    return serial;
  }

  /** At most two thirds full: probes stay short. */
  #isCrowded(): boolean {
    return (this.#count + 1) * 3 > (this.#mask + 1) * 2;
  }

  #grow(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2);
    this.#mask = slots.length / SLOT_WORDS - 1;
    for (let from = 0; from < old.length; from += SLOT_WORDS) {
      const serial = old[from] as number;
      if (serial === 0) continue;
      const to = this.#placeOf(slots, serial, (old[from + 1] as number) >>> 16);
      for (let word = 0; word < SLOT_WORDS; word++) slots[to + word] = old[from + word] as number;
    }
    this.#slots = slots;
  }

  /** Where the message is, or else the free slot for it. */
  #placeOf(slots: Int32Array, serial: number, messageId: number): number {
    let hash = Math.imul(Math.imul(serial, 0x9e3779b1) ^ messageId, 0x85ebca6b);
    hash ^= hash >>> 15;
    let place = (hash & this.#mask) * SLOT_WORDS;
    for (;;) {
      const found = slots[place] as number;
      if (found === 0) return place;
      if (found === serial && (slots[place + 1] as number) >>> 16 === messageId) return place;
      place += SLOT_WORDS;
      if (place === slots.length) place = 0;
    }
  }
}

function bytesOfPeer(peer: PeerId): number {
  return PEER_BYTES + 2 * peer.length;
}
