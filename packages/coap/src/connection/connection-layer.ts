import { DeadlineHeap, type Effects, type Instant, type PeerId } from '../effects.ts';
import type { MessageEvent, OutgoingMessage, ServingMessaging } from '../messaging.ts';
import { type Capabilities, type DecodedMessage, isRequestCode, readCapabilities } from '../wire/index.ts';
import { tokenKey } from '../wire/token-key.ts';
import { Connection, type Framing } from './connection.ts';
import { type ConnectionCounters, newConnectionCounters } from './connection-counters.ts';
import type { ConnectionEvent, ConnectionLoss, ConnectionStep, Pong, ReleaseAdvice } from './connection-event.ts';
import type { ConnectionGauges, ConnectionLayerInit } from './connection-layer-init.ts';
import type { ConnectionParameters } from './connection-parameters.ts';
import { type LayerStep, Link, PING_KEY, type Place, pingToken, type Queued } from './link.ts';

/**
 * Exchanges messages over reliable connections: what `MessageLayer` is for datagrams.
 *
 * There are no Acknowledgements and no Resets: what is sent counts as acknowledged when it is handed out, and a message
 * that is not wanted is dropped. Requests come as Confirmable with a message ID of this layer's own.
 *
 * @typeParam Context what the sender of a message gives with it, and gets back with what becomes of it
 * @see RFC 8323 §3.3, §4.3
 */
export class ConnectionLayer<Context extends object> implements ServingMessaging<Context> {
  /** What is sent arrives in order or the connection ends: notifications are never out of order (RFC 8323 §7.1). */
  readonly isReliable: true = true;
  /** What was counted so far. */
  readonly counters: ConnectionCounters = newConnectionCounters();
  readonly #parameters: ConnectionParameters;
  readonly #framing: Framing;
  readonly #remote: PeerId | undefined;
  readonly #links = new Map<PeerId, Link<Context>>();
  readonly #places = new Map<Context, Place<Context>>();
  readonly #timers = new DeadlineHeap<Connection>();
  readonly #owners = new Map<Connection, Link<Context>>();
  #nextPing = 0;

  constructor({ parameters, framing, remote }: ConnectionLayerInit) {
    this.#parameters = parameters;
    this.#framing = framing;
    this.#remote = remote;
  }

