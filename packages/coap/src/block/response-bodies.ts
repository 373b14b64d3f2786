import { DeadlineHeap, type Instant, type PeerId, type Timer } from '../effects.ts';
import type { Option } from '../wire/index.ts';
import type { BlockCounters } from './block-counters.ts';
import type { BlockParameters } from './block-parameters.ts';

/** A response, or what a notification says, as a whole. */
export interface WholeResponse {
  readonly code: number;
  /** With its ETag, without those that say which block it is. */
  readonly options: readonly Option[];
  /** Empty where the bytes are asked for, block by block. */
  readonly payload: Uint8Array;
  /** The name of a body that is asked for. */
  readonly streamId?: number | undefined;
}

class KeptBody implements Timer {
  deadline: Instant;
  heapIndex = -1;
  readonly key: string;
  readonly peer: PeerId;
  readonly response: WholeResponse;

  constructor(key: string, peer: PeerId, response: WholeResponse, deadline: Instant) {
    this.key = key;
    this.peer = peer;
    this.response = response;
    this.deadline = deadline;
  }
}

/**
 * The response bodies whose later blocks may still be asked for, in any order.
 *
 * @see RFC 7959 §2.4 ("the server MAY cache the current value of a representation for an ongoing sequence of requests")
 */
export class ResponseBodies {
  readonly #parameters: BlockParameters;
  readonly #lifetimeMs: number;
  readonly #counters: BlockCounters;
  /** In the order of their last use. */
  readonly #byKey = new Map<string, KeptBody>();
  readonly #byPeer = new Map<PeerId, Set<KeptBody>>();
  readonly #timers = new DeadlineHeap<KeptBody>();
  /** The one that was used last. */
  #latest: KeptBody | undefined;
  #heldBytes = 0;
  /** Bodies that are asked for and are not kept any more. */
  #ended: number[] = [];

  /** @param lifetimeMs how long after its last use a body is kept: EXCHANGE_LIFETIME */
  constructor(parameters: BlockParameters, lifetimeMs: number, counters: BlockCounters) {
    this.#parameters = parameters;
    this.#lifetimeMs = lifetimeMs;
    this.#counters = counters;
  }

  /** Takes which bodies that are asked for are not kept any more. */
  takeEnded(): readonly number[] {
    const ended = this.#ended;
    if (ended.length > 0) this.#ended = [];
    return ended;
  }

  /** Forgets a body that is asked for. */
  dropStream(key: string, streamId: number): void {
    const body = this.#byKey.get(key);
    if (body?.response.streamId === streamId) this.#remove(body);
  }

  /** How many are kept. */
  get count(): number {
    return this.#byKey.size;
  }

  /** The memory that they hold, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  get nextAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /** Keeps a copy of a body, in place of an older one of the same operation, as far as the limits allow. */
  keep(key: string, peer: PeerId, response: WholeResponse, now: Instant): void {
    const known = this.#byKey.get(key);
    if (known !== undefined) this.#remove(known);
    const { responseBodiesMax, responseBodiesPerPeerMax, responseBodyBytesMax } = this.#parameters;
    const { length } = response.payload;
    if (length > responseBodyBytesMax) {
      this.#counters.responseBodiesEvicted++;
      return;
    }
    const [oldestOfPeer] = this.#byPeer.get(peer) ?? [];
    if ((this.#byPeer.get(peer)?.size ?? 0) >= responseBodiesPerPeerMax && oldestOfPeer) this.#evict(oldestOfPeer);
    for (const oldest of this.#byKey.values()) {
      if (this.#byKey.size < responseBodiesMax && this.#heldBytes + length <= responseBodyBytesMax) break;
      this.#evict(oldest);
    }
    // A copy: the handler may change its bytes while the peer still asks for them.
    const copy = { ...response, payload: response.payload.slice() };
    const body = new KeptBody(key, peer, copy, now + this.#lifetimeMs);
    this.#heldBytes += length;
    this.#add(body);
    this.#timers.arm(body);
  }

  /** The body of an operation, if it is kept; this counts as use. */
  find(key: string, now: Instant): WholeResponse | undefined {
    const body = this.#byKey.get(key);
    if (body === undefined) return undefined;
    body.deadline = now + this.#lifetimeMs;
    if (body === this.#latest) return body.response;
    // To the end of both orders.
    this.#byKey.delete(key);
    this.#byPeer.get(body.peer)?.delete(body);
    this.#add(body);
    return body.response;
  }

  /** Forgets what nobody asked for in time, at most `workMax` bodies. */
  handleTimeout(workMax: number, now: Instant): void {
    for (let work = 0; work < workMax; work++) {
      const body = this.#timers.takeDue(now);
      if (body === undefined) return;
      this.#remove(body);
    }
  }

  #add(body: KeptBody): void {
    this.#latest = body;
    this.#byKey.set(body.key, body);
    const siblings = this.#byPeer.get(body.peer);
    if (siblings === undefined) this.#byPeer.set(body.peer, new Set([body]));
    else siblings.add(body);
  }

  #evict(body: KeptBody): void {
    this.#counters.responseBodiesEvicted++;
    this.#remove(body);
  }

  #remove(body: KeptBody): void {
    if (this.#latest === body) this.#latest = undefined;
    this.#byKey.delete(body.key);
    const siblings = this.#byPeer.get(body.peer);
    siblings?.delete(body);
    if (siblings?.size === 0) this.#byPeer.delete(body.peer);
    this.#timers.remove(body);
    const { payload, streamId } = body.response;
    this.#heldBytes -= payload.length;
    if (streamId !== undefined) this.#ended.push(streamId);
  }
}
