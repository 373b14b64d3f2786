import { DecodeError } from '@motestack/bytes';
import { type Effects, earlier, type Instant, type PeerId } from '../effects.ts';
import type { MessageEvent, Messaging, OutgoingMessage } from '../messaging.ts';
import {
  codeClass,
  type DecodedMessage,
  decodeMessage,
  EMPTY_CODE,
  isRequestCode,
  isResponseCode,
  type Message,
  MessageType,
  rejectionOf,
  TOKEN_LENGTH_MAX,
} from '../wire/index.ts';
import type { Duplicates } from './duplicates.ts';
import { encodeEmpty, tokenOf } from './message-bytes.ts';
import type { MessageCounters } from './message-counters.ts';
import type { PlainLayerParameters } from './message-layer-parameters.ts';
import type { MessageStep, PlainTransmissions } from './plain-transmissions.ts';

/** How full a message layer is at the moment. */
export interface MessageLayerGauges {
  /** Confirmable messages in flight, and messages waiting for NSTART or PROBING_RATE. */
  readonly transmissions: number;
  /** Peers to which something was sent within EXCHANGE_LIFETIME. */
  readonly peersKnown: number;
  /** Peers to which Non-confirmable requests were sent and which were not heard since. */
  readonly silentPeers: number;
  /** Messages that would be known as duplicates. */
  readonly duplicatesRemembered: number;
  /** The memory held for that, in bytes. */
  readonly duplicateBytes: number;
}

/** What can be read of a message whose rest may be anything. */
export interface MessageHead extends Pick<Message, 'code' | 'messageId'> {
  readonly token: Uint8Array | undefined;
}

const NOTHING = new Uint8Array(0);
const NO_EVENTS: readonly never[] = [];

type NewMessageEvent = Extract<MessageEvent<never>, { readonly kind: 'request' | 'response' }>;

/**
 * Makes an exchange of messages over datagrams: reliability, duplicates, Resets. It knows nothing of requests and
 * responses but their codes. `MessageLayer` is one that serves, too.
 *
 * @typeParam Context what the sender of a message gives with it, and gets back with what becomes of it
 * @see RFC 7252 §4
 */
export class PlainMessageLayer<Context extends object> implements Messaging<Context> {
  /** What was counted so far. */
  readonly counters: MessageCounters;
  protected readonly parameters: PlainLayerParameters;
  /** Which tokens are read and written (RFC 8974 §2.1). */
  protected readonly format: { readonly extendedTokens: boolean; readonly optionCountMax: number };
  protected readonly duplicates: Duplicates;
  readonly #transmissions: PlainTransmissions<Context>;

  /**
   * @param duplicates knows what came already: a `DuplicateTable`, or less for who serves nobody
   * @param transmissions sends messages: those of every kind, or just Confirmable ones
   */
  constructor(parameters: PlainLayerParameters, transmissions: PlainTransmissions<Context>, duplicates: Duplicates) {
    this.parameters = parameters;
    const { tokenBytesMax, optionCountMax } = parameters;
    this.format = { extendedTokens: tokenBytesMax > TOKEN_LENGTH_MAX, optionCountMax };
    this.duplicates = duplicates;
    this.#transmissions = transmissions;
    this.counters = transmissions.counters;
  }

  /** Counters and gauges. */
  stats(): Readonly<Record<string, number>> {
    return { ...this.counters, ...this.gauges() };
  }

  /** How many Confirmable messages are in flight or wait for NSTART. */
  get transmissionCount(): number {
    return this.#transmissions.count;
  }

  /** How full the layer is at the moment. */
  gauges(): MessageLayerGauges {
    return {
      transmissions: this.#transmissions.count,
      peersKnown: this.#transmissions.peerCount,
      silentPeers: this.#transmissions.silentPeerCount,
      duplicatesRemembered: this.duplicates.count,
      duplicateBytes: this.duplicates.heldBytes,
    };
  }

