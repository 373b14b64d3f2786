import { isWithin, type Path } from '@motestack/model';
import { Observation, type ObservationHost, type ObservationInit } from './observation.ts';

/** The observations of one server. They belong to its registration and end with it. */
export class Observations {
  readonly #observations = new Set<Observation>();
  readonly #host: ObservationHost;
  readonly #max: number;

  /**
   * @param max how many there may be
   */
  constructor(host: ObservationHost, max: number) {
    this.#host = host;
    this.#max = max;
  }

  /** Whether another one may be taken. */
  get full(): boolean {
    return this.#observations.size >= this.#max;
  }

  /** How many there are. */
  get size(): number {
    return this.#observations.size;
  }

  /** Begins one, whose answer is about to leave. */
  begin(init: ObservationInit): void {
    const observation = new Observation(init, this.#host);
    this.#observations.add(observation);
    init.relation.signal.addEventListener('abort', () => this.#observations.delete(observation), { once: true });
  }

  /** Looks again at all that is, lies within, or contains one of the paths. */
  changed(paths: readonly Path[]): void {
    for (const observation of this.#observations) {
      if (paths.some((path) => isWithin(path, observation.path) || isWithin(observation.path, path)))
        observation.look();
    }
  }

  /** Ends all without a word: a new registration voids them (LwM2M Core 1.1.1 §6.4.1). */
  forget(): void {
    for (const observation of [...this.#observations]) observation.end();
    this.#observations.clear();
  }
}
