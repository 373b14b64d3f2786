import type { AbortSignalLike } from '@motestack/coap';

/** Why a request was not let through. */
export type GateRefusal =
  /** The device sleeps, and the caller did not want to wait. */
  | 'asleep'
  /** As many requests wait as may. */
  | 'full'
  /** The caller's signal was given. */
  | 'aborted'
  /** The registration ended. */
  | 'ended';

/** Thrown to the one who waits at an {@link AwakeGate}; the caller makes the error that users see of it. */
export class GateError extends Error {
  /** Always `GateError`. */
  override readonly name = 'GateError';
  /** Why. */
  readonly refusal: GateRefusal;

  /** @param refusal why */
  constructor(refusal: GateRefusal) {
    super(refusal);
    this.refusal = refusal;
  }
}

/** How a request waits. */
export interface GateOptions {
  /** Higher goes first; among the same the one that came first. Default 0. */
  readonly priority?: number | undefined;
  /** Whether to wait for a device that sleeps. Default `wait`. */
  readonly whenAsleep?: 'wait' | 'reject' | undefined;
  /** Leaves the queue. */
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * Lets the requests to one device through: while it is awake, one at a time, by priority and age.
 *
 * @see LwM2M Transport 1.1.1 §6.5 (Queue Mode): no request leaves before the device was heard; the next one leaves when the one
 *   before it is answered
 */
export class AwakeGate {
  readonly #waitingMax: number;
  /** By priority, then age. */
  readonly #waiting: Waiting[] = [];
  #isAwake: boolean;
  #isBusy = false;

  /**
   * @param waitingMax how many requests may wait
   * @param isAwake whether the device is awake now
   */
  constructor(waitingMax: number, isAwake: boolean) {
    this.#waitingMax = waitingMax;
    this.#isAwake = isAwake;
  }

  /** Whether the device is awake. */
  get isAwake(): boolean {
    return this.#isAwake;
  }

  /** How many requests wait. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /**
   * Waits for the request's turn.
   *
   * @returns what is to be called, once, when the request is over
   * @throws {GateError}
   */
  async enter({ priority = 0, whenAsleep = 'wait', signal }: GateOptions): Promise<() => void> {
    if (signal?.aborted === true) throw new GateError('aborted');
    if (!this.#isAwake && whenAsleep === 'reject') throw new GateError('asleep');
    if (this.#isAwake && !this.#isBusy) return this.#admit();
    if (this.#waiting.length >= this.#waitingMax) throw new GateError('full');
    return await new Promise((resolve, reject) => {
      const waiting: Waiting = { priority, whenAsleep, resolve, reject, leave: () => undefined };
      const onAbort = (): void => this.#refuse(waiting, 'aborted');
      signal?.addEventListener('abort', onAbort);
      waiting.leave = () => signal?.removeEventListener('abort', onAbort);
      this.#waiting.splice(placeOf(priority, this.#waiting), 0, waiting);
    });
  }

  /** The device was heard. */
  wake(): void {
    this.#isAwake = true;
    this.#next();
  }

  /** The device may sleep now; the request that is under way goes on. Who did not want to wait for it is refused. */
  sleep(): void {
    this.#isAwake = false;
    for (const waiting of this.#waiting.filter(({ whenAsleep }) => whenAsleep === 'reject'))
      this.#refuse(waiting, 'asleep');
  }

  /** The registration is over: nobody waits any longer. */
  end(): void {
    this.#isAwake = false;
    for (const waiting of [...this.#waiting]) this.#refuse(waiting, 'ended');
  }

  #next(): void {
    if (!this.#isAwake || this.#isBusy) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) return;
    waiting.leave();
    waiting.resolve(this.#admit());
  }

  #admit(): () => void {
    this.#isBusy = true;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#isBusy = false;
      this.#next();
    };
  }

  #refuse(waiting: Waiting, refusal: GateRefusal): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    waiting.leave();
    waiting.reject(new GateError(refusal));
  }
}

interface Waiting {
  readonly priority: number;
  readonly whenAsleep: 'wait' | 'reject';
  readonly resolve: (release: () => void) => void;
  readonly reject: (error: GateError) => void;
  leave: () => void;
}

/** Behind all that go first or came first with the same priority. */
function placeOf(priority: number, waiting: readonly Waiting[]): number {
  let low = 0;
  let high = waiting.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = waiting[middle];
    if (there !== undefined && there.priority >= priority) low = middle + 1;
    else high = middle;
  }
  return low;
}
