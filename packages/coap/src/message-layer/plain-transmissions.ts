import { DeadlineHeap, type Instant, type PeerId, type RandomSource, type Transmit } from '../effects.ts';
import type { GiveUpReason, MessageEvent, OutgoingMessage } from '../messaging.ts';
import { derivedTimes } from '../parameters.ts';
import { encodeMessage, type Message, MessageType, TOKEN_LENGTH_MAX } from '../wire/index.ts';
import { equals, writeMessageId } from './message-bytes.ts';
import { type MessageCounters, newMessageCounters } from './message-counters.ts';
import type { NonConfirmableParameters, PlainLayerParameters } from './message-layer-parameters.ts';
import { RetransmissionTimes } from './retransmission-times.ts';
import { PeerState, Transmission } from './transmission.ts';

/** Where the effects of one step are gathered. */
export interface MessageStep<Context> {
  readonly now: Instant;
  readonly transmits: Transmit[];
  readonly events: MessageEvent<Context>[];
}

/** Makes the transmissions of a message layer. */
export type MakeTransmissions = <Context extends object>(
  parameters: PlainLayerParameters & Partial<NonConfirmableParameters>,
  random: RandomSource,
) => PlainTransmissions<Context>;

/**
 * Sends Confirmable messages, with IDs of ours, until they are acknowledged, at most NSTART of them per peer at a time:
 * all that a client needs. `Transmissions` sends the others too.
 *
 * @see RFC 7252 §4.2, §4.4
 */
export class PlainTransmissions<Context extends object> {
  /** What was counted so far, also by the message layer. */
  readonly counters: MessageCounters = newMessageCounters();
  protected readonly parameters: PlainLayerParameters;
  protected readonly peers: Map<PeerId, PeerState<Context>> = new Map();
  protected readonly byContext: Map<Context, Transmission<Context>> = new Map();
  protected readonly retransmission: RetransmissionTimes;
  protected readonly exchangeLifetimeMs: number;
  readonly #random: RandomSource;
  readonly #timers = new DeadlineHeap<Transmission<Context> | PeerState<Context>>();

  constructor(parameters: PlainLayerParameters, random: RandomSource) {
    this.parameters = parameters;
    this.exchangeLifetimeMs = derivedTimes(parameters).exchangeLifetimeMs;
    this.retransmission = new RetransmissionTimes(parameters, random);
    this.#random = random;
  }

  /** When `handleTimeout` is to be called. */
  get nextAt(): Instant | undefined {
    return this.#timers.nextAt;
  }

  /** How many peers are known. */
  get peerCount(): number {
    return this.peers.size;
  }

  /** How many peers were sent Non-confirmable requests and not heard since. */
  get silentPeerCount(): number {
    return 0;
  }

  /** How many messages are in flight or wait. */
  get count(): number {
    return this.byContext.size;
  }

  /** Something came from a peer. */
  heard(_peerId: PeerId, _step: MessageStep<Context>): void {}

  /**
   * Sends a message, or lets it wait.
   *
   * @throws {RangeError} it does not fit the format or `datagramBytesMax`
   * @throws {TypeError} it is Non-confirmable, and nothing sends such
   */
  send(peerId: PeerId, message: OutgoingMessage, context: Context, step: MessageStep<Context>): void {
    if (!message.isConfirmable) throw new TypeError('Non-confirmable needs the part nonConfirmable');
    const bytes = this.encode(message);
    const plan = message.retransmission && this.retransmission.plan(message.retransmission);
    const peer = this.peerOrRefusal(peerId, context, step);
    if (peer === undefined) return;
    const mustWait = peer.queue.length > 0 || peer.outstanding >= this.parameters.nstart;
    if (mustWait && peer.queue.length >= this.parameters.queueMax) {
      this.counters.queueFull++;
      step.events.push({ kind: 'refused', context, limit: 'queueMax' });
      return;
    }
    const deadline = step.now + this.parameters.queueWaitMaxMs;
    const transmission = new Transmission(peer, context, { bytes, token: message.token }, deadline);
    transmission.plan = plan;
    this.byContext.set(context, transmission);
    peer.queue.push(transmission);
    this.pump(peer, step);
    if (transmission.messageId < 0) this.#timers.arm(transmission);
  }

