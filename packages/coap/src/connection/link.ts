import type { Instant, PeerId, Transmit } from '../effects.ts';
import type { MessageEvent, OutgoingMessage } from '../messaging.ts';
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