  /**
   * Takes one datagram, whatever it holds.
   *
   * @param bytes must not change while messages made of it are in use
   */
  handleDatagram(peer: PeerId, bytes: Uint8Array, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.step(now);
    this.counters.datagramsIn++;
    if (bytes.length > this.parameters.datagramBytesMax) {
      this.#refuseOversized(peer, bytes, step);
      return this.effects(step);
    }
    let message: DecodedMessage;
    try {
      message = decodeMessage(bytes, this.format);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      this.#refuseMalformed(peer, bytes, error, step);
      return this.effects(step);
    }
    this.#transmissions.heard(peer, step);
    if (message.type === MessageType.Acknowledgement) this.#handleAcknowledgement(peer, message, step);
    else if (message.type === MessageType.Reset) this.#handleReset(peer, message, step);
    else if (this.#isNew(peer, message, step)) return this.#told(newMessageEvent(peer, message), step);
    return this.effects(step);
  }

  /** Does what is due: retransmissions, giving up, forgetting. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<MessageEvent<Context>> {
    const step = this.step(now);
    this.duplicates.forget(now);
    this.#transmissions.handleTimeout(step);
    return this.effects(step);
  }

  /**
   * Sends a request, a separate response or a notification.
   *
   * @param context comes back in the events about this message; one Confirmable message at a time for each
   * @throws {RangeError} a message that does not fit the format or is longer than `datagramBytesMax`
   */
  send(peer: PeerId, message: OutgoingMessage, context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.step(now);
    this.#transmissions.send(peer, message, context, step);
    return this.effects(step);
  }

  /**
   * Sends an empty Confirmable message, which the peer answers with a Reset: event `reset` of `context`.
   *
   * @see RFC 7252 §4.3 ("CoAP ping")
   */
  ping(peer: PeerId, context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const empty = { isConfirmable: true, code: EMPTY_CODE, token: NOTHING, options: [], payload: NOTHING };
    return this.send(peer, empty, context, now);
  }

  /** Stops sending the Confirmable message of a context: it is known to have arrived, or not wanted any more. */
  stop(context: Context, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.step(now);
    this.#transmissions.stop(context, step);
    return this.effects(step);
  }

  /** Acknowledges a Confirmable request (a separate response will follow) or response; duplicates get the same. */
  acknowledge(peer: PeerId, messageId: number, _now: Instant): Effects<MessageEvent<Context>> {
    return this.answer(peer, messageId, encodeEmpty(MessageType.Acknowledgement, messageId));
  }

  /** Rejects a message with a Reset; duplicates get the same. */
  reject(peer: PeerId, messageId: number, _now: Instant): Effects<MessageEvent<Context>> {
    this.counters.resetsOut++;
    return this.answer(peer, messageId, encodeEmpty(MessageType.Reset, messageId));
  }

  /** The network says that a peer cannot be reached: ends what waits for it (RFC 7252 §4.2). */
  handleUnreachable(peer: PeerId, now: Instant): Effects<MessageEvent<Context>> {
    const step = this.step(now);
    this.#transmissions.failPeer(peer, step);
    return this.effects(step);
  }

  #handleAcknowledgement(peer: PeerId, message: DecodedMessage, step: MessageStep<Context>): void {
    // An Acknowledgement with a request or a reserved class is silently ignored (RFC 7252 §4.2).
    const group = codeClass(message.code);
    const isSensible = message.code === EMPTY_CODE || (group >= 2 && group <= 5);
    const context = isSensible ? this.#transmissions.acknowledge(peer, message, step) : undefined;
    if (context === undefined) this.counters.ignored++;
    else if (message.code === EMPTY_CODE) step.events.push({ kind: 'acknowledged', context });
    else step.events.push({ kind: 'response', peer, message, context });
  }