  /** Ends the transmission of a context without a word. */
  stop(context: Context, step: MessageStep<Context>): void {
    const transmission = this.byContext.get(context);
    if (transmission !== undefined) this.end(transmission, step);
  }

  /** Ends every transmission to a peer that cannot be reached. */
  failPeer(peerId: PeerId, step: MessageStep<Context>): void {
    const peer = this.peers.get(peerId);
    if (peer === undefined) return;
    for (const transmission of [...new Set(peer.inFlight.values()), ...peer.queue.splice(0)]) {
      this.#giveUp(transmission, 'unreachable', step);
    }
  }

  /**
   * Takes an Acknowledgement.
   *
   * @returns whose message it acknowledges; `undefined`: none that is known
   */
  acknowledge(
    peerId: PeerId,
    message: Pick<Message, 'code' | 'messageId' | 'token'>,
    step: MessageStep<Context>,
  ): Context | undefined {
    const transmission = this.peers.get(peerId)?.inFlight.get(message.messageId);
    if (transmission === undefined) return undefined;
    // "the tokens of the response and original request MUST match" (RFC 7252 §5.3.2); an empty one has none.
    if (message.code !== 0 && !equals(message.token, transmission.token)) return undefined;
    return this.handleAcknowledged(transmission, message.messageId, step);
  }

  /**
   * Takes a Reset.
   *
   * @returns whose message it rejects; `undefined`: none that is known
   */
  reset(peerId: PeerId, messageId: number, step: MessageStep<Context>): Context | undefined {
    const transmission = this.peers.get(peerId)?.inFlight.get(messageId);
    return transmission && this.#conclude(transmission, step);
  }

  /** Does what is due, at most `workPerStepMax` times. */
  handleTimeout(step: MessageStep<Context>): void {
    for (let work = 0; work < this.parameters.workPerStepMax; work++) {
      const timer = this.#timers.takeDue(step.now);
      if (timer === undefined) return;
      if (timer.kind === 'peer') this.#handlePeerTimeout(timer, step);
      else this.#handleTransmissionTimeout(timer, step);
    }
  }

  /** Takes the Acknowledgement of a transmission, which may name an ID that it had before. */
  protected handleAcknowledged(
    transmission: Transmission<Context>,
    _messageId: number,
    step: MessageStep<Context>,
  ): Context | undefined {
    return this.#conclude(transmission, step);
  }

  /** Whether anything waits for its turn. */
  protected isWaiting(peer: PeerState<Context>): boolean {
    return peer.queue.length > 0;
  }

  /** The next of those that wait. It is only called where something waits. */
  protected takeWaiting(peer: PeerState<Context>): Transmission<Context> {
    return peer.queue.shift() as Transmission<Context>;
  }

  /** Takes one out of those that wait. */
  protected forgetWaiting(transmission: Transmission<Context>): void {
    const { queue } = transmission.peer;
    const index = queue.indexOf(transmission);
    if (index >= 0) queue.splice(index, 1);
  }

  /**
   * Called before each retransmission.
   *
   * @returns `false`: there is nothing to be sent now
   */
  protected isSentAgain(_transmission: Transmission<Context>, _now: Instant): boolean {
    return true;
  }

  /** Starts what waits, as far as NSTART and the message IDs allow. */
  protected pump(peer: PeerState<Context>, step: MessageStep<Context>): void {
    while (peer.outstanding < this.parameters.nstart && this.isWaiting(peer)) {
      const freeAt = peer.messageIds.freeAt(step.now, this.exchangeLifetimeMs);
      if (freeAt > step.now) {
        peer.deadline = freeAt;
        this.#timers.arm(peer);
        return;
      }
      const transmission = this.takeWaiting(peer);
      this.#timers.remove(transmission);
      this.#launch(transmission, step);
    }
  }

  /** Gives a transmission the ID under which it is sent from now on. */
  protected name(transmission: Transmission<Context>, messageId: number, now: Instant): void {
    transmission.messageId = messageId;
    writeMessageId(transmission.bytes, messageId);
    transmission.peer.inFlight.set(messageId, transmission);
    transmission.peer.deadline = now + this.exchangeLifetimeMs;
  }

