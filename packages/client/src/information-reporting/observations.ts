import { isWithin, type Path } from '@motestack/model';
import { Observation, type ObservationHost, type ObservationInit } from './observation.ts';

/** The observations of one server. They belong to its registration and end with it. */
export class Observations {
  readonly #observations = new Set<Observation>();
  readonly #host: ObservationHost;
  readonly #max: number;
  #changeCount = 0;

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

  /** How often something changed; grows alone. */
  get changeCount(): number {
    return this.#changeCount;
  }

  /**
   * Begins one, whose answer is about to leave.
   *
   * @param readAt `changeCount` when the reading of what the answer says began: what changed since may be missing there, and
   *   is looked at, so that the server comes to know it (RFC 7641 §1.3, eventual consistency)
   */
  begin(init: ObservationInit, readAt: number): void {
    const observation = new Observation(init, this.#host);
    this.#observations.add(observation);
    init.relation.signal.addEventListener('abort', () => this.#observations.delete(observation), { once: true });
    if (readAt !== this.#changeCount) observation.look();
  }

  /** Looks again at all that is, lies within, or contains one of the paths. */
  changed(paths: readonly Path[]): void {
    this.#changeCount += 1;
    for (const observation of this.#observations) {
      const isTouched = (observed: Path): boolean =>
        paths.some((path) => isWithin(path, observed) || isWithin(observed, path));
      if (observation.paths.some(isTouched)) observation.look();
    }
  }

  /** The server can be reached again. */
  resume(): void {
    for (const observation of [...this.#observations]) observation.resume();
  }

  /** Ends all without a word: a new registration voids them (LwM2M Core 1.1.1 §6.4.1). */
  forget(): void {
    for (const observation of [...this.#observations]) observation.end();
    this.#observations.clear();
  }
}
