import { DeadlineHeap, type Instant, type PeerId, type RandomSource, type Transmit } from '../effects.ts';
import type { GiveUpReason, MessageEvent, OutgoingMessage } from '../messaging.ts';
import { type DerivedTimes, derivedTimes } from '../parameters.ts';
import { encodeMessage, isRequestCode, type Message, MessageType, TOKEN_LENGTH_MAX } from '../wire/index.ts';
import { asConfirmable, equals, writeMessageId } from './message-bytes.ts';
import type { MessageCounters } from './message-counters.ts';
import type { MessageLayerParameters } from './message-layer-parameters.ts';
import { Probes } from './probes.ts';
import { RetransmissionTimes } from './retransmission-times.ts';
import { PeerState, Transmission } from './transmission.ts';

/** Where the effects of one step are gathered. */
export interface MessageStep<Context> {
  readonly now: Instant;
  readonly transmits: Transmit[];
  readonly events: MessageEvent<Context>[];
}

/** What `Transmissions` shares with its message layer. */
export interface TransmissionsSurroundings {
  readonly parameters: MessageLayerParameters;
  readonly random: RandomSource;
  readonly counters: MessageCounters;
}

/** A message that is written, but for its ID. */
interface Encoded<Context> {
  readonly context: Context;
  readonly bytes: Uint8Array;
  readonly token: Uint8Array;
  readonly isNotification?: boolean | undefined;
  readonly isSendingTold?: boolean | undefined;
}

/**
 * Sends messages with IDs of ours: Confirmable ones until they are acknowledged, at most NSTART of them per peer at a
 * time.
 *
 * @see RFC 7252 §4.2, §4.4, §4.7
 */
export class Transmissions<Context extends object> {
  readonly #parameters: MessageLayerParameters;
  readonly #times: DerivedTimes;
  readonly #random: RandomSource;
  readonly #counters: MessageCounters;
  readonly #peers = new Map<PeerId, PeerState<Context>>();
  readonly #byContext = new Map<Context, Transmission<Context>>();
  readonly #timers = new DeadlineHeap<Transmission<Context> | PeerState<Context>>();
  readonly #probes: Probes<Context>;
  readonly #retransmission: RetransmissionTimes;

