import { earlier, type Instant, type PeerId, type RandomSource } from '../effects.ts';
import type { OutgoingMessage } from '../messaging.ts';
import { isRequestCode } from '../wire/index.ts';
import { asConfirmable, writeMessageId } from './message-bytes.ts';
import {
  defaultNonConfirmableParameters,
  type NonConfirmableParameters,
  type PlainLayerParameters,
} from './message-layer-parameters.ts';
import { type MakeTransmissions, type MessageStep, PlainTransmissions } from './plain-transmissions.ts';
import { Probes } from './probes.ts';
import { contextOfNon, type PeerState, rememberNon, Transmission } from './transmission.ts';

/** A message that is written, but for its ID. */
interface Encoded<Context> {
  readonly context: Context;
  readonly bytes: Uint8Array;
  readonly token: Uint8Array;
  readonly isNotification?: boolean | undefined;
  readonly isSendingTold?: boolean | undefined;
}

/**
 * Sends messages of every kind with IDs of ours: also Non-confirmable ones, requests among them at PROBING_RATE, and
 * notifications, which are superseded by newer ones.
 *
 * @see RFC 7252 §4.2, §4.3, §4.7; RFC 7641 §4.5
 */
export class Transmissions<Context extends object> extends PlainTransmissions<Context> {
  readonly #probes: Probes<Context>;
  readonly #nonRememberedMax: number;

