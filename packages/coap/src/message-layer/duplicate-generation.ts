import type { Instant, PeerId } from '../effects.ts';
import { writeBytes } from '../wire/encode-message.ts';
import { PeerSerials } from './peer-serials.ts';
import { SLOT_BYTES, SlotTable } from './slot-table.ts';

const CHUNK_BYTES_MIN = 4096;
const CHUNK_BYTES_MAX = 65_536;
/** What a message is taken to cost besides its answer: a slot, in a table that is half full. */
const MESSAGE_BYTES = 2 * SLOT_BYTES;
/** In place of the length of an answer: longer than any that fits a datagram. */
const RELEASED = 0xffff;
const NO_BYTES = new Uint8Array(0);

/** The messages that came within one stretch of time, with the encoded answers: all go at once. */
export class DuplicateGeneration {
  /** When its first message came. */
  readonly startedAt: Instant;
  #newestAt: Instant;
  readonly #table = new SlotTable();
  readonly #peers = new PeerSerials();
  readonly #chunks: Uint8Array[] = [];
  /** The last of them. */
  #chunk = NO_BYTES;
  #chunkBytes = 0;
  #chunkEnd = 0;

  constructor(startedAt: Instant) {
    this.startedAt = startedAt;
    this.#newestAt = startedAt;
  }

  /** What a new generation with one message of a peer holds. */
  static bytesWith(peer: PeerId): number {
    return SlotTable.heldBytesMin + PeerSerials.bytesOf(peer);
  }

  /** When its latest message came. */
  get newestAt(): Instant {
    return this.#newestAt;
  }

  /** How many messages are remembered. */
  get count(): number {
    return this.#table.count;
  }

  /** The memory that is held: tables, answers and names of peers. */
  get heldBytes(): number {
    return this.#table.heldBytes + this.#peers.heldBytes + this.#chunkBytes;
  }

  /** What the messages of this peer hold, with their answers. */
  bytesFor(peer: PeerId): number {
    return this.#peers.bytesFor(this.#peers.find(peer));
  }

  /** By how much `heldBytes` grows if a message of this peer is added. */
  growthOf(peer: PeerId): number {
    return this.#table.growth + (this.#peers.find(peer) === 0 ? PeerSerials.bytesOf(peer) : 0);
  }

  /**
   * Looks for a message.
   *
   * @returns a handle for the other methods, -1 if the message is not here; it holds until a message is added
   */
  find(peer: PeerId, messageId: number): number {
    const serial = this.#peers.find(peer);
    return serial === 0 || !this.#peers.mayHave(serial, messageId) ? -1 : this.#table.find(serial, messageId);
  }

  /** When the message came. */
  receivedAt(handle: number): Instant {
    return this.startedAt + (this.#word(handle, 3) >>> 1);
  }

  /** Whether the message was Confirmable. */
  isConfirmable(handle: number): boolean {
    return (this.#word(handle, 3) & 1) === 1;
  }

  /** The answer that was kept; empty if none was. A view. */
  answer(handle: number): Uint8Array {
    const length = this.#word(handle, 1) & 0xffff;
    if (length === 0) return NO_BYTES;
    const place = this.#word(handle, 2);
    const start = place & 0xffff;
    return (this.#chunks[place >>> 16] as Uint8Array).subarray(start, start + length);
  }

  /** Whether the message is to count as new. */
  isReleased(handle: number): boolean {
    return (this.#word(handle, 1) & 0xffff) === RELEASED;
  }

  /** Lets the message count as new, should it come again. */
  release(handle: number): void {
    const word = this.#table.wordOf(handle) + 1;
    const slots = this.#table.slotsWith(handle);
    slots[word] = (slots[word] as number) | RELEASED;
  }

  /**
   * Adds a message without an answer, in place of an older one of the same name.
   *
   * @returns its handle
   */
  add(peer: PeerId, messageId: number, isConfirmable: boolean, now: Instant): number {
    let serial = this.#peers.find(peer);
    if (serial === 0) serial = this.#peers.add(peer, messageId);
    else this.#peers.note(serial, messageId);
    this.#peers.hold(serial, MESSAGE_BYTES);
    this.#newestAt = now;
    const handle = this.#table.add(serial, messageId);
    const slots = this.#table.slotsWith(handle);
    const word = this.#table.wordOf(handle);
    slots[word] = serial;
    slots[word + 1] = messageId << 16;
    slots[word + 2] = 0;
    slots[word + 3] = (Math.floor(now - this.startedAt) << 1) | (isConfirmable ? 1 : 0);
    return handle;
  }

  /** Keeps a copy of what was answered. */
  keepAnswer(handle: number, answer: Uint8Array): void {
    const length = answer.length;
    if (this.#chunkEnd + length > this.#chunk.length) this.#openChunk(length);
    writeBytes(this.#chunk, this.#chunkEnd, answer);
    const slots = this.#table.slotsWith(handle);
    const word = this.#table.wordOf(handle);
    slots[word + 1] = ((slots[word + 1] as number) & ~0xffff) | length;
    slots[word + 2] = ((this.#chunks.length - 1) << 16) | this.#chunkEnd;
    this.#chunkEnd += length;
    this.#peers.hold(slots[word] as number, length);
  }

  #openChunk(length: number): void {
    const wanted = Math.min(CHUNK_BYTES_MAX, CHUNK_BYTES_MIN << Math.min(this.#chunks.length, 4));
    this.#chunk = new Uint8Array(Math.max(wanted, length));
    this.#chunks.push(this.#chunk);
    this.#chunkBytes += this.#chunk.length;
    this.#chunkEnd = 0;
  }

  #word(handle: number, offset: number): number {
    return this.#table.slotsWith(handle)[this.#table.wordOf(handle) + offset] as number;
  }
}
