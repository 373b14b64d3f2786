import type { Instant, PeerId, Transmit } from '../effects.ts';
import type { MessageEvent, OutgoingMessage } from '../messaging.ts';
import { tokenKey } from '../wire/token-key.ts';
import type { Connection } from './connection.ts';

/** Where the effects of one step of a layer are gathered. */
export interface LayerStep<Context> {
  /** When. */
  readonly now: Instant;
  /** Frames, in order. */
  readonly transmits: Transmit[];
  /** What came of it, in order. */
  readonly events: MessageEvent<Context>[];
}

/** A message that waits. */
export interface Queued<Context> {
  /** Comes back in the events about it. */
  readonly context: Context;
  /** `undefined`: a Ping. */
  readonly message: OutgoingMessage | undefined;
}

/** What there is about one peer. */
export class Link<Context> {
  /** Whose link it is. */
  readonly peer: PeerId;
  /** `undefined` while there is none. */
  readonly connection: Connection | undefined;
  /** What waits for the connection or for its CSM, in order. */
  readonly queue: Queued<Context>[];
  /** Requests and Pings of ours that were not answered, by token. */
  readonly awaiting: Map<string, Context> = new Map();

  /** @param queue what waited for a connection before this one */
  constructor(peer: PeerId, connection: Connection | undefined, queue: Queued<Context>[] = []) {
    this.peer = peer;
    this.connection = connection;
    this.queue = queue;
  }

  /**
   * Takes the Ping that a Pong answers out of what awaits an answer. One without a token is for the oldest: libcoap
   * 4.3.1 leaves out the token that "MUST" come back (RFC 8323 §5.4).
   */
  takePing(token: Uint8Array): Context | undefined {
    const isOldest = (candidate: string): boolean => candidate.startsWith(PING_KEY);
    const key = token.length === 0 ? [...this.awaiting.keys()].find(isOldest) : PING_KEY + tokenKey(token);
    const context = key === undefined ? undefined : this.awaiting.get(key);
    if (key !== undefined) this.awaiting.delete(key);
    return context;
  }

  /** Takes what waits with this context out of the queue. */
  unqueue(context: Context): void {
    const index = this.queue.findIndex((queued) => queued.context === context);
    if (index >= 0) this.queue.splice(index, 1);
  }
}

/** Where the message of a context is. */
export interface Place<Context> {
  /** With whom. */
  readonly link: Link<Context>;
  /** Its key among what awaits an answer; `undefined`: it is in the queue. */
  readonly key: string | undefined;
}

/** Before the keys of Pings: with it they are 9 characters long, a key of a request is 8 at most. */
export const PING_KEY = 'ping ';

/** A token for a Ping. */
export function pingToken(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}
