import { DeadlineHeap, type Instant, type PeerId, type RandomSource, type Timer } from '../effects.ts';
import type { RetransmissionParameters } from '../parameters.ts';
import { tokenKey } from '../wire/token-key.ts';
import type { ClientExchangeParameters } from './exchange-parameters.ts';

/**
 * What an exchange is for: `observe` and `cancel` are requests with Observe 0 and 1, `ping` has no token, `tell` wants
 * no response, or only some (RFC 7967).
 */
export type ExchangePurpose = 'request' | 'observe' | 'cancel' | 'tell' | 'ping';

/** One request of ours that was not answered yet. */
export class ClientExchange implements Timer {
  readonly role: 'client' = 'client';
  deadline: Instant;
  heapIndex = -1;
  /** The number that the asker gave it. */
  readonly id: number;
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  readonly token: Uint8Array;
  /** {@link token} as a key. */
  readonly key: string;
  /** Whether the request is known to have arrived, or nobody will say so. */
  hasArrived = false;
  /** Whether the event `sent` is wanted. */
  isSendingTold = false;
  /** Of a `tell`: which classes of responses are not wanted, a bit for each. */
  unwanted = 0;

  constructor(id: number, peer: PeerId, purpose: ExchangePurpose, token: Uint8Array, deadline: Instant) {
    this.id = id;
    this.peer = peer;
    this.purpose = purpose;
    this.token = token;
    this.key = tokenKey(token);
    this.deadline = deadline;
  }
}

/** Which limit forbids a new exchange: `tokens` says that no token was found that is not in use. */
export type ClientExchangeLimit = 'clientExchangesPerPeerMax' | 'tokens';

/** How often a token is drawn: of 2^32 or more, even the second draw is rare. */
const TOKEN_DRAWS_MAX = 8;

/** What a new exchange is made of. */
export interface ClientExchangeInit {
  readonly id: number;
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  /** When it is given up. */
  readonly deadline: Instant;
  /** Default: a new one, random. */
  readonly token?: Uint8Array | undefined;
  /** As of its message. */
  readonly retransmission?: Partial<RetransmissionParameters> | undefined;
  /** Whether the event `sent` is wanted. */
  readonly isSendingTold?: boolean | undefined;
}

/**
 * The requests of ours that wait for an answer, found by peer and token (RFC 7252 §5.3.2) or by number.
 */
export class ClientExchanges {
  readonly #parameters: ClientExchangeParameters;
  readonly #random: RandomSource;
  readonly #isTaken: (key: string) => boolean;
  readonly #byId = new Map<number, ClientExchange>();
  readonly #byToken = new Map<string, ClientExchange>();
  readonly #byPeer = new Map<PeerId, Set<ClientExchange>>();
  readonly #timers = new DeadlineHeap<ClientExchange>();

  /** @param isTaken whether a token, as a key, has a use beyond these exchanges: an observation */
  constructor(parameters: ClientExchangeParameters, random: RandomSource, isTaken: (key: string) => boolean) {
    this.#parameters = parameters;
    this.#random = random;
    this.#isTaken = isTaken;
  }

  /** How many requests wait. */
  get count(): number {
    return this.#byId.size;
  }

  get nextAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /**
   * Adds an exchange.
   *
   * @returns the name of the limit instead, if one forbids it
   */
  open(init: ClientExchangeInit): ClientExchange | ClientExchangeLimit {
    const siblings = this.#byPeer.get(init.peer);
    if (siblings !== undefined && siblings.size >= this.#parameters.clientExchangesPerPeerMax) {
      return 'clientExchangesPerPeerMax';
    }
    const token = init.purpose === 'ping' ? new Uint8Array(0) : (init.token ?? this.#newToken());
    if (token === undefined) return 'tokens';
    const exchange = new ClientExchange(init.id, init.peer, init.purpose, token, init.deadline);
    this.#byId.set(exchange.id, exchange);
    if (exchange.purpose !== 'ping') this.#byToken.set(exchange.key, exchange);
    if (siblings === undefined) this.#byPeer.set(init.peer, new Set([exchange]));
    else siblings.add(exchange);
    this.#timers.arm(exchange);
    return exchange;
  }

  /** The exchange that a response with this token belongs to. */
  find(peer: PeerId, token: Uint8Array): ClientExchange | undefined {
    const exchange = this.#byToken.get(tokenKey(token));
    if (exchange === undefined || exchange.peer === peer) return exchange;
    return this.#parameters.responseMatching(exchange.peer, peer) ? exchange : undefined;
  }

  /** The exchange of this number. */
  withId(id: number): ClientExchange | undefined {
    return this.#byId.get(id);
  }

  /** The exchanges with a peer. */
  ofPeer(peer: PeerId): ClientExchange[] {
    return [...(this.#byPeer.get(peer) ?? [])];
  }

  /**
   * Takes an exchange out.
   *
   * @returns `false` if it was out already
   */
  close(exchange: ClientExchange): boolean {
    if (this.#byId.get(exchange.id) !== exchange) return false;
    this.#byId.delete(exchange.id);
    if (this.#byToken.get(exchange.key) === exchange) this.#byToken.delete(exchange.key);
    const siblings = this.#byPeer.get(exchange.peer);
    siblings?.delete(exchange);
    if (siblings?.size === 0) this.#byPeer.delete(exchange.peer);
    this.#timers.remove(exchange);
    return true;
  }

  /** An exchange whose time is over; it is to be closed. */
  takeDue(now: Instant): ClientExchange | undefined {
    return this.#timers.takeDue(now);
  }

  /** "tokens currently in use for a given source/destination endpoint pair are unique" (RFC 7252 §5.3.1); here over all. */
  #newToken(): Uint8Array | undefined {
    const token = new Uint8Array(this.#parameters.tokenBytes);
    for (let draw = 0; draw < TOKEN_DRAWS_MAX; draw++) {
      this.#random.fill(token);
      const key = tokenKey(token);
      if (!this.#byToken.has(key) && !this.#isTaken(key)) return token;
    }
    return undefined;
  }
}
