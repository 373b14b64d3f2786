/** Numbers below the newest that are told apart, at least (RFC 6347 §4.1.2.6 wants 32, and better 64). */
export const REPLAY_WINDOW = 96;

const WORD_BITS = 32;
/** One word more than the window: the newest number may stand at the beginning of its word. */
const WORDS = 4; // REPLAY_WINDOW / WORD_BITS + 1
/** How many words an exported window has. */
export const REPLAY_WORDS: number = WORDS;

/** Which records came, for an export. */
export interface ReplayState {
  /** The greatest number that came; -1: none. */
  readonly newest: number;
  /** `REPLAY_WORDS` words of 32 bits. */
  readonly seen: readonly number[];
}

/**
 * Remembers which records of an epoch came, so that none counts twice.
 *
 * @see RFC 6347 §4.1.2.6
 */
export class ReplayWindow {
  /** An array of small integers is a fourth of a typed one. */
  readonly #seen: number[];
  #newest: number;

  /** @param state which records came before; default: none */
  constructor(state?: ReplayState) {
    this.#seen = state === undefined ? [0, 0, 0, 0] : [...state.seen];
    this.#newest = state?.newest ?? -1;
  }

  /** Which records came. */
  exportState(): ReplayState {
    return { newest: this.#newest, seen: [...this.#seen] };
  }

  /** The greatest number that came; -1: none. */
  get newest(): number {
    return this.#newest;
  }

  /** Whether a record may be new: neither seen, nor too old to say. */
  mayBeNew(sequence: number): boolean {
    if (sequence > this.#newest) return true;
    if (this.#newest - sequence >= REPLAY_WINDOW) return false;
    return ((this.#seen[wordOf(sequence)] ?? 0) & bitOf(sequence)) === 0;
  }

  /** Remembers a record, after it was found authentic and `mayBeNew`. */
  remember(sequence: number): void {
    if (sequence > this.#newest) this.#advance(sequence);
    const word = wordOf(sequence);
    this.#seen[word] = (this.#seen[word] ?? 0) | bitOf(sequence);
  }

  #advance(sequence: number): void {
    const current = Math.floor(this.#newest / WORD_BITS);
    const skipped = Math.min(Math.floor(sequence / WORD_BITS) - current, WORDS);
    for (let step = 1; step <= skipped; step++) this.#seen[(current + step + WORDS) % WORDS] = 0;
    // What was skipped is all cleared where more than a round was skipped.
    this.#newest = sequence;
  }
}

function wordOf(sequence: number): number {
  return Math.floor(sequence / WORD_BITS) % WORDS;
}

function bitOf(sequence: number): number {
  return 1 << (sequence % WORD_BITS);
}
