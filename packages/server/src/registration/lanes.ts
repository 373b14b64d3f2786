/**
 * One lane per key: what runs under one key runs one after the other, in the order in which it was given; keys do not wait for
 * each other. A lane exists while something runs or waits in it.
 */
export class Lanes {
  readonly #waitingMax: number;
  readonly #lanes = new Map<string, Lane>();

  /** @param waitingMax how many tasks of one key may wait for the running one */
  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** How many keys have a task that runs or waits. */
  get size(): number {
    return this.#lanes.size;
  }

  /** How many tasks run or wait, over all keys. */
  get tasks(): number {
    let tasks = 0;
    for (const lane of this.#lanes.values()) tasks += lane.tasks;
    return tasks;
  }

  /**
   * Runs a task after those that were given for the same key before.
   *
   * @returns what the task gives; `undefined` if too many wait already, and the task is not run
   */
  run<Value>(key: string, task: () => Promise<Value>): Promise<Value> | undefined {
    const known = this.#lanes.get(key);
    const lane = known ?? { tasks: 0, last: DONE };
    if (lane.tasks > this.#waitingMax) return undefined;
    if (known === undefined) this.#lanes.set(key, lane);
    lane.tasks += 1;
    // Nobody to wait for: it runs at once.
    const done = lane.tasks === 1 ? begun(task) : lane.last.then(task);
    const leave = (): void => {
      lane.tasks -= 1;
      if (lane.tasks === 0) this.#lanes.delete(key);
    };
    lane.last = done.then(leave, leave);
    return done;
  }
}

interface Lane {
  tasks: number;
  /** Settles, never rejects, when the last task that was given is done. */
  last: Promise<void>;
}

const DONE: Promise<void> = Promise.resolve();

/** What a task gives; what it throws at once rejects. */
async function begun<Value>(task: () => Promise<Value>): Promise<Value> {
  return await task();
}