  #handleReset(peer: PeerId, message: DecodedMessage, step: MessageStep<Context>): void {
    this.counters.resetsIn++;
    // A Reset that is not empty is silently ignored (RFC 7252 §4.2).
    const isEmpty = message.code === EMPTY_CODE;
    const context = isEmpty ? this.#transmissions.reset(peer, message.messageId, step) : undefined;
    if (context === undefined) this.counters.ignored++;
    else step.events.push({ kind: 'reset', context });
  }

  /** Whether a message is to be told: what is none, a duplicate, and what there is no memory for get their answers here. */
  #isNew(peer: PeerId, message: DecodedMessage, step: MessageStep<Context>): boolean {
    const { code, messageId } = message;
    const isConfirmable = message.type === MessageType.Confirmable;
    const group = codeClass(code);
    if (code === EMPTY_CODE || group === 1 || group >= 6) {
      // "lacks context to process the message properly, including … the message is Empty, uses a code with a reserved
      // class (1, 6, or 7)" (RFC 7252 §4.2, §4.3).
      this.counters.ignored++;
      if (isConfirmable) this.reset(peer, messageId, step);
      return false;
    }
    const answer = this.duplicates.find(peer, messageId, step.now);
    if (answer !== undefined && !this.isReused(answer, message)) {
      this.counters.duplicates++;
      // A duplicate gets the same answer, and never a second run; a Non-confirmable one gets nothing (RFC 7252 §4.5).
      if (isConfirmable && answer.length > 0) this.transmit(peer, answer, step);
      return false;
    }
    const isRequest = isRequestCode(code);
    const isRepeatable = isRequest && this.isRepeatable(message);
    const isRemembered = this.duplicates.remember({ peer, messageId, isConfirmable, isRepeatable }, step.now);
    this.counters.duplicatesEvicted = this.duplicates.evictedCount;
    if (isRemembered || !isRequest) return true;
    this.refuseForMemory(peer, message, step);
    return false;
  }

  /** What can be read of a request that is too long says whom to tell (RFC 7252 §4.6). */
  #refuseOversized(peer: PeerId, bytes: Uint8Array, step: MessageStep<Context>): void {
    this.counters.oversized++;
    const [first = 0, code = 0, high = 0, low = 0] = bytes;
    const token = tokenOf(bytes, this.format);
    const detail = `the response is longer than datagramBytesMax (${this.parameters.datagramBytesMax})`;
    if (this.#tellGarbled(peer, bytes, { detail, section: 'RFC 7252 §4.6' }, step)) return;
    // Version 1, Confirmable; anything else is ignored.
    if (first >>> 4 !== 0b0100) return;
    this.refuseTooLarge(peer, { code, messageId: (high << 8) | low, token }, step);
  }

  /** Rejects a Confirmable message that is too long. */
  protected refuseTooLarge(peer: PeerId, { messageId }: MessageHead, step: MessageStep<Context>): void {
    this.reset(peer, messageId, step);
  }

  /** Whether a message has the ID of another one, which was answered so. */
  protected isReused(_answer: Uint8Array, _message: DecodedMessage): boolean {
    return false;
  }

  /** Whether a request may run again for a duplicate whose first copy was forgotten. */
  protected isRepeatable(_message: DecodedMessage): boolean {
    return false;
  }

  /** A request whose duplicates could not be told must not run: they would run too. */
  protected refuseForMemory(_peer: PeerId, _message: DecodedMessage, _step: MessageStep<Context>): void {
    this.counters.duplicateMemoryFull++;
  }

  /** A malformed Confirmable message is rejected with a Reset, any other is ignored (RFC 7252 §4.2, §4.3). */
  #refuseMalformed(peer: PeerId, bytes: Uint8Array, error: DecodeError, step: MessageStep<Context>): void {
    this.counters.malformed++;
    const reset = rejectionOf(bytes);
    if (reset !== undefined) {
      this.counters.resetsOut++;
      this.transmit(peer, reset, step);
    }
    step.events.push({ kind: 'malformed', peer, error });
    const detail = `the response is malformed: ${error.message}`;
    this.#tellGarbled(peer, bytes, { detail, section: error.section }, step);
  }

  /**
   * An Acknowledgement that cannot be read is ignored towards the peer (RFC 7252 §4.2), which would say the same again
   * when asked again: where its header names a message of ours, with its token and the code of a response, who sent that
   * is told at once.
   */
  #tellGarbled(
    peer: PeerId,
    bytes: Uint8Array,
    why: { readonly detail: string; readonly section: string },
    step: MessageStep<Context>,
  ): boolean {
    const [first = 0, code = 0, high = 0, low = 0] = bytes;
    const token = tokenOf(bytes, this.format);
    const isAcknowledgement = first >>> 4 === 0b0110;
    if (!isAcknowledgement || !isResponseCode(code) || token === undefined) return false;
    const context = this.#transmissions.acknowledge(peer, { code, messageId: (high << 8) | low, token }, step);
    if (context !== undefined) step.events.push({ kind: 'garbled', context, ...why });
    return context !== undefined;
  }

  /** Answers a message, and its duplicates likewise. */
  protected answer(peer: PeerId, messageId: number, bytes: Uint8Array): Effects<MessageEvent<Context>> {
    this.duplicates.keepAnswer(peer, messageId, bytes);
    this.counters.datagramsOut++;
    return { transmits: [{ peer, bytes }], events: NO_EVENTS, wakeAt: this.wakeAt };
  }

  /** Rejects a message. */
  protected reset(peer: PeerId, messageId: number, step: MessageStep<Context>): void {
    this.counters.resetsOut++;
    this.transmit(peer, encodeEmpty(MessageType.Reset, messageId), step);
  }

  /** Sends bytes. */
  protected transmit(peer: PeerId, bytes: Uint8Array, step: MessageStep<Context>): void {
    this.counters.datagramsOut++;
    step.transmits.push({ peer, bytes });
  }

  /** Begins a step. */
  protected step(now: Instant): MessageStep<Context> {
    return { now, transmits: [], events: [] };
  }

  /** An event, of which there is one as a rule: a list that is made with it takes a fifth of one that it is added to. */
  #told(event: MessageEvent<Context>, { transmits, events }: MessageStep<Context>): Effects<MessageEvent<Context>> {
    return { transmits, events: events.length === 0 ? [event] : [...events, event], wakeAt: this.wakeAt };
  }

  /** What a step comes to. */
  protected effects({ transmits, events }: MessageStep<Context>): Effects<MessageEvent<Context>> {
    return { transmits, events, wakeAt: this.wakeAt };
  }

  /** When `handleTimeout` is to be called. */
  get wakeAt(): Instant | undefined {
    return earlier(this.duplicates.forgetAt, this.#transmissions.nextAt);
  }
}

function newMessageEvent(peer: PeerId, message: DecodedMessage): NewMessageEvent {
  if (isRequestCode(message.code)) return { kind: 'request', peer, message };
  return { kind: 'response', peer, message, context: undefined };
}
