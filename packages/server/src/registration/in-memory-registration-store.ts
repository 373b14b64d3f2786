import type { Registration } from './registration.ts';
import type { CommitResult, RegistrationCommit, RegistrationStore, StoredObservation } from './registration-store.ts';

/** Registrations and observations in this process's memory; they end with it. */
export class InMemoryRegistrationStore implements RegistrationStore {
  readonly #byEndpoint = new Map<string, Registration>();
  readonly #byId = new Map<string, Registration>();
  readonly #observations = new Map<string, Map<string, StoredObservation>>();

  /** The registration of an endpoint name. */
  findByEndpoint(endpoint: string): Registration | undefined {
    return this.#byEndpoint.get(endpoint);
  }

  /** The registration at a location. */
  findById(id: string): Registration | undefined {
    return this.#byId.get(id);
  }

  /** Changes what is registered under an endpoint name if it is what was expected. */
  commit({ endpoint, expected, next, registrationsMax }: RegistrationCommit): CommitResult {
    const present = this.#byEndpoint.get(endpoint);
    if (present?.id !== expected?.id || present?.revision !== expected?.revision) return 'conflict';
    if (next !== undefined && next.id !== present?.id && this.#byId.has(next.id)) return 'conflict';
    if (present === undefined && next !== undefined && this.#byEndpoint.size >= registrationsMax) return 'full';
    if (present !== undefined && present.id !== next?.id) {
      this.#byId.delete(present.id);
      this.#observations.delete(present.id);
    }
    if (next === undefined) {
      this.#byEndpoint.delete(endpoint);
    } else {
      this.#byEndpoint.set(endpoint, next);
      this.#byId.set(next.id, next);
    }
    return 'committed';
  }

  /** All registrations. */
  registrations(): Iterable<Registration> {
    return this.#byEndpoint.values();
  }

  /** How many registrations there are. */
  count(): number {
    return this.#byEndpoint.size;
  }

  /** Keeps an observation if its registration is there. */
  addObservation(observation: StoredObservation): boolean {
    if (!this.#byId.has(observation.registrationId)) return false;
    const known = this.#observations.get(observation.registrationId) ?? new Map<string, StoredObservation>();
    this.#observations.set(observation.registrationId, known.set(observation.id, observation));
    return true;
  }

  /** Drops an observation, if it is there. */
  removeObservation({ id, registrationId }: Pick<StoredObservation, 'id' | 'registrationId'>): void {
    const known = this.#observations.get(registrationId);
    known?.delete(id);
    if (known?.size === 0) this.#observations.delete(registrationId);
  }

  /** The observations of a registration. */
  observations(registrationId: string): readonly StoredObservation[] {
    return [...(this.#observations.get(registrationId)?.values() ?? [])];
  }
}
