import { DecodeError } from '@motestack/bytes';
import type { Instant, Timer } from '../effects.ts';
import {
  type Capabilities,
  codeClass,
  type DecodedMessage,
  decodeMessage,
  EMPTY_CODE,
  encodeFrame,
  encodeStringOption,
  encodeUintOption,
  encodeWebSocketMessage,
  isRequestCode,
  isResponseCode,
  type Option,
  type ReliableMessage,
  readCapabilities,
  SignalingCode,
  SignalingOption,
  TOKEN_LENGTH_MAX,
} from '../wire/index.ts';
import type { ConnectionCounters } from './connection-counters.ts';
import type { ConnectionLoss, ConnectionStep, ReleaseAdvice } from './connection-event.ts';
import type { ConnectionParameters } from './connection-parameters.ts';
import { CustodyBook } from './custody-book.ts';
import { datagramOfMessage, FrameReader } from './frame-reader.ts';
import {
  capabilityOptions,
  checkSignaling,
  diagnosticBytes,
  diagnosticText,
  releaseAdviceOf,
} from './signaling-rules.ts';

/** How messages are told apart: by their own Length over TCP, by the transport over WebSocket (RFC 8323 §3.2, §4.2). */
export type Framing = 'length' | 'message';

const NOTHING = new Uint8Array(0);
/** As many message IDs as a datagram has bits for. */
const MESSAGE_IDS = 0x1_0000;
/** An answer so short, beside its token, is none that could be made shorter. */
const SHORT_ANSWER_BYTES = 64;

/**
 * One reliable connection, without socket and clock: framing, signaling, health and how it ends.
 *
 * Every method is a step that adds to a {@link ConnectionStep}. After `ended` no method does anything.
 *
 * @see RFC 8323 §3 to §5
 */
export class Connection implements Timer {
  /** When `handleTimeout` is to be called; infinity: never. */
  deadline: Instant = Number.POSITIVE_INFINITY;
  heapIndex = -1;
  readonly #parameters: ConnectionParameters;
  readonly #counters: ConnectionCounters;
  readonly #framing: Framing;
  readonly #reader: FrameReader;
  readonly #custody: CustodyBook;
  #phase: 'awaiting-csm' | 'open' | 'releasing' | 'ended' = 'awaiting-csm';
  /** All options of all CSMs so far: "capability options and setting options are cumulative" (RFC 8323 §5.3). */
  readonly #settings = new Map<number, Option>();
  #capabilities: Capabilities = readCapabilities([]);
  #nextMessageId = 0;
  #startedAt: Instant;
  #heardAt: Instant;
  #pingedAt: Instant | undefined;
  #releaseAt: Instant | undefined;
  #advice: ReleaseAdvice | undefined;
  #hasReleased = false;

  constructor(parameters: ConnectionParameters, counters: ConnectionCounters, framing: Framing, now: Instant) {
    this.#parameters = parameters;
    this.#counters = counters;
    this.#framing = framing;
    this.#reader = new FrameReader(parameters);
    this.#custody = new CustodyBook(parameters);
    this.#startedAt = now;
    this.#heardAt = now;
  }

  /** What the peer said of itself; the base values until it did. */
  get capabilities(): Capabilities {
    return this.#capabilities;
  }

  /** `awaiting-csm`: the peer's first CSM did not come yet; `releasing`: a Release was sent or came. */
  get phase(): 'awaiting-csm' | 'open' | 'releasing' | 'ended' {
    return this.#phase;
  }

  /** Whether a request of the peer waits for its answer. */
  get hasUnanswered(): boolean {
    return this.#custody.hasUnanswered;
  }

  /** Whether the peer released the connection, and waits for it to be closed from here. */
  get isReleasedByPeer(): boolean {
    return this.#advice !== undefined;
  }

  /** How many bytes are held for a message whose end is not there yet. */
  get heldBytes(): number {
    return this.#reader.heldBytes;
  }

