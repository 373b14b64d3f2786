import { DeadlineHeap, earlier, type Instant, type PeerId, type Timer } from '../effects.ts';
import { type DecodedMessage, MessageType } from '../wire/index.ts';
import type { ExchangeParameters } from './exchange-parameters.ts';

/** One request of a peer that is with the handler, or whose answer is on its way. */
export class ServerExchange implements Timer {
  readonly role: 'server' = 'server';
  deadline: Instant;
  heapIndex = -1;
  /** The number by which the handler's answer finds it. */
  readonly id: number;
  readonly peer: PeerId;
  readonly messageId: number;
  readonly token: Uint8Array;
  readonly isConfirmable: boolean;
  /** The request itself; of a body in several blocks, its last block. */
  readonly message: DecodedMessage;
  /** The value of the request's Observe option, `undefined` without one. */
  readonly observe: number | undefined;
  /** Which classes of responses the peer does not want: a bit for each (RFC 7967 §2.1). */
  unwanted = 0;
  /** `piggyback`: the answer goes into the Acknowledgement; `separate`: the Acknowledgement is out, or never comes. */
  phase: 'piggyback' | 'separate';
  /** When the answer is 5.03. */
  readonly giveUpAt: Instant;
  /** Whether the asker wants to hear when the answer was sent. */
  isSendingTold = false;

  constructor(id: number, peer: PeerId, message: DecodedMessage, observe: number | undefined, times: ServerTimes) {
    this.id = id;
    this.peer = peer;
    this.message = message;
    this.messageId = message.messageId;
    this.token = message.token;
    this.isConfirmable = message.type === MessageType.Confirmable;
    this.observe = observe;
    this.phase = this.isConfirmable ? 'piggyback' : 'separate';
    this.giveUpAt = times.giveUpAt;
    this.deadline = this.isConfirmable ? Math.min(times.acknowledgeAt, times.giveUpAt) : times.giveUpAt;
  }
}

/** When what is due for a request. */
export interface ServerTimes {
  /** When the empty Acknowledgement goes out. */
  readonly acknowledgeAt: Instant;
  /** When the answer is 5.03. */
  readonly giveUpAt: Instant;
}

/**
 * The requests that are with the handler.
 *
 * Most are answered before the next one comes: the newest stands alone, and enters the tables when another opens.
 */
export class ServerExchanges {
  readonly #parameters: ExchangeParameters;
  readonly #byId = new Map<number, ServerExchange>();
  readonly #countOfPeer = new Map<PeerId, number>();
  readonly #timers = new DeadlineHeap<ServerExchange>();
  #newest: ServerExchange | undefined;
  #nextId = 1;

  constructor(parameters: ExchangeParameters) {
    this.#parameters = parameters;
  }

  /** How many requests are with the handler. */
  get count(): number {
    return this.#byId.size + (this.#newest === undefined ? 0 : 1);
  }

  get nextAt(): Instant | undefined {
    return earlier(this.#newest?.deadline, this.#timers.nextAt);
  }

  /** Whether one more request of this peer would be too many. */
  isFull(peer: PeerId): boolean {
    const { serverExchangesMax, serverExchangesPerPeerMax } = this.#parameters;
    if (this.count >= serverExchangesMax) return true;
    const others = this.#byId.size === 0 ? 0 : (this.#countOfPeer.get(peer) ?? 0);
    return others + (this.#newest?.peer === peer ? 1 : 0) >= serverExchangesPerPeerMax;
  }

  /** Adds a request. */
  open(peer: PeerId, message: DecodedMessage, observe: number | undefined, now: Instant): ServerExchange {
    const { piggybackWindowMs, handlerTimeoutMs } = this.#parameters;
    const times = { acknowledgeAt: now + piggybackWindowMs, giveUpAt: now + handlerTimeoutMs };
    const exchange = new ServerExchange(this.#nextId++, peer, message, observe, times);
    this.#enterNewest();
    this.#newest = exchange;
    return exchange;
  }

  /** The request of this number, if it is still with the handler. */
  withId(id: number): ServerExchange | undefined {
    return this.#newest?.id === id ? this.#newest : this.#byId.get(id);
  }

  /** The requests of a peer that are with the handler: looked for among all, since it is asked for seldom. */
  ofPeer(peer: PeerId): ServerExchange[] {
    this.#enterNewest();
    if (!this.#countOfPeer.has(peer)) return [];
    return [...this.#byId.values()].filter((exchange) => exchange.peer === peer);
  }

  /** Goes on waiting, for what is due at the new `deadline`. */
  arm(exchange: ServerExchange): void {
    if (exchange !== this.#newest) this.#timers.arm(exchange);
  }

  /** Takes a request out: it is answered. */
  close(exchange: ServerExchange): void {
    if (exchange === this.#newest) {
      this.#newest = undefined;
      return;
    }
    if (!this.#byId.delete(exchange.id)) return;
    const count = (this.#countOfPeer.get(exchange.peer) ?? 0) - 1;
    if (count > 0) this.#countOfPeer.set(exchange.peer, count);
    else this.#countOfPeer.delete(exchange.peer);
    this.#timers.remove(exchange);
  }

  /** A request for which something is due: the Acknowledgement, or 5.03. */
  takeDue(now: Instant): ServerExchange | undefined {
    if (this.#newest !== undefined && this.#newest.deadline <= now) this.#enterNewest();
    return this.#timers.takeDue(now);
  }

  #enterNewest(): void {
    const exchange = this.#newest;
    if (exchange === undefined) return;
    this.#newest = undefined;
    this.#byId.set(exchange.id, exchange);
    this.#countOfPeer.set(exchange.peer, (this.#countOfPeer.get(exchange.peer) ?? 0) + 1);
    this.#timers.arm(exchange);
  }
}
