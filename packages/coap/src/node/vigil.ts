/** What a {@link Vigil} asks of the event loop. */
export interface VigilSurroundings {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Calls back in the next turn of the loop, which does not sleep before it. */
  readonly nextTurn: (callback: () => void) => void;
}

/** A vigil over this process's event loop. */
export function loopVigil(): Vigil {
  return new Vigil({ now: () => performance.now(), nextTurn: (callback) => void setImmediate(callback) });
}

/** What comes later than this after a turn of the loop is not waited for: longer than a round on one machine or one switch. */
const WINDOW_MS = 0.5;
/** So many short rounds are to be seen first. */
const ROUNDS_MIN = 32;
const ROUNDS_MAX = 2 * ROUNDS_MIN;
/** What is not in time takes so many away: a machine that has other things to do is no reason to give up. */
const ROUNDS_A_MISS = 16;

/**
 * Keeps the event loop awake where two talk by turns, each for a moment: a body block by block, or request by request.
 *
 * A processor that is put to sleep between two datagrams takes longer to wake up than such a round takes by itself. So
 * where one peer's datagrams came one by one, {@link ROUNDS_MIN} times each within {@link WINDOW_MS} of the turn before,
 * the loop polls for the next one instead of sleeping, for no longer than that. Who is farther away, or not alone, is
 * waited for asleep: what is polled in vain is at most a window for every {@link ROUNDS_A_MISS} rounds.
 */
export class Vigil {
  readonly #surroundings: VigilSurroundings;
  #peer: unknown;
  #rounds = 0;
  #restingSince = 0;
  #isResting = false;
  #isAwake = false;

  constructor(surroundings: VigilSurroundings) {
    this.#surroundings = surroundings;
  }

  /** Whether the loop is kept awake. */
  get isAwake(): boolean {
    return this.#isAwake;
  }

  /** A datagram came. */
  heard(peer: unknown): void {
    if (!this.#isResting) return;
    this.#isResting = false;
    if (peer !== this.#peer) {
      this.#peer = peer;
      this.#rounds = 0;
    } else if (this.#surroundings.now() - this.#restingSince < WINDOW_MS) {
      this.#rounds = Math.min(this.#rounds + 1, ROUNDS_MAX);
    } else this.#rounds = Math.max(this.#rounds - ROUNDS_A_MISS, 0);
  }

  /** A turn in which something was sent is over. */
  rest(): void {
    this.#isResting = true;
    this.#restingSince = this.#surroundings.now();
    if (this.#rounds < ROUNDS_MIN || this.#isAwake) return;
    this.#isAwake = true;
    this.#surroundings.nextTurn(this.#watch);
  }

  readonly #watch = (): void => {
    if (this.#surroundings.now() - this.#restingSince < WINDOW_MS) {
      this.#surroundings.nextTurn(this.#watch);
      return;
    }
    this.#isAwake = false;
  };
}
