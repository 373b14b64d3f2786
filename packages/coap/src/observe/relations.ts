import type { Instant, PeerId } from '../effects.ts';
import type { Option } from '../wire/index.ts';
import { tokenKey } from '../wire/token-key.ts';
import type { ObserveParameters } from './observe-parameters.ts';

/** What a notification carries, without the Observe option. */
export interface NotificationContent {
  /** Class and detail. */
  readonly code: number;
  /** In any order. */
  readonly options: readonly Option[];
  /** Empty where there is none. */
  readonly payload: Uint8Array;
  /** Whether it is sent until it is acknowledged. */
  readonly isConfirmable: boolean;
}

/** An entry in the list of observers. */
export class Relation {
  readonly role: 'relation' = 'relation';
  /** The number of the request that made it. */
  readonly id: number;
  readonly peer: PeerId;
  /** The token: there may be very many relations, and a string takes a tenth of what a typed array does. */
  readonly key: string;
  /** `pending` until the request is answered. */
  phase: 'pending' | 'active' | 'ended' = 'pending';
  /** The newest notification that came up before the answer. */
  waiting: NotificationContent | undefined;
  /** When a notification was Confirmable last. */
  confirmableAt: Instant;
  #sequence: number;

  constructor(id: number, peer: PeerId, key: string, start: { sequence: number; now: Instant }) {
    this.id = id;
    this.peer = peer;
    this.key = key;
    this.#sequence = start.sequence;
    this.confirmableAt = start.now;
  }

  /** The token of the request that made it: a copy each time. */
  get token(): Uint8Array {
    return Uint8Array.from(this.key, (byte) => byte.charCodeAt(0));
  }

  /** The number of the latest notification. */
  get sequence(): number {
    return this.#sequence;
  }

  /** The value of the Observe option of the next notification: "a strictly increasing sequence number" (RFC 7641 §4.4). */
  nextSequence(): number {
    this.#sequence = (this.#sequence + 1) & 0xffffff;
    return this.#sequence;
  }
}

/**
 * The list of observers: what peers observe here, one entry for each peer and token.
 *
 * @see RFC 7641 §4.1
 */
export class Relations {
  readonly #parameters: ObserveParameters;
  readonly #byId = new Map<number, Relation>();
  /** Most peers have one relation: a map only for more. */
  readonly #byPeer = new Map<PeerId, Relation | Map<string, Relation>>();

  constructor(parameters: ObserveParameters) {
    this.#parameters = parameters;
  }

  /** How many entries there are. */
  get count(): number {
    return this.#byId.size;
  }

  /** The limit that one more entry would break; `undefined`: none. An entry that is replaced does not count. */
  limitReached(peer: PeerId, token: Uint8Array): 'observersPerPeerMax' | 'observersMax' | undefined {
    if (this.find(peer, token) !== undefined) return undefined;
    const siblings = this.#byPeer.get(peer);
    const count = siblings instanceof Map ? siblings.size : siblings === undefined ? 0 : 1;
    if (count >= this.#parameters.observersPerPeerMax) return 'observersPerPeerMax';
    return this.#byId.size >= this.#parameters.observersMax ? 'observersMax' : undefined;
  }

  /**
   * Adds an entry, in place of one with the same peer and token, whose numbers it goes on with.
   *
   * @returns the entry and the one that it replaced
   */
  add(
    init: { readonly id: number; readonly peer: PeerId; readonly token: Uint8Array },
    now: Instant,
  ): {
    readonly relation: Relation;
    readonly replaced: Relation | undefined;
  } {
    const replaced = this.find(init.peer, init.token);
    if (replaced !== undefined) this.remove(replaced);
    const start = { sequence: replaced?.sequence ?? 0, now };
    const relation = new Relation(init.id, init.peer, tokenKey(init.token), start);
    this.#byId.set(relation.id, relation);
    const siblings = this.#byPeer.get(init.peer);
    if (siblings === undefined) this.#byPeer.set(init.peer, relation);
    else if (siblings instanceof Map) siblings.set(relation.key, relation);
    else this.#byPeer.set(init.peer, new Map([siblings, relation].map((each) => [each.key, each])));
    return { relation, replaced };
  }

  /** The entry of a peer and a token. */
  find(peer: PeerId, token: Uint8Array): Relation | undefined {
    const siblings = this.#byPeer.get(peer);
    if (siblings === undefined) return undefined;
    const key = tokenKey(token);
    if (siblings instanceof Map) return siblings.get(key);
    return siblings.key === key ? siblings : undefined;
  }

  /** The entries of a peer. */
  ofPeer(peer: PeerId): Relation[] {
    const siblings = this.#byPeer.get(peer) ?? [];
    return siblings instanceof Relation ? [siblings] : [...siblings.values()];
  }

  /** The entry of this number. */
  withId(id: number): Relation | undefined {
    return this.#byId.get(id);
  }

  /**
   * Takes an entry out.
   *
   * @returns `false` if it was out already
   */
  remove(relation: Relation): boolean {
    relation.waiting = undefined;
    if (relation.phase === 'ended') return false;
    relation.phase = 'ended';
    this.#byId.delete(relation.id);
    const siblings = this.#byPeer.get(relation.peer);
    if (siblings instanceof Map) siblings.delete(relation.key);
    if (!(siblings instanceof Map) || siblings.size === 0) this.#byPeer.delete(relation.peer);
    return true;
  }
}
