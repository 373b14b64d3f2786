/** A slot is four words: peer serial (0: free), message ID and length, place of the answer, age and type. */
const SLOT_WORDS = 4;
/** What one slot holds. */
export const SLOT_BYTES: number = SLOT_WORDS * Int32Array.BYTES_PER_ELEMENT;

const SLOT_COUNT_MIN = 64;
/** So many slots move with each message that is added: the table is whole again long before it is crowded again. */
const MOVES_PER_ADD = 8;

/**
 * A hash table of messages in typed arrays: a million entries give the garbage collector nothing to look at.
 *
 * A table that is crowded goes on in one of twice the size, and its entries follow a few at a time: to move a million at
 * once would keep everybody waiting. What was not moved yet is found where it is. Nothing is ever taken out.
 */
export class SlotTable {
  #slots = new Int32Array(SLOT_COUNT_MIN * SLOT_WORDS);
  /** What was not moved yet, from `#movedTo` on. */
  #old = NO_SLOTS;
  #movedTo = 0;
  #count = 0;

  /** What an empty one holds. */
  static readonly heldBytesMin: number = SLOT_COUNT_MIN * SLOT_BYTES;

  /** How many entries there are. */
  get count(): number {
    return this.#count;
  }

  /** The memory that is held. */
  get heldBytes(): number {
    return this.#slots.byteLength + this.#old.byteLength;
  }

  /** By how much `heldBytes` grows with one more entry. */
  get growth(): number {
    return this.#isCrowded() ? 2 * this.#slots.byteLength : 0;
  }

  /**
   * Looks for an entry.
   *
   * @returns its place in `slotsWith`, -1 if it is not there; it holds until one is added
   */
  find(serial: number, messageId: number): number {
    const place = placeOf(this.#slots, serial, messageId);
    if (this.#slots[place] !== 0) return place;
    if (this.#old.length === 0) return -1;
    const oldPlace = placeOf(this.#old, serial, messageId);
    return this.#old[oldPlace] === 0 ? -1 : this.#slots.length + oldPlace;
  }

  /** The words of a slot stand at `wordOf(place)` of these. */
  slotsWith(place: number): Int32Array {
    return place < this.#slots.length ? this.#slots : this.#old;
  }

  /** Index of a slot's first word. */
  wordOf(place: number): number {
    return place < this.#slots.length ? place : place - this.#slots.length;
  }

  /**
   * Adds an entry, or finds the one of that name, which is taken over.
   *
   * @returns its place; all its words are to be written
   */
  add(serial: number, messageId: number): number {
    if (this.#isCrowded()) this.#grow();
    if (this.#old.length > 0) this.#move();
    const place = placeOf(this.#slots, serial, messageId);
    if (this.#slots[place] !== 0) return place;
    // One that was not moved yet is counted already, and hidden from now on.
    if (this.#old.length === 0 || this.#old[placeOf(this.#old, serial, messageId)] === 0) this.#count++;
    return place;
  }

  /** At most two thirds full: probes stay short. */
  #isCrowded(): boolean {
    return (this.#count + 1) * 3 * SLOT_WORDS > this.#slots.length * 2;
  }

  #grow(): void {
    this.#old = this.#slots;
    this.#movedTo = 0;
    this.#slots = new Int32Array(this.#old.length * 2);
  }

  #move(): void {
    const [old, slots] = [this.#old, this.#slots];
    const end = Math.min(old.length, this.#movedTo + MOVES_PER_ADD * SLOT_WORDS);
    for (let from = this.#movedTo; from < end; from += SLOT_WORDS) {
      const serial = old[from] as number;
      if (serial === 0) continue;
      const to = placeOf(slots, serial, (old[from + 1] as number) >>> 16);
      // What was added anew meanwhile is newer.
      if (slots[to] !== 0) continue;
      for (let word = 0; word < SLOT_WORDS; word++) slots[to + word] = old[from + word] as number;
    }
    this.#movedTo = end;
    if (end === old.length) this.#old = NO_SLOTS;
  }
}

const NO_SLOTS = new Int32Array(0);

/** Where the entry is, or else the free slot for it. */
function placeOf(slots: Int32Array, serial: number, messageId: number): number {
  let hash = Math.imul(Math.imul(serial, 0x9e3779b1) ^ messageId, 0x85ebca6b);
  hash ^= hash >>> 15;
  let place = Math.imul(hash, SLOT_WORDS) & (slots.length - 1);
  for (;;) {
    const found = slots[place] as number;
    if (found === 0) return place;
    if (found === serial && (slots[place + 1] as number) >>> 16 === messageId) return place;
    place = (place + SLOT_WORDS) & (slots.length - 1);
  }
}
