import { DeadlineHeap, type Instant, type PeerId, type RandomSource, type Transmit } from '../effects.ts';
import type { GiveUpReason, MessageEvent, OutgoingMessage } from '../messaging.ts';
import { type DerivedTimes, derivedTimes } from '../parameters.ts';
import { isRequestCode, type Message, MessageType } from '../wire/index.ts';
import { asConfirmable, equals, writeMessageId } from './message-bytes.ts';
import type { MessageCounters } from './message-counters.ts';
import type { MessageLayerParameters } from './message-layer-parameters.ts';
import type { MessageSlab } from './message-slab.ts';
import { Probes } from './probes.ts';
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
  readonly slab: MessageSlab;
  readonly counters: MessageCounters;
}

/** A timer may be so late and its retransmission still counts as within MAX_TRANSMIT_SPAN. */
const LATENESS_MS_MAX = 1000;

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
  readonly #slab: MessageSlab;
  readonly #counters: MessageCounters;
  readonly #peers = new Map<PeerId, PeerState<Context>>();
  readonly #byContext = new Map<Context, Transmission<Context>>();
  readonly #timers = new DeadlineHeap<Transmission<Context> | PeerState<Context>>();
  readonly #probes: Probes<Context>;
  readonly #draw = new Uint8Array(4);

  constructor(surroundings: TransmissionsSurroundings) {
    this.#parameters = surroundings.parameters;
    this.#times = derivedTimes(surroundings.parameters);
    this.#random = surroundings.random;
    this.#slab = surroundings.slab;
    this.#counters = surroundings.counters;
    const { parameters, counters } = surroundings;
    this.#probes = new Probes<Context>({
      parameters,
      counters,
      launch: ({ peer, bytes, context }, step) => this.#launchNon(peer, bytes, context, step),
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
    if (!message.isConfirmable) {
      // Answers and notifications go to peers that asked for them.
      if (isRequestCode(message.code)) this.#probes.send({ peer: peerId, bytes, context }, step);
      else this.#launchNon(peerId, bytes, context, step);
      return;
    }
    const peer = this.#peerOrRefusal(peerId, context, step);
    if (peer === undefined) return;
    const mustWait = peer.queue.length > 0 || peer.outstanding >= this.#parameters.nstart;
    if (mustWait && peer.queue.length >= this.#parameters.queueMax) {
      this.#counters.queueFull++;
      step.events.push({ kind: 'refused', context, limit: 'queueMax' });
      return;
    }
    const deadline = step.now + this.#parameters.queueWaitMaxMs;
    const transmission = new Transmission(peer, context, { bytes, token: message.token }, deadline);
    this.#byContext.set(context, transmission);
    peer.queue.push(transmission);
    this.#pump(peer, step);
    if (transmission.messageId < 0) this.#timers.arm(transmission);
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
    const transmission = this.#peers.get(peerId)?.inFlight.get(message.messageId);
    if (transmission === undefined) return undefined;
    // "the tokens of the response and original request MUST match" (RFC 7252 §5.3.2); an empty one has none.
    if (message.code !== 0 && !equals(message.token, transmission.token)) return undefined;
    if (message.messageId !== transmission.messageId) {
      // A late answer to a message that was superseded: the peer is still interested (RFC 7641 §4.5.2).
      transmission.retransmissions = 0;
      this.#beginTiming(transmission, step.now);
      return undefined;
    }
    const { successor, peer, context } = transmission;
    this.#measure(transmission, step.now);
    this.#end(transmission, step);
    if (successor === undefined) return context;
    if (successor.isConfirmable) this.#start(peer, { context, ...successor }, step);
    else this.#sendNon(peer, successor.bytes, context, step);
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
    this.#measure(transmission, step.now);
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
    if (peer.outstanding === 0 && peer.queue.length === 0) {
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
    const { ackTimeoutMs, maxRetransmit } = this.#parameters;
    const { maxTransmitSpanMs, maxTransmitWaitMs } = this.#times;
    const isWithinSpan = step.now - transmission.firstSentAt <= maxTransmitSpanMs + LATENESS_MS_MAX;
    if (transmission.retransmissions >= maxRetransmit || !isWithinSpan) {
      this.#giveUp(transmission, 'timeout', step);
      return;
    }
    transmission.retransmissions++;
    // "the minimum spacing before another retransmission is ACK_TIMEOUT" (RFC 7252 §4.2), however late this one is; for
    // a peer whose round trips are shorter, it is that.
    const spacingMs = Math.min(ackTimeoutMs, transmission.timeoutMs);
    transmission.timeoutMs *= transmission.backOff;
    const nextAt = Math.max(transmission.deadline + transmission.timeoutMs, step.now + spacingMs);
    // An estimate does not make an exchange longer than MAX_TRANSMIT_WAIT (RFC 7252 §4.8.2).
    const endAt = transmission.firstSentAt + maxTransmitWaitMs;
    transmission.deadline =
      transmission.peer.rto === undefined ? nextAt : Math.min(nextAt, Math.max(endAt, step.now + spacingMs));
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

  #launchNon(peerId: PeerId, bytes: Uint8Array, context: Context, step: MessageStep<Context>): void {
    const peer = this.#peerOrRefusal(peerId, context, step);
    if (peer !== undefined) this.#sendNon(peer, bytes, context, step);
  }

  #sendNon(peer: PeerState<Context>, bytes: Uint8Array, context: Context, step: MessageStep<Context>): void {
    const messageId = peer.messageIds.take(step.now, this.#times.exchangeLifetimeMs);
    if (messageId === undefined) {
      this.#counters.messageIdsExhausted++;
      step.events.push({ kind: 'refused', context, limit: 'message-ids' });
      return;
    }
    peer.deadline = step.now + this.#times.exchangeLifetimeMs;
    writeMessageId(bytes, messageId);
    peer.rememberNon(messageId, context, this.#parameters.nonRememberedMax);
    this.#transmit(peer, bytes, step);
  }

  /** Starts what waits, as far as NSTART and the message IDs allow. */
  #pump(peer: PeerState<Context>, step: MessageStep<Context>): void {
    while (peer.outstanding < this.#parameters.nstart && peer.queue.length > 0) {
      const freeAt = peer.messageIds.freeAt(step.now, this.#times.exchangeLifetimeMs);
      if (freeAt > step.now) {
        peer.deadline = freeAt;
        this.#timers.arm(peer);
        return;
      }
      const transmission = peer.queue.shift() as Transmission<Context>;
      this.#timers.remove(transmission);
      this.#launch(transmission, step);
    }
  }

  #start(
    peer: PeerState<Context>,
    message: { readonly context: Context; readonly bytes: Uint8Array; readonly token: Uint8Array },
    step: MessageStep<Context>,
  ): void {
    const deadline = step.now + this.#parameters.queueWaitMaxMs;
    const transmission = new Transmission(peer, message.context, message, deadline);
    this.#byContext.set(message.context, transmission);
    // What follows on an Acknowledgement goes first: its predecessor had the turn.
    peer.queue.unshift(transmission);
    this.#pump(peer, step);
    if (transmission.messageId < 0) this.#timers.arm(transmission);
  }

  #launch(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    const { peer, context } = transmission;
    const messageId = peer.messageIds.take(step.now, this.#times.exchangeLifetimeMs) as number;
    peer.outstanding++;
    this.#beginTiming(transmission, step.now);
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
      const index = peer.queue.indexOf(transmission);
      if (index >= 0) peer.queue.splice(index, 1);
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
    const bytes = this.#slab.encode({ type, code, messageId: 0, token, options, payload });
    if (bytes.length > this.#parameters.datagramBytesMax) throw tooLong(bytes.length, this.#parameters);
    return bytes;
  }

  /** The first wait: between ACK_TIMEOUT and ACK_TIMEOUT times ACK_RANDOM_FACTOR, by chance (RFC 7252 §4.2). */
  #beginTiming(transmission: Transmission<Context>, now: Instant): void {
    const { rto } = transmission.peer;
    const { ackTimeoutMs, ackRandomFactor } = this.#parameters;
    const draw = this.#draw;
    this.#random.fill(draw);
    const fraction = new DataView(draw.buffer).getUint32(0) / 2 ** 32;
    const leastMs = rto === undefined ? ackTimeoutMs : rto.rtoMs(now);
    const firstMs = leastMs * (1 + fraction * (ackRandomFactor - 1));
    transmission.firstSentAt = now;
    // There must be time for one more attempt.
    transmission.timeoutMs = rto === undefined ? firstMs : Math.min(firstMs, this.#times.maxTransmitSpanMs);
    if (rto !== undefined) transmission.backOff = rto.backOff(transmission.timeoutMs);
  }

  /** Measures the round trip of a message that was acknowledged as it was first sent. */
  #measure(transmission: Transmission<Context>, now: Instant): void {
    const { peer, previousIds, firstSentAt, retransmissions } = transmission;
    if (previousIds === undefined) peer.rto?.noteRoundTrip(now - firstSentAt, retransmissions, now);
  }

  #transmit(peer: PeerState<Context>, bytes: Uint8Array, step: MessageStep<Context>): void {
    this.#counters.datagramsOut++;
    step.transmits.push({ peer: peer.id, bytes });
  }
}

function tooLong(length: number, { datagramBytesMax }: MessageLayerParameters): RangeError {
  return new RangeError(`a message of ${length} bytes is longer than datagramBytesMax (${datagramBytesMax})`);
}