  /** Forgets a transmission, and starts what waited for its end. */
  protected end(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    const { peer, context, messageId } = transmission;
    this.#timers.remove(transmission);
    if (this.byContext.get(context) === transmission) this.byContext.delete(context);
    if (messageId < 0) {
      this.forgetWaiting(transmission);
      return;
    }
    peer.outstanding--;
    peer.inFlight.delete(messageId);
    this.pump(peer, step);
  }

  /** The state of a peer; `undefined`: there are too many, which is told. */
  protected peerOrRefusal(id: PeerId, context: Context, step: MessageStep<Context>): PeerState<Context> | undefined {
    const known = this.peers.get(id);
    if (known !== undefined) return known;
    if (this.peers.size < this.parameters.peersMax) {
      const rto = this.parameters.rtoEstimator?.peer();
      const peer = new PeerState<Context>(id, this.#random, step.now + this.exchangeLifetimeMs, rto);
      this.peers.set(id, peer);
      this.#timers.arm(peer);
      return peer;
    }
    this.counters.peersFull++;
    step.events.push({ kind: 'refused', context, limit: 'peersMax' });
    return undefined;
  }

  /** Writes a message, but for its ID. */
  protected encode(message: OutgoingMessage): Uint8Array {
    const type = message.isConfirmable ? MessageType.Confirmable : MessageType.NonConfirmable;
    const { code, token, options, payload } = message;
    const { tokenBytesMax, datagramBytesMax } = this.parameters;
    const extendedTokens = tokenBytesMax > TOKEN_LENGTH_MAX;
    const bytes = encodeMessage({ type, code, messageId: 0, token, options, payload }, { extendedTokens });
    if (bytes.length <= datagramBytesMax) return bytes;
    throw new RangeError(`a message of ${bytes.length} bytes is longer than datagramBytesMax (${datagramBytesMax})`);
  }

  /** Sends bytes. */
  protected transmit(peer: PeerState<Context>, bytes: Uint8Array, step: MessageStep<Context>): void {
    this.counters.datagramsOut++;
    step.transmits.push({ peer: peer.id, bytes });
  }

  /** Gives a transmission up. */
  #giveUp(transmission: Transmission<Context>, reason: GiveUpReason, step: MessageStep<Context>): void {
    this.counters.transmissionsGivenUp++;
    step.events.push({ kind: 'gave-up', context: transmission.context, reason });
    this.end(transmission, step);
  }

  #conclude(transmission: Transmission<Context>, step: MessageStep<Context>): Context {
    this.retransmission.measure(transmission, step.now);
    this.end(transmission, step);
    return transmission.context;
  }

  #handlePeerTimeout(peer: PeerState<Context>, step: MessageStep<Context>): void {
    this.pump(peer, step);
    if (peer.outstanding === 0 && !this.isWaiting(peer)) {
      this.peers.delete(peer.id);
      this.#timers.remove(peer);
    } else if (peer.heapIndex < 0) {
      peer.deadline = step.now + this.exchangeLifetimeMs;
      this.#timers.arm(peer);
    }
  }

  #handleTransmissionTimeout(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    if (transmission.messageId < 0) {
      this.#giveUp(transmission, 'queue-timeout', step);
      return;
    }
    if (!this.retransmission.advance(transmission, step.now)) {
      this.#giveUp(transmission, 'timeout', step);
      return;
    }
    this.#timers.arm(transmission);
    if (!this.isSentAgain(transmission, step.now)) return;
    this.counters.retransmissions++;
    this.transmit(transmission.peer, transmission.bytes, step);
  }

  #launch(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    const { peer, context } = transmission;
    const messageId = peer.messageIds.take(step.now, this.exchangeLifetimeMs) as number;
    peer.outstanding++;
    this.retransmission.begin(transmission, step.now);
    transmission.deadline = step.now + transmission.timeoutMs;
    this.name(transmission, messageId, step.now);
    this.#timers.arm(transmission);
    this.transmit(peer, transmission.bytes, step);
    step.events.push({ kind: 'sent', context });
  }
}