  /** What was counted, and how full the layer is at the moment. */
  stats(): Record<keyof (ConnectionCounters & ConnectionGauges), number> {
    let partialBytes = 0;
    for (const connection of this.#owners.keys()) partialBytes += connection.heldBytes;
    return { ...this.counters, connections: this.#owners.size, transmissions: this.#places.size, partialBytes };
  }

  /** How many messages and Pings of ours wait: for a connection, or for the answer. */
  get transmissionCount(): number {
    return this.#places.size;
  }

  /** What a peer said of itself; the base values without a connection or before its CSM (RFC 8323 §5.3). */
  capabilities(peer: PeerId): Capabilities {
    return this.#links.get(peer)?.connection?.capabilities ?? readCapabilities([]);
  }

  /**
   * How long a message may be, and whether the peer knows blocks: of more than one unit by BERT (RFC 8323 §6).
   *
   * @returns `undefined` until the peer's CSM says it: then blocks are as over datagrams, which every peer can take
   */
  blockLimits(peer: PeerId): { readonly maxMessageBytes: number; readonly isBlockWise: boolean } | undefined {
    const connection = this.#links.get(peer)?.connection;
    if (connection === undefined || connection.phase === 'awaiting-csm') return undefined;
    const { messageSizeMax, blockWiseTransfer } = connection.capabilities;
    return { maxMessageBytes: messageSizeMax, isBlockWise: blockWiseTransfer };
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /** A connection is there: the first message goes out. */
  handleConnected(peer: PeerId, now: Instant): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    const old = this.#links.get(peer);
    if (old?.connection !== undefined) this.#lose(old, { reason: 'closed', detail: 'another took its place' }, step);
    const waiting = this.#links.get(peer)?.queue;
    const connection = new Connection(this.#parameters, this.counters, this.#framing, now);
    const link = new Link<Context>(peer, connection, waiting);
    for (const { context } of link.queue) this.#places.set(context, { link, key: undefined });
    this.#links.set(peer, link);
    this.#owners.set(connection, link);
    this.counters.connectionsOpened++;
    this.#perform(link, step, (connectionStep) => connection.start(connectionStep));
    if (!this.#parameters.waitsForCsm) this.#sendQueue(link, step);
    return this.#effects(step);
  }

  /** Takes what came of a connection, whatever it is. @param bytes may be reused when the call returns */
  handleBytes(peer: PeerId, bytes: Uint8Array, now: Instant): Effects<MessageEvent<Context>> {
    return this.#command(peer, now, (connection, step) => connection.handleBytes(bytes, step));
  }

  /** A connection ended, or could not be made. */
  handleDisconnected(peer: PeerId, now: Instant, cause?: Error): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    const link = this.#links.get(peer);
    if (link === undefined) return this.#effects(step);
    const reason = link.connection?.isReleasedByPeer ? 'released' : 'closed';
    const detail = cause === undefined ? 'the connection was closed' : cause.message;
    this.#lose(link, { reason, detail, cause }, step);
    return this.#effects(step);
  }

  /** Asks a peer to say when it has processed all that was sent before; `custody` tells (RFC 8323 §5.4.1). */
  askCustody(peer: PeerId, token: Uint8Array, now: Instant): Effects<MessageEvent<Context>> {
    return this.#command(peer, now, (connection, step) => connection.ping(token, true, step));
  }

  /** The same as the loss of its connection. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<MessageEvent<Context>> {
    return this.handleDisconnected(peer, now);
  }

  /** Does what is due: CSM, Pong and Release that did not come. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    for (let work = 0; work < this.#parameters.workPerStepMax; work++) {
      const connection = this.#timers.takeDue(now);
      const link = connection && this.#owners.get(connection);
      if (connection === undefined || link === undefined) break;
      this.#perform(link, step, (connectionStep) => connection.handleTimeout(connectionStep));
    }
    return this.#effects(step);
  }

  /**
   * Sends a request, a response or a notification; a request waits for a connection where there is none yet.
   *
   * @param context comes back in the events about this message
   * @throws {RangeError} a message that does not fit the format or is longer than the peer takes
   */
  send(peer: PeerId, message: OutgoingMessage, context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    this.#sendOrQueue(peer, { context, message }, step);
    return this.#effects(step);
  }

  /** Sends a Ping; the Pong is told as `acknowledged` of `context` (RFC 8323 §5.4). */
  ping(peer: PeerId, context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    this.#sendOrQueue(peer, { context, message: undefined }, step);
    return this.#effects(step);
  }

  /** What was handed out is on its way, and nothing takes its place. @returns always `false` */
  supersede(_context: Context, _message: OutgoingMessage): boolean {
    return false;
  }

  /** The message of a context is answered, or its answer not wanted any more. */
  stop(context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    const place = this.#places.get(context);
    if (place === undefined) return this.#effects(step);
    const { link, key } = place;
    this.#places.delete(context);
    if (key !== undefined) link.awaiting.delete(key);
    else link.unqueue(context);
    if (link.connection === undefined && link.queue.length === 0) this.#links.delete(link.peer);
    this.#closeIfReleased(link, step);
    return this.#effects(step);
  }

  /**
   * Answers a request.
   *
   * @throws {RangeError} as `send` does
   */
  respond(
    peer: PeerId,
    _messageId: number,
    response: Omit<OutgoingMessage, 'isConfirmable'>,
    now: Instant,
  ): Effects<MessageEvent<Context>> {
    return this.#command(peer, now, (connection, step) => connection.send(response, step));
  }

  /** There are no Acknowledgements here: does nothing. */
  acknowledge(_peer: PeerId, _messageId: number, now: Instant): Effects<MessageEvent<Context>> {
    return this.#effects(newStep(now));
  }

  /** There are no Resets here: what is not wanted is dropped (RFC 8323 §7.2 leaves it open to abort). */
  reject(_peer: PeerId, _messageId: number, now: Instant): Effects<MessageEvent<Context>> {
    this.counters.ignored++;
    return this.#effects(newStep(now));
  }

  /** Asks the peer to close its connection when it is done with it (RFC 8323 §5.5). */
  release(peer: PeerId, advice: Partial<ReleaseAdvice>, now: Instant): Effects<MessageEvent<Context>> {
    return this.#command(peer, now, (connection, step) => connection.release(advice, step));
  }

  /** Ends the connection with a peer at once and tells it why (RFC 8323 §5.6). */
  abort(peer: PeerId, diagnostic: string, now: Instant): Effects<MessageEvent<Context>> {
    const loss: ConnectionLoss = { reason: 'local', detail: diagnostic };
    return this.#command(peer, now, (connection, step) => connection.abort(loss, step));
  }

  /** The peers with whom there is a connection. */
  peers(): PeerId[] {
    return [...this.#owners.values()].map(({ peer }) => peer);
  }

  #command(
    peer: PeerId,
    now: Instant,
    run: (connection: Connection, step: ConnectionStep) => void,
  ): Effects<MessageEvent<Context>> {
    const step = newStep<Context>(now);
    const link = this.#links.get(peer);
    const { connection } = link ?? {};
    if (link && connection) this.#perform(link, step, (inner) => run(connection, inner));
    return this.#effects(step);
  }

  #sendOrQueue(peer: PeerId, queued: Queued<Context>, step: LayerStep<Context>): void {
    const { context, message } = queued;
    const link = this.#links.get(peer);
    const connection = link?.connection;
    const isRequest = message === undefined || isRequestCode(message.code);
    if (link !== undefined && connection !== undefined && this.#isReady(connection, isRequest)) {
      this.#sendNow(link, connection, queued, step);
      return;
    }
    if (!isRequest || (connection === undefined && peer !== this.#remote)) {
      step.events.push({ kind: 'gave-up', context, reason: 'unreachable' });
      return;
    }
    const waiting = link ?? new Link<Context>(peer, undefined);
    if (waiting.queue.length >= this.#parameters.connectQueueMax) {
      this.counters.queueFull++;
      step.events.push({ kind: 'refused', context, limit: 'connectQueueMax' });
      return;
    }
    waiting.queue.push(queued);
    this.#places.set(context, { link: waiting, key: undefined });
    if (link !== undefined) return;
    this.#links.set(peer, waiting);
    step.events.push({ kind: 'connect', peer });
  }

  #isReady(connection: Connection, isRequest: boolean): boolean {
    // "It is NOT RECOMMENDED … to continue sending requests on the connection" that is released (RFC 8323 §5.5).
    if (connection.phase === 'releasing') return !isRequest;
    return connection.phase === 'open' || !this.#parameters.waitsForCsm;
  }

  #sendNow(
    link: Link<Context>,
    connection: Connection,
    { context, message }: Queued<Context>,
    step: LayerStep<Context>,
  ): void {
    if (message === undefined) {
      const token = pingToken(this.#nextPing++);
      this.#await(link, PING_KEY + tokenKey(token), context);
      this.#perform(link, step, (connectionStep) => connection.ping(token, false, connectionStep));
      step.events.push({ kind: 'sent', context });
      return;
    }
    const { code, token, options, payload } = message;
    this.#perform(link, step, (connectionStep) => connection.send({ code, token, options, payload }, connectionStep));
    if (isRequestCode(code)) this.#await(link, tokenKey(token), context);
    step.events.push({ kind: 'sent', context }, { kind: 'acknowledged', context });
  }

  #await(link: Link<Context>, key: string, context: Context): void {
    link.awaiting.set(key, context);
    this.#places.set(context, { link, key });
  }

  #sendQueue(link: Link<Context>, step: LayerStep<Context>): void {
    const { connection, queue } = link;
    if (connection === undefined) return;
    for (const queued of queue.splice(0)) {
      this.#places.delete(queued.context);
      try {
        this.#sendNow(link, connection, queued, step);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        // It was taken before the peer said how much it takes.
        const { context } = queued;
        step.events.push({ kind: 'garbled', context, detail: error.message, section: 'RFC 8323 §5.3.1' });
      }
    }
  }

