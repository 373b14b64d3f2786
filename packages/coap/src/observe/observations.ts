import type { PeerId } from '../effects.ts';
import type { NotificationOrder } from '../wire/index.ts';

/** What we observe at a peer. */
export interface Observation {
  /** The number of the request that made it. */
  readonly id: number;
  readonly peer: PeerId;
  readonly token: Uint8Array;
  /** {@link token} as a key. */
  readonly key: string;
  /** Number and time of the newest notification so far. */
  newest: NotificationOrder;
}

/** What we observe, found by peer and token or by number. */
export class Observations {
  readonly #matching: (asked: PeerId, answering: PeerId) => boolean;
  readonly #byId = new Map<number, Observation>();
  readonly #byToken = new Map<string, Observation>();
  readonly #byPeer = new Map<PeerId, Set<Observation>>();

  /** @param matching whether a notification may come from another peer than the one that was asked */
  constructor(matching: (asked: PeerId, answering: PeerId) => boolean) {
    this.#matching = matching;
  }

  /** How many there are. */
  get count(): number {
    return this.#byId.size;
  }

  /** Adds one. */
  add(observation: Observation): void {
    this.#byId.set(observation.id, observation);
    this.#byToken.set(observation.key, observation);
    const siblings = this.#byPeer.get(observation.peer);
    if (siblings === undefined) this.#byPeer.set(observation.peer, new Set([observation]));
    else siblings.add(observation);
  }

  /** Those at a peer. */
  ofPeer(peer: PeerId): Observation[] {
    return [...(this.#byPeer.get(peer) ?? [])];
  }

  /** The one that a notification with this token belongs to. */
  find(peer: PeerId, key: string): Observation | undefined {
    const observation = this.#byToken.get(key);
    if (observation === undefined || observation.peer === peer) return observation;
    return this.#matching(observation.peer, peer) ? observation : undefined;
  }

  /** Whether a token, as a key, is that of an observation, at whatever peer. */
  hasToken(key: string): boolean {
    return this.#byToken.has(key);
  }

  /** The one of this number. */
  withId(id: number): Observation | undefined {
    return this.#byId.get(id);
  }

  /** Takes one out. */
  remove(observation: Observation): void {
    if (!this.#byId.delete(observation.id)) return;
    this.#byToken.delete(observation.key);
    const siblings = this.#byPeer.get(observation.peer);
    siblings?.delete(observation);
    if (siblings?.size === 0) this.#byPeer.delete(observation.peer);
  }
}
