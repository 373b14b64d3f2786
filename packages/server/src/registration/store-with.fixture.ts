import type { InMemoryRegistrationStore } from './in-memory-registration-store.ts';
import type { RegistrationStore } from './registration-store.ts';

/** A store that does as `inner`, but for the methods that a test gives. */
export function storeWith(inner: InMemoryRegistrationStore, own: Partial<RegistrationStore>): RegistrationStore {
  return {
    findByEndpoint: (endpoint) => inner.findByEndpoint(endpoint),
    findById: (id) => inner.findById(id),
    findByPeer: (localUrl, peer) => inner.findByPeer(localUrl, peer),
    commit: (change) => inner.commit(change),
    registrations: () => inner.registrations(),
    count: () => inner.count(),
    addObservation: (observation) => inner.addObservation(observation),
    removeObservation: (observation) => inner.removeObservation(observation),
    observations: (registrationId) => inner.observations(registrationId),
    ...own,
  };
}