  /** Lets a connection do something, and takes what comes of it. */
  #perform(link: Link<Context>, step: LayerStep<Context>, run: (step: ConnectionStep) => void): void {
    const { peer, connection } = link;
    if (connection === undefined) return;
    const inner: ConnectionStep = { now: step.now, frames: [], events: [] };
    run(inner);
    for (const bytes of inner.frames) step.transmits.push({ peer, bytes });
    for (const event of inner.events) this.#handle(link, event, step);
    if (!this.#owners.has(connection)) return;
    if (connection.deadline < Number.POSITIVE_INFINITY) this.#timers.arm(connection);
    else this.#timers.remove(connection);
    this.#closeIfReleased(link, step);
  }

  #handle(link: Link<Context>, event: ConnectionEvent, step: LayerStep<Context>): void {
    const { peer } = link;
    switch (event.kind) {
      case 'message':
        this.#handleMessage(link, event.message, step);
        return;
      case 'capabilities':
        if (!event.isFirst) return;
        step.events.push({ kind: 'connected', peer, capabilities: event.capabilities });
        this.#sendQueue(link, step);
        return;
      case 'pong':
        this.#handlePong(link, event, step);
        return;
      case 'release':
        step.events.push({ kind: 'released', peer, advice: event.advice });
        return;
      case 'ended':
        step.events.push({ kind: 'disconnect', peer, loss: event.loss });
        this.#lose(link, event.loss, step);
    }
  }

  #handleMessage(link: Link<Context>, message: DecodedMessage, step: LayerStep<Context>): void {
    const { peer } = link;
    if (isRequestCode(message.code)) {
      step.events.push({ kind: 'request', peer, message });
      return;
    }
    const key = tokenKey(message.token);
    const asker = link.awaiting.get(key);
    if (asker !== undefined) {
      link.awaiting.delete(key);
      this.#places.delete(asker);
    }
    // By token, as the answer to a request of which only the peer's Acknowledgement came.
    step.events.push({ kind: 'response', peer, message, context: undefined });
  }

  #handlePong(link: Link<Context>, { token, hasCustody }: Pong, step: LayerStep<Context>): void {
    const context = link.takePing(token);
    if (context !== undefined) this.#places.delete(context);
    const custody = { kind: 'custody', peer: link.peer, token, hasCustody } as const;
    step.events.push(context === undefined ? custody : { kind: 'acknowledged', context });
  }

  /** A connection that the peer released is closed when both sides have their answers (RFC 8323 §5.5). */
  #closeIfReleased(link: Link<Context>, step: LayerStep<Context>): void {
    const { connection } = link;
    if (connection === undefined || !connection.isReleasedByPeer || connection.phase === 'ended') return;
    if (connection.hasUnanswered || link.awaiting.size > 0) return;
    const loss: ConnectionLoss = { reason: 'released', detail: 'the peer released the connection' };
    this.#perform(link, step, (connectionStep) => connection.end(loss, connectionStep));
  }

  /** Forgets a connection: what waits for it fails, but for requests that were held back because of a Release. */
  #lose(link: Link<Context>, loss: ConnectionLoss, step: LayerStep<Context>): void {
    const { peer, connection, awaiting, queue } = link;
    if (this.#links.get(peer) === link) this.#links.delete(peer);
    const goesOn = loss.reason === 'released' && peer === this.#remote && queue.length > 0;
    if (connection !== undefined) {
      this.#owners.delete(connection);
      this.#timers.remove(connection);
      this.counters.connectionsLost++;
    }
    // Told first: it says why what follows ends.
    step.events.push({ kind: 'connection-lost', peer, loss });
    for (const context of awaiting.values()) this.#giveUp(context, step);
    awaiting.clear();
    if (!goesOn) {
      for (const { context } of queue.splice(0)) this.#giveUp(context, step);
      return;
    }
    const next = new Link<Context>(peer, undefined, queue);
    for (const { context } of queue) this.#places.set(context, { link: next, key: undefined });
    this.#links.set(peer, next);
    step.events.push({ kind: 'connect', peer });
  }

  #giveUp(context: Context, step: LayerStep<Context>): void {
    if (this.#places.delete(context)) step.events.push({ kind: 'gave-up', context, reason: 'unreachable' });
  }

  #effects({ transmits, events }: LayerStep<Context>): Effects<MessageEvent<Context>> {
    return { transmits, events, wakeAt: this.wakeAt };
  }
}

function newStep<Context>(now: Instant): LayerStep<Context> {
  return { now, transmits: [], events: [] };
}
