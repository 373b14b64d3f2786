import type { PeerId } from '@motestack/coap';
import type { Registration } from './registration.ts';
import type { CommitResult, RegistrationCommit, RegistrationStore, StoredObservation } from './registration-store.ts';

/** Registrations and observations in this process's memory; they end with it. */
export class InMemoryRegistrationStore implements RegistrationStore {
  readonly #byEndpoint = new Map<string, Registration>();
  readonly #byId = new Map<string, Registration>();
  /**
   * By where they come from; two of one address, at different addresses of the server, share an entry. Made when it is first asked
   * for: many devices never send on their own.
   */
  #byPeer: Map<PeerId, Registration | readonly Registration[]> | undefined;
  readonly #observations = new Map<string, readonly StoredObservation[]>();

  /** The registration of an endpoint name. */
  findByEndpoint(endpoint: string): Registration | undefined {
    return this.#byEndpoint.get(endpoint);
  }

  /** The registration at a location. */
  findById(id: string): Registration | undefined {
    return this.#byId.get(id);
  }

  /** The registration that comes from an address. */
  findByPeer(localUrl: string, peer: PeerId): Registration | undefined {
    if (this.#byPeer === undefined) {
      this.#byPeer = new Map();
      for (const registration of this.#byEndpoint.values()) this.#joinPeer(registration);
    }
    return this.#ofPeer(peer).find((registration) => registration.localUrl === localUrl);
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
    if (present !== undefined) this.#leavePeer(present);
    if (next === undefined) {
      this.#byEndpoint.delete(endpoint);
    } else {
      this.#byEndpoint.set(endpoint, next);
      this.#byId.set(next.id, next);
      this.#joinPeer(next);
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
    const { id, registrationId } = observation;
    if (!this.#byId.has(registrationId)) return false;
    const known = this.#observations.get(registrationId) ?? [];
    const others = known.some((other) => other.id === id) ? known.filter((other) => other.id !== id) : known;
    // A new list each time, since one that grows takes room for more than it will ever hold.
    this.#observations.set(registrationId, others.length === 0 ? [observation] : others.concat(observation));
    return true;
  }

  /** Drops an observation, if it is there. */
  removeObservation({ id, registrationId }: Pick<StoredObservation, 'id' | 'registrationId'>): void {
    const kept = this.#observations.get(registrationId)?.filter((observation) => observation.id !== id);
    if (kept === undefined) return;
    if (kept.length === 0) this.#observations.delete(registrationId);
    else this.#observations.set(registrationId, kept);
  }

  /** The observations of a registration. */
  observations(registrationId: string): readonly StoredObservation[] {
    return [...(this.#observations.get(registrationId) ?? [])];
  }

  #ofPeer(peer: PeerId): readonly Registration[] {
    const known = this.#byPeer?.get(peer);
    if (known === undefined) return [];
    return 'id' in known ? [known] : known;
  }

  #joinPeer(next: Registration): void {
    const others = this.#ofPeer(next.peer);
    this.#byPeer?.set(next.peer, others.length === 0 ? next : [...others, next]);
  }

  #leavePeer(present: Registration): void {
    const others = this.#ofPeer(present.peer).filter(({ id }) => id !== present.id);
    const [only] = others;
    if (only === undefined) this.#byPeer?.delete(present.peer);
    else this.#byPeer?.set(present.peer, others.length === 1 ? only : others);
  }
}
