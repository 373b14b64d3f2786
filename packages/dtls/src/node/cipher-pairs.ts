/** Who holds ciphers that can be made again from its key. */
export interface PairOwner {
  /** Whether the ciphers were used since they were last asked for; the owner sets it, the cache clears it. */
  isRecent: boolean;
  /** Gives the ciphers up. */
  dropPair(): void;
}

/** How many keys have ciphers at one time, where nothing else is said. */
const CIPHER_PAIRS_MAX = 2000;

/**
 * Bounds how many keys have long-lived ciphers: each costs more than the rest of an association that rests. Those that
 * were not used lately make room (second chance), and get theirs again when they are used again.
 */
export class CipherPairs {
  readonly #pairsMax: number;
  /** The next one to be asked comes first. */
  readonly #owners = new Set<PairOwner>();

  /** @param pairsMax default 2,000 */
  constructor(pairsMax: number = CIPHER_PAIRS_MAX) {
    this.#pairsMax = pairsMax;
  }

  /** How many keys have ciphers. */
  get size(): number {
    return this.#owners.size;
  }

  /** Takes note of a key that has ciphers now; another may lose its own. */
  add(owner: PairOwner): void {
    while (this.#owners.size >= this.#pairsMax) {
      const [next] = this.#owners;
      if (next === undefined) break;
      this.#owners.delete(next);
      if (next.isRecent) {
        next.isRecent = false;
        this.#owners.add(next);
      } else next.dropPair();
    }
    this.#owners.add(owner);
  }

  /** The owner gave its ciphers up by itself. */
  remove(owner: PairOwner): void {
    this.#owners.delete(owner);
  }
}

/** Those of this process. */
export const cipherPairs: CipherPairs = new CipherPairs();