  constructor(surroundings: TransmissionsSurroundings) {
    this.#parameters = surroundings.parameters;
    this.#times = derivedTimes(surroundings.parameters);
    this.#random = surroundings.random;
    this.#retransmission = new RetransmissionTimes(surroundings.parameters, surroundings.random);
    this.#counters = surroundings.counters;
    const { parameters, counters } = surroundings;
    this.#probes = new Probes<Context>({
      parameters,
      counters,
      launch: (probe, step) => this.#launchNon(probe.peer, probe, step),
    });
  }

  /** When `handleTimeout` is to be called. */
  get nextAt(): Instant | undefined {
    const [timerAt, probesAt] = [this.#timers.nextAt, this.#probes.nextAt];
    if (timerAt === undefined || probesAt === undefined) return timerAt ?? probesAt;
    return Math.min(timerAt, probesAt);
  }

  /** How many peers were sent Non-confirmable requests and not heard since. */
  get silentPeerCount(): number {
    return this.#probes.peerCount;
  }

  /** Something came from a peer. */
  heard(peerId: PeerId, step: MessageStep<Context>): void {
    this.#probes.heard(peerId, step);
  }

  /** How many peers are known. */
  get peerCount(): number {
    return this.#peers.size;
  }

  /** How many messages are in flight or wait. */
  get count(): number {
    return this.#byContext.size + this.#probes.count;
  }

  /** Sends a message, or lets it wait. */
  send(peerId: PeerId, message: OutgoingMessage, context: Context, step: MessageStep<Context>): void {
    const bytes = this.#encode(message);
    const plan = message.retransmission && this.#retransmission.plan(message.retransmission);
    if (!message.isConfirmable) {
      // Answers and notifications go to peers that asked for them.
      if (message.isProbe ?? isRequestCode(message.code)) {
        const { token, isSendingTold } = message;
        this.#probes.send({ peer: peerId, bytes, token, context, isSendingTold }, step);
      } else
        this.#launchNon(peerId, { context, bytes, token: message.token, isNotification: message.isNotification }, step);
      return;
    }
    const peer = this.#peerOrRefusal(peerId, context, step);
    if (peer === undefined) return;
    if (message.isNotification === true) {
      this.#enqueueNotification(peer, { bytes, token: message.token, context }, step);
      return;
    }
    const mustWait = peer.queue.length > 0 || peer.outstanding >= this.#parameters.nstart;
    if (mustWait && peer.queue.length >= this.#parameters.queueMax) {
      this.#counters.queueFull++;
      step.events.push({ kind: 'refused', context, limit: 'queueMax' });
      return;
    }
    const deadline = step.now + this.#parameters.queueWaitMaxMs;
    const transmission = new Transmission(peer, context, { bytes, token: message.token }, deadline);
    transmission.plan = plan;
    this.#byContext.set(context, transmission);
    peer.queue.push(transmission);
    this.#pump(peer, step);
    if (transmission.messageId < 0) this.#timers.arm(transmission);
  }

  /**
   * Lets a notification wait until the peer took those before it, however long that is: an observer that is not told
   * would keep an old state (RFC 7641 §4.2). There is one for each relation, and the relations are counted.
   */
  #enqueueNotification(peer: PeerState<Context>, message: Encoded<Context>, step: MessageStep<Context>): void {
    const transmission = new Transmission(peer, message.context, message, Number.POSITIVE_INFINITY);
    this.#byContext.set(message.context, transmission);
    peer.notifications ??= new Set();
    peer.notifications.add(transmission);
    this.#pump(peer, step);
  }

  /**
   * Lets a newer message take the place of one that is under way (RFC 7641 §4.5.2).
   *
   * @returns `false` if nothing of this context is under way
   */
  supersede(context: Context, message: OutgoingMessage): boolean {
    const transmission = this.#byContext.get(context);
    if (transmission === undefined) return false;
    const bytes = this.#encode(message);
    this.#counters.superseded++;
    if (transmission.messageId < 0) transmission.bytes = asConfirmable(bytes);
    else transmission.successor = { bytes, isConfirmable: message.isConfirmable, token: message.token };
    return true;
  }

  /** Ends the transmission of a context without a word. */
  stop(context: Context, step: MessageStep<Context>): void {
    const transmission = this.#byContext.get(context);
    if (transmission !== undefined) this.#end(transmission, step);
    else this.#probes.stop(context);
  }

  /** Ends every transmission to a peer that cannot be reached. */
  failPeer(peerId: PeerId, step: MessageStep<Context>): void {
    this.#probes.failPeer(peerId, step);
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    const notifications = [...(peer.notifications ?? [])];
    peer.notifications = undefined;
    for (const transmission of [...new Set(peer.inFlight.values()), ...peer.queue.splice(0), ...notifications]) {
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
    const transmission = this.#peers.get(peerId)?.inFlight.get(message.messageId);
    if (transmission === undefined) return undefined;
    // "the tokens of the response and original request MUST match" (RFC 7252 §5.3.2); an empty one has none.
    if (message.code !== 0 && !equals(message.token, transmission.token)) return undefined;
    if (message.messageId !== transmission.messageId) {
      // A late answer to a message that was superseded: the peer is still interested (RFC 7641 §4.5.2).
      transmission.retransmissions = 0;
      this.#retransmission.begin(transmission, step.now);
      return undefined;
    }
    const { successor, peer, context } = transmission;
    this.#retransmission.measure(transmission, step.now);
    this.#end(transmission, step);
    if (successor === undefined) return context;
    // Only notifications have successors. It goes behind those that wait, whose relations have had no turn.
    if (successor.isConfirmable) this.#enqueueNotification(peer, { context, ...successor }, step);
    else this.#sendNon(peer, { context, ...successor }, step);
    return context;
  }

  /**
   * Takes a Reset.
   *
   * @returns whose message it rejects; `undefined`: none that is known
   */
  reset(peerId: PeerId, messageId: number, step: MessageStep<Context>): Context | undefined {
    const peer = this.#peers.get(peerId);
    const transmission = peer?.inFlight.get(messageId);
    if (transmission === undefined) return peer?.contextOfNon(messageId);
    this.#retransmission.measure(transmission, step.now);
    this.#end(transmission, step);
    return transmission.context;
  }

  /** Does what is due, at most `workPerStepMax` times. */
  handleTimeout(step: MessageStep<Context>): void {
    this.#probes.handleTimeout(step);
    for (let work = 0; work < this.#parameters.workPerStepMax; work++) {
      const timer = this.#timers.takeDue(step.now);
      if (timer === undefined) return;
      if (timer.kind === 'peer') this.#handlePeerTimeout(timer, step);
      else this.#handleTransmissionTimeout(timer, step);
    }
  }

  #handlePeerTimeout(peer: PeerState<Context>, step: MessageStep<Context>): void {
    this.#pump(peer, step);
    if (peer.outstanding === 0 && !peer.isWaiting) {
      this.#peers.delete(peer.id);
      this.#timers.remove(peer);
    } else if (peer.heapIndex < 0) {
      peer.deadline = step.now + this.#times.exchangeLifetimeMs;
      this.#timers.arm(peer);
    }
  }

  #handleTransmissionTimeout(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    if (transmission.messageId < 0) {
      this.#giveUp(transmission, 'queue-timeout', step);
      return;
    }
    if (!this.#retransmission.advance(transmission, step.now)) {
      this.#giveUp(transmission, 'timeout', step);
      return;
    }
    this.#timers.arm(transmission);
    if (transmission.successor !== undefined && !this.#takeSuccessor(transmission, step.now)) return;
    this.#counters.retransmissions++;
    this.#transmit(transmission.peer, transmission.bytes, step);
  }

  /** The newer message is sent under an ID of its own, with the timer and counter of the older (RFC 7641 §4.5.2). */
  #takeSuccessor(transmission: Transmission<Context>, now: Instant): boolean {
    const { peer, successor } = transmission;
    const messageId = peer.messageIds.take(now, this.#times.exchangeLifetimeMs);
    if (messageId === undefined || successor === undefined) return false;
    transmission.previousIds ??= [];
    transmission.previousIds.push(transmission.messageId);
    transmission.bytes = asConfirmable(successor.bytes);
    transmission.token = successor.token;
    transmission.successor = undefined;
    this.#name(transmission, messageId, now);
    return true;
  }

  #launchNon(peerId: PeerId, message: Encoded<Context>, step: MessageStep<Context>): void {
    const peer = this.#peerOrRefusal(peerId, message.context, step);
    if (peer !== undefined) this.#sendNon(peer, message, step);
  }

  #sendNon(peer: PeerState<Context>, message: Encoded<Context>, step: MessageStep<Context>): void {
    const { bytes, context } = message;
    const messageId = peer.messageIds.take(step.now, this.#times.exchangeLifetimeMs);
    if (messageId === undefined) {
      this.#counters.messageIdsExhausted++;
      // As a Confirmable one it can wait for a message ID, and the newest takes its place meanwhile.
      if (message.isNotification === true) {
        this.#enqueueNotification(peer, { ...message, bytes: asConfirmable(bytes) }, step);
      } else step.events.push({ kind: 'refused', context, limit: 'message-ids' });
      return;
    }
    peer.deadline = step.now + this.#times.exchangeLifetimeMs;
    writeMessageId(bytes, messageId);
    peer.rememberNon(messageId, context, this.#parameters.nonRememberedMax);
    this.#transmit(peer, bytes, step);
    if (message.isSendingTold === true) step.events.push({ kind: 'sent', context });
  }

  /** Starts what waits, as far as NSTART and the message IDs allow. */
  #pump(peer: PeerState<Context>, step: MessageStep<Context>): void {
    while (peer.outstanding < this.#parameters.nstart && peer.isWaiting) {
      const freeAt = peer.messageIds.freeAt(step.now, this.#times.exchangeLifetimeMs);
      if (freeAt > step.now) {
        peer.deadline = freeAt;
        this.#timers.arm(peer);
        return;
      }
      const transmission = peer.takeWaiting();
      this.#timers.remove(transmission);
      this.#launch(transmission, step);
    }
  }

  #launch(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    const { peer, context } = transmission;
    const messageId = peer.messageIds.take(step.now, this.#times.exchangeLifetimeMs) as number;
    peer.outstanding++;
    this.#retransmission.begin(transmission, step.now);
    transmission.deadline = step.now + transmission.timeoutMs;
    this.#name(transmission, messageId, step.now);
    this.#timers.arm(transmission);
    this.#transmit(peer, transmission.bytes, step);
    step.events.push({ kind: 'sent', context });
  }

  #name(transmission: Transmission<Context>, messageId: number, now: Instant): void {
    transmission.messageId = messageId;
    writeMessageId(transmission.bytes, messageId);
    transmission.peer.inFlight.set(messageId, transmission);
    transmission.peer.deadline = now + this.#times.exchangeLifetimeMs;
  }

  #giveUp(transmission: Transmission<Context>, reason: GiveUpReason, step: MessageStep<Context>): void {
    this.#counters.transmissionsGivenUp++;
    step.events.push({ kind: 'gave-up', context: transmission.context, reason });
    this.#end(transmission, step);
  }

  #end(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    const { peer, context, messageId, previousIds } = transmission;
    this.#timers.remove(transmission);
    if (this.#byContext.get(context) === transmission) this.#byContext.delete(context);
    if (messageId < 0) {
      peer.forgetWaiting(transmission);
      return;
    }
    peer.outstanding--;
    peer.inFlight.delete(messageId);
    if (previousIds !== undefined) for (const id of previousIds) peer.inFlight.delete(id);
    this.#pump(peer, step);
  }

  #peerOrRefusal(id: PeerId, context: Context, step: MessageStep<Context>): PeerState<Context> | undefined {
    const peer = this.#peerOf(id, step.now);
    if (peer !== undefined) return peer;
    this.#counters.peersFull++;
    step.events.push({ kind: 'refused', context, limit: 'peersMax' });
    return undefined;
  }

  #peerOf(id: PeerId, now: Instant): PeerState<Context> | undefined {
    const known = this.#peers.get(id);
    if (known !== undefined) return known;
    if (this.#peers.size >= this.#parameters.peersMax) return undefined;
    const rto = this.#parameters.rtoEstimator?.peer();
    const peer = new PeerState<Context>(id, this.#random, now + this.#times.exchangeLifetimeMs, rto);
    this.#peers.set(id, peer);
    this.#timers.arm(peer);
    return peer;
  }

  #encode(message: OutgoingMessage): Uint8Array {
    const type = message.isConfirmable ? MessageType.Confirmable : MessageType.NonConfirmable;
    const { code, token, options, payload } = message;
    const extendedTokens = this.#parameters.tokenBytesMax > TOKEN_LENGTH_MAX;
    const bytes = encodeMessage({ type, code, messageId: 0, token, options, payload }, { extendedTokens });
    if (bytes.length > this.#parameters.datagramBytesMax) throw tooLong(bytes.length, this.#parameters);
    return bytes;
  }

  #transmit(peer: PeerState<Context>, bytes: Uint8Array, step: MessageStep<Context>): void {
    this.#counters.datagramsOut++;
    step.transmits.push({ peer: peer.id, bytes });
  }
}

function tooLong(length: number, { datagramBytesMax }: MessageLayerParameters): RangeError {
  return new RangeError(`a message of ${length} bytes is longer than datagramBytesMax (${datagramBytesMax})`);
}