  /** Sends the first message, which is a CSM on either side (RFC 8323 §3.3). */
  start(step: ConnectionStep): void {
    const options = capabilityOptions(this.#parameters);
    this.#transmit({ code: SignalingCode.Csm, token: NOTHING, options, payload: NOTHING }, step);
    if (!this.#parameters.requiresCsm) {
      this.#phase = 'open';
      step.events.push({ kind: 'capabilities', capabilities: this.#capabilities, isFirst: true });
    }
    this.#setDeadline();
  }

  /** Takes what came of the stream, or one whole message. */
  handleBytes(chunk: Uint8Array, step: ConnectionStep): void {
    if (this.#phase === 'ended' || chunk.length === 0) return;
    this.#heardAt = step.now;
    this.#pingedAt = undefined;
    try {
      if (this.#framing === 'message') this.#handleDatagram(datagramOfMessage(chunk, this.#parameters), step);
      else {
        this.#reader.read(chunk, (datagram) => {
          this.#handleDatagram(datagram, step);
          return this.#phase !== ('ended' as string);
        });
      }
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      this.#refuseMalformed(error, step);
    }
    this.#setDeadline();
  }

  /**
   * Sends a request, a response or a notification.
   *
   * @throws {RangeError} a message that does not fit the format, or that is longer than the peer takes
   */
  send(message: ReliableMessage, step: ConnectionStep): void {
    if (this.#phase === 'ended') return;
    this.#transmit(message, step);
    if (isResponseCode(message.code)) this.#settle(message.token, step);
    this.#setDeadline();
  }

  /** Asks whether the peer is there; `wantsCustody`: and whether it has processed everything before (RFC 8323 §5.4). */
  ping(token: Uint8Array, wantsCustody: boolean, step: ConnectionStep): void {
    if (this.#phase === 'ended') return;
    const options = wantsCustody ? [{ number: SignalingOption.Custody, value: NOTHING }] : [];
    this.#transmit({ code: SignalingCode.Ping, token, options, payload: NOTHING }, step);
  }

  /** A request of the peer will not be answered. */
  forget(token: Uint8Array, step: ConnectionStep): void {
    this.#settle(token, step);
    this.#setDeadline();
  }

  /** Asks the peer to close the connection when it is done with it (RFC 8323 §5.5). */
  release(advice: Partial<ReleaseAdvice>, step: ConnectionStep): void {
    if (this.#phase === 'ended' || this.#hasReleased) return;
    this.#hasReleased = true;
    const { alternativeAddresses = [], holdOffSeconds, diagnostic = '' } = advice;
    const options = alternativeAddresses.map((address) =>
      encodeStringOption(SignalingOption.AlternativeAddress, address),
    );
    if (holdOffSeconds !== undefined) options.push(encodeUintOption(SignalingOption.HoldOff, holdOffSeconds));
    const payload = diagnosticBytes(diagnostic);
    this.#transmit({ code: SignalingCode.Release, token: NOTHING, options, payload }, step);
    this.#beginReleasing(step.now);
    this.#setDeadline();
  }

  /** Ends the connection at once and says why (RFC 8323 §5.6). */
  abort(loss: ConnectionLoss, step: ConnectionStep, badCsmOption?: number): void {
    if (this.#phase === 'ended') return;
    const options = badCsmOption === undefined ? [] : [encodeUintOption(SignalingOption.BadCsmOption, badCsmOption)];
    this.#counters.abortsOut++;
    const payload = diagnosticBytes(loss.detail);
    this.#transmit({ code: SignalingCode.Abort, token: NOTHING, options, payload }, step);
    this.end(loss, step);
  }

  /** Ends the connection without a word: it is to be closed, or was. */
  end(loss: ConnectionLoss, step: ConnectionStep): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    this.deadline = Number.POSITIVE_INFINITY;
    const advice = this.#advice;
    step.events.push({ kind: 'ended', loss: advice === undefined || loss.advice ? loss : { ...loss, advice } });
  }

  /** Does what is due. Early or repeated calls do nothing. */
  handleTimeout(step: ConnectionStep): void {
    const { now } = step;
    const { csmTimeoutMs, idleTimeoutMs, pongTimeoutMs } = this.#parameters;
    if (this.#phase === 'ended') return;
    for (const pong of this.#custody.takeOverdue(now)) this.#pong(pong, false, step);
    if (this.#phase === 'awaiting-csm' && now >= this.#startedAt + csmTimeoutMs) {
      this.#counters.csmTimeouts++;
      this.abort({ reason: 'timeout', detail: 'no CSM in time' }, step);
    } else if (this.#releaseAt !== undefined && now >= this.#releaseAt) {
      this.end({ reason: 'released', detail: 'what was under way took too long to end' }, step);
    } else if (this.#pingedAt !== undefined && now >= this.#pingedAt + pongTimeoutMs) {
      this.#counters.idleTimeouts++;
      this.abort({ reason: 'timeout', detail: 'nothing came after a Ping' }, step);
    } else if (idleTimeoutMs > 0 && this.#pingedAt === undefined && now >= this.#heardAt + idleTimeoutMs) {
      this.#pingedAt = now;
      this.ping(NOTHING, false, step);
    }
    this.#setDeadline();
  }

  #handleDatagram(datagram: Uint8Array, step: ConnectionStep): void {
    this.#counters.messagesIn++;
    // "Empty messages (Code 0.00) can always be sent and MUST be ignored" (§3.4).
    if (datagram[1] === EMPTY_CODE) return;
    const { tokenBytesMax, optionCountMax } = this.#parameters;
    if (isRequestCode(datagram[1] as number)) this.#number(datagram);
    const message = decodeMessage(datagram, { extendedTokens: tokenBytesMax > TOKEN_LENGTH_MAX, optionCountMax });
    const isSignaling = codeClass(message.code) === 7;
    const isFirst = this.#phase === 'awaiting-csm' && message.code !== SignalingCode.Csm;
    if (isFirst && message.code !== SignalingCode.Abort) {
      // "Endpoints MUST treat a missing or invalid CSM as a connection error and abort the connection" (§3.3).
      this.#refuse('the first message is no CSM', 'RFC 8323 §3.3', step);
    } else if (isSignaling) {
      this.#handleSignaling(message, step);
    } else if (isRequestCode(message.code)) {
      this.#custody.noteRequest(message.token);
      step.events.push({ kind: 'message', message });
    } else if (isResponseCode(message.code)) {
      step.events.push({ kind: 'message', message });
    } else {
      // A reserved class: nothing to reject it with but the whole connection.
      this.#counters.ignored++;
    }
  }

  /** Requests have message IDs as over datagrams, so that an answer finds its request; they do not go over the wire. */
  #number(datagram: Uint8Array): void {
    const messageId = this.#nextMessageId;
    this.#nextMessageId = (messageId + 1) % MESSAGE_IDS;
    datagram[2] = messageId >>> 8;
    datagram[3] = messageId;
  }

  #handleSignaling(message: DecodedMessage, step: ConnectionStep): void {
    this.#counters.signalsIn++;
    const { recognized, unrecognizedCritical } = checkSignaling(message);
    const [unknown] = unrecognizedCritical;
    if (unknown !== undefined) {
      // "If a Signaling Option is critical and not understood by the receiver, it MUST abort the connection" (§5.2).
      const badCsmOption = message.code === SignalingCode.Csm ? unknown : undefined;
      this.#refuse(`option ${unknown} is not understood`, 'RFC 8323 §5.2', step, badCsmOption);
      return;
    }
    switch (message.code) {
      case SignalingCode.Csm:
        this.#handleCsm(recognized, step);
        return;
      case SignalingCode.Ping:
        this.#handlePing(message, recognized, step);
        return;
      case SignalingCode.Pong: {
        const hasCustody = recognized.some(({ number }) => number === SignalingOption.Custody);
        step.events.push({ kind: 'pong', token: message.token, hasCustody });
        return;
      }
      case SignalingCode.Release:
        this.#handleRelease(message, recognized, step);
        return;
      case SignalingCode.Abort:
        this.#counters.abortsIn++;
        this.end({ reason: 'aborted', detail: diagnosticText(message.payload) || 'no reason given' }, step);
        return;
      default:
        // A code of later times: elective by nature, since its critical options would have ended the connection.
        this.#counters.ignored++;
    }
  }

  #handleCsm(options: readonly Option[], step: ConnectionStep): void {
    for (const { number, value } of options) this.#settings.set(number, { number, value: value.slice() });
    const settings = [...this.#settings.values()].toSorted((left, right) => left.number - right.number);
    this.#capabilities = readCapabilities(settings);
    const isFirst = this.#phase === 'awaiting-csm';
    if (isFirst) this.#phase = this.#hasReleased ? 'releasing' : 'open';
    step.events.push({ kind: 'capabilities', capabilities: this.#capabilities, isFirst });
  }

  #handlePing(message: DecodedMessage, options: readonly Option[], step: ConnectionStep): void {
    const wantsCustody = options.some(({ number }) => number === SignalingOption.Custody);
    // "SHOULD delay its Pong message until it finishes processing all the request/response messages received prior" (§5.4.1).
    const isDelayed = wantsCustody && this.#custody.addPing(message.token, step.now);
    if (!isDelayed) this.#pong(message.token, wantsCustody && !this.#custody.hasUnanswered, step);
  }

  #pong(token: Uint8Array, hasCustody: boolean, step: ConnectionStep): void {
    const options = hasCustody ? [{ number: SignalingOption.Custody, value: NOTHING }] : [];
    this.#transmit({ code: SignalingCode.Pong, token, options, payload: NOTHING }, step);
  }

  #handleRelease(message: DecodedMessage, options: readonly Option[], step: ConnectionStep): void {
    this.#counters.releasesIn++;
    const isFirst = this.#advice === undefined;
    this.#advice = releaseAdviceOf(options, message.payload);
    if (!isFirst) return;
    this.#beginReleasing(step.now);
    step.events.push({ kind: 'release', advice: this.#advice });
  }

  #beginReleasing(now: Instant): void {
    if (this.#phase === 'open') this.#phase = 'releasing';
    this.#releaseAt ??= now + this.#parameters.releaseTimeoutMs;
  }

  #settle(token: Uint8Array, step: ConnectionStep): void {
    for (const pong of this.#custody.noteAnswered(token)) this.#pong(pong, true, step);
  }

  /** "the recipient rejects such messages by sending an Abort message" (RFC 8323 §5.6). */
  #refuseMalformed(error: DecodeError, step: ConnectionStep): void {
    this.#counters.malformed++;
    const detail =
      error.code === 'too-long'
        ? `a message is longer than ${this.#parameters.messageBytesMax} bytes`
        : `a message cannot be read: ${error.message}`;
    this.#refuse(detail, error.section, step);
  }

  #refuse(detail: string, section: string, step: ConnectionStep, badCsmOption?: number): void {
    this.abort({ reason: 'protocol', detail, section }, step, badCsmOption);
  }

  #transmit(message: ReliableMessage, step: ConnectionStep): void {
    const { messageSizeMax, tokenLengthMax } = this.#capabilities;
    const { length: tokenLength } = message.token;
    const isAnswer = isResponseCode(message.code);
    // The token of an answer is the peer's own, whatever it said of those that it takes.
    const options = { extendedTokens: isAnswer || tokenLengthMax > TOKEN_LENGTH_MAX };
    if (!isAnswer && tokenLength > Math.max(tokenLengthMax, TOKEN_LENGTH_MAX)) {
      throw new RangeError(`the peer takes tokens of at most ${tokenLengthMax} bytes (RFC 8974 §2.2.1)`);
    }
    const frame =
      this.#framing === 'message' ? encodeWebSocketMessage(message, options) : encodeFrame(message, options);
    // Signaling is short, and an Abort would only be cut off.
    if (frame.length > messageSizeMax && codeClass(message.code) !== 7) {
      const detail = `a message of ${frame.length} bytes is longer than the peer takes (${messageSizeMax}, RFC 8323 §5.3.1)`;
      if (!isAnswer || frame.length - tokenLength > SHORT_ANSWER_BYTES) throw new RangeError(detail);
      // Refusals and acknowledgements of blocks: nobody could say less, and nobody is there who could take an error.
      this.abort({ reason: 'protocol', detail, section: 'RFC 8323 §5.3.1' }, step);
      return;
    }
    this.#counters.messagesOut++;
    step.frames.push(frame);
  }

  #setDeadline(): void {
    if (this.#phase === 'ended') return;
    const { csmTimeoutMs, idleTimeoutMs, pongTimeoutMs } = this.#parameters;
    let deadline = Math.min(this.#custody.overdueAt, this.#releaseAt ?? Number.POSITIVE_INFINITY);
    if (this.#phase === 'awaiting-csm') deadline = Math.min(deadline, this.#startedAt + csmTimeoutMs);
    if (this.#pingedAt !== undefined) deadline = Math.min(deadline, this.#pingedAt + pongTimeoutMs);
    else if (idleTimeoutMs > 0) deadline = Math.min(deadline, this.#heardAt + idleTimeoutMs);
    this.deadline = deadline;
  }
}
