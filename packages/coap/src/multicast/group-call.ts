import type { PeerId } from '../effects.ts';
import { AbortSource } from '../platform/abort-source.ts';
import { ResponseQueue } from './group-responses.ts';

/** One request to a group and those who answered it. */
export class GroupCall {
  readonly group: PeerId;
  /** What the caller iterates over. */
  readonly responses: ResponseQueue;
  /** Who answered: the second response of a peer is a duplicate. */
  readonly peers: Set<PeerId> = new Set();
  /** Ends the fetching of further blocks. */
  readonly abort: AbortSource = new AbortSource();
  readonly #onOver: () => void;
  #fetching = 0;
  #isTimeOver = false;
  #isOver = false;

  /** @param onOver called once, when nothing more will come */
  constructor(group: PeerId, onOver: () => void) {
    this.group = group;
    this.#onOver = onOver;
    this.responses = new ResponseQueue(() => this.end());
  }

  /** The time for responses is over; bodies that are being fetched are waited for. */
  endTime(): void {
    this.#isTimeOver = true;
    if (this.#fetching === 0) this.end();
  }

  /** Waits for the end of `fetching` before the call ends. */
  async during(fetching: Promise<void>): Promise<void> {
    this.#fetching++;
    await fetching;
    this.#fetching--;
    if (this.#isTimeOver && this.#fetching === 0) this.end();
  }

  /** Ends the call. */
  end(error?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.responses.end(error);
    this.abort.abort(error);
    this.#onOver();
  }
}
