import type { PeerId } from '@motestack/coap';
import type { Awaitable } from '../awaitable.ts';
import type { Registration } from './registration.ts';

/** An observation as a store keeps it. It belongs to a registration, never to an endpoint name. */
export interface StoredObservation {
  /** Names the observation among those of its registration. */
  readonly id: string;
  /** The registration it belongs to. */
  readonly registrationId: string;
  /** What is observed: `/3303/0/5700`, or several paths with spaces between them. */
  readonly path: string;
  /** The Content-Format that was asked for, if any. */
  readonly contentFormat: number | undefined;
  /** When it was asked for, milliseconds since 1970. */
  readonly sinceEpochMs: number;
}

/** One change of what is registered under one endpoint name, made as a whole or not at all. */
export interface RegistrationCommit {
  /** The endpoint name. */
  readonly endpoint: string;
  /** The state that the change was decided on; `undefined`: nothing was registered. Compared by `id` and `revision`. */
  readonly expected: Pick<Registration, 'id' | 'revision'> | undefined;
  /** What is registered afterwards; `undefined`: nothing. */
  readonly next: Registration | undefined;
  /** A new registration is `full` once there are this many. */
  readonly registrationsMax: number;
}

/** `conflict`: the present state is not the expected one. `full`: no room for another endpoint name. */
export type CommitResult = 'committed' | 'conflict' | 'full';

/**
 * Keeps registrations and their observations. The default keeps them in memory; another one may be anywhere, and answers at once
 * or by a promise.
 */
export interface RegistrationStore {
  /** The registration of an endpoint name. */
  findByEndpoint(endpoint: string): Awaitable<Registration | undefined>;
  /** The registration at a location. */
  findById(id: string): Awaitable<Registration | undefined>;
  /** The registration that was made or last updated from an address of a device, at an address of the server. */
  findByPeer(localUrl: string, peer: PeerId): Awaitable<Registration | undefined>;
  /**
   * Changes what is registered under an endpoint name if it is what `expected` says. If the registration gets another id or ends,
   * its observations are dropped in the same operation.
   */
  commit(change: RegistrationCommit): Awaitable<CommitResult>;
  /** All registrations, in no particular order. One that comes or goes meanwhile may be missing. */
  registrations(): Iterable<Registration> | AsyncIterable<Registration>;
  /** How many registrations there are. */
  count(): Awaitable<number>;
  /** Keeps an observation. `false`: its registration is gone, and nothing was kept. */
  addObservation(observation: StoredObservation): Awaitable<boolean>;
  /** Drops an observation, if it is there. */
  removeObservation(observation: Pick<StoredObservation, 'id' | 'registrationId'>): Awaitable<void>;
  /** The observations of a registration. */
  observations(registrationId: string): Awaitable<readonly StoredObservation[]>;
}