  constructor(parameters: PlainLayerParameters & NonConfirmableParameters, random: RandomSource) {
    super(parameters, random);
    this.#nonRememberedMax = parameters.nonRememberedMax;
    this.#probes = new Probes<Context>({
      parameters,
      counters: this.counters,
      launch: (probe, step) => this.#launchNon(probe.peer, probe, step),
    });
  }

  override get nextAt(): Instant | undefined {
    return earlier(super.nextAt, this.#probes.nextAt);
  }

  override get silentPeerCount(): number {
    return this.#probes.peerCount;
  }

  override get count(): number {
    return super.count + this.#probes.count;
  }

  override heard(peerId: PeerId, step: MessageStep<Context>): void {
    this.#probes.heard(peerId, step);
  }

  override send(peerId: PeerId, message: OutgoingMessage, context: Context, step: MessageStep<Context>): void {
    const { isConfirmable, isNotification, isSendingTold, token } = message;
    if (isConfirmable && isNotification !== true) {
      super.send(peerId, message, context, step);
      return;
    }
    const bytes = this.encode(message);
    if (isConfirmable) {
      const peer = this.peerOrRefusal(peerId, context, step);
      if (peer !== undefined) this.#enqueueNotification(peer, { bytes, token, context }, step);
      return;
    }
    // Answers and notifications go to peers that asked for them.
    if (message.isProbe ?? isRequestCode(message.code)) {
      this.#probes.send({ peer: peerId, bytes, token, context, isSendingTold }, step);
    } else this.#launchNon(peerId, { context, bytes, token, isNotification, isSendingTold }, step);
  }

  /**
   * Lets a newer message take the place of one that is under way (RFC 7641 §4.5.2).
   *
   * @returns `false` if nothing of this context is under way
   */
  supersede(context: Context, message: OutgoingMessage): boolean {
    const transmission = this.byContext.get(context);
    if (transmission === undefined) return false;
    const bytes = this.encode(message);
    this.counters.superseded++;
    if (transmission.messageId < 0) transmission.bytes = asConfirmable(bytes);
    else transmission.successor = { bytes, isConfirmable: message.isConfirmable, token: message.token };
    return true;
  }

  override stop(context: Context, step: MessageStep<Context>): void {
    super.stop(context, step);
    this.#probes.stop(context);
  }

  override failPeer(peerId: PeerId, step: MessageStep<Context>): void {
    this.#probes.failPeer(peerId, step);
    const peer = this.peers.get(peerId);
    // They end with the others, as if they were requests.
    peer?.queue.push(...(peer.notifications ?? []));
    if (peer !== undefined) peer.notifications = undefined;
    super.failPeer(peerId, step);
  }

  override reset(peerId: PeerId, messageId: number, step: MessageStep<Context>): Context | undefined {
    return super.reset(peerId, messageId, step) ?? contextOfNon(this.peers.get(peerId), messageId);
  }

  override handleTimeout(step: MessageStep<Context>): void {
    this.#probes.handleTimeout(step);
    super.handleTimeout(step);
  }

  protected override handleAcknowledged(
    transmission: Transmission<Context>,
    messageId: number,
    step: MessageStep<Context>,
  ): Context | undefined {
    if (messageId !== transmission.messageId) {
      // A late answer to a message that was superseded: the peer is still interested (RFC 7641 §4.5.2).
      transmission.retransmissions = 0;
      this.retransmission.begin(transmission, step.now);
      return undefined;
    }
    const { successor, peer, context } = transmission;
    super.handleAcknowledged(transmission, messageId, step);
    if (successor === undefined) return context;
    // Only notifications have successors. It goes behind those that wait, whose relations have had no turn.
    if (successor.isConfirmable) this.#enqueueNotification(peer, { context, ...successor }, step);
    else this.#sendNon(peer, { context, ...successor }, step);
    return context;
  }

  protected override isWaiting(peer: PeerState<Context>): boolean {
    return super.isWaiting(peer) || (peer.notifications?.size ?? 0) > 0;
  }

  /** Requests and responses take turns with notifications, of which there may be very many. */
  protected override takeWaiting(peer: PeerState<Context>): Transmission<Context> {
    const [notification] = peer.notifications ?? [];
    if (notification === undefined || (peer.hasNotified && peer.queue.length > 0)) {
      peer.hasNotified = false;
      return super.takeWaiting(peer);
    }
    peer.hasNotified = true;
    this.forgetWaiting(notification);
    return notification;
  }

  protected override forgetWaiting(transmission: Transmission<Context>): void {
    const { peer } = transmission;
    super.forgetWaiting(transmission);
    peer.notifications?.delete(transmission);
    if (peer.notifications?.size === 0) peer.notifications = undefined;
  }

  /** The newer message is sent under an ID of its own, with the timer and counter of the older (RFC 7641 §4.5.2). */
  protected override isSentAgain(transmission: Transmission<Context>, now: Instant): boolean {
    const { peer, successor } = transmission;
    if (successor === undefined) return true;
    const messageId = peer.messageIds.take(now, this.exchangeLifetimeMs);
    if (messageId === undefined) return false;
    transmission.previousIds ??= [];
    transmission.previousIds.push(transmission.messageId);
    transmission.bytes = asConfirmable(successor.bytes);
    transmission.token = successor.token;
    transmission.successor = undefined;
    this.name(transmission, messageId, now);
    return true;
  }

  protected override end(transmission: Transmission<Context>, step: MessageStep<Context>): void {
    const { peer, previousIds } = transmission;
    if (previousIds !== undefined) for (const id of previousIds) peer.inFlight.delete(id);
    super.end(transmission, step);
  }

  /**
   * Lets a notification wait until the peer took those before it, however long that is: an observer that is not told
   * would keep an old state (RFC 7641 §4.2). There is one for each relation, and the relations are counted.
   */
  #enqueueNotification(peer: PeerState<Context>, message: Encoded<Context>, step: MessageStep<Context>): void {
    const transmission = new Transmission(peer, message.context, message, Number.POSITIVE_INFINITY);
    this.byContext.set(message.context, transmission);
    peer.notifications ??= new Set();
    peer.notifications.add(transmission);
    this.pump(peer, step);
  }

  #launchNon(peerId: PeerId, message: Encoded<Context>, step: MessageStep<Context>): void {
    const peer = this.peerOrRefusal(peerId, message.context, step);
    if (peer !== undefined) this.#sendNon(peer, message, step);
  }

  #sendNon(peer: PeerState<Context>, message: Encoded<Context>, step: MessageStep<Context>): void {
    const { bytes, context } = message;
    const messageId = peer.messageIds.take(step.now, this.exchangeLifetimeMs);
    if (messageId === undefined) {
      this.counters.messageIdsExhausted++;
      // As a Confirmable one it can wait for a message ID, and the newest takes its place meanwhile.
      if (message.isNotification === true) {
        this.#enqueueNotification(peer, { ...message, bytes: asConfirmable(bytes) }, step);
      } else step.events.push({ kind: 'refused', context, limit: 'message-ids' });
      return;
    }
    peer.deadline = step.now + this.exchangeLifetimeMs;
    writeMessageId(bytes, messageId);
    rememberNon(peer, messageId, context, this.#nonRememberedMax);
    this.transmit(peer, bytes, step);
    if (message.isSendingTold === true) step.events.push({ kind: 'sent', context });
  }
}

/** The part of a message layer that sends Non-confirmable messages too, requests among them at PROBING_RATE. */
export const nonConfirmable: MakeTransmissions = (parameters, random) =>
  new Transmissions({ ...defaultNonConfirmableParameters, ...parameters }, random);
