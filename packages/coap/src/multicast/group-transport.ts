import { DecodeError } from '@motestack/bytes';
import type { Instant, PeerId, RandomSource } from '../effects.ts';
import { defaultTransmissionParameters, derivedTimes } from '../parameters.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramReceiver, DatagramTransport } from '../platform/transport.ts';
import {
  type DecodedMessage,
  decodeMessage,
  encodeMessage,
  hasOption,
  isRequestCode,
  MessageType,
  OptionNumber,
} from '../wire/index.ts';
import { tokenKey } from '../wire/token-key.ts';
import { type GroupCounters, type GroupParameters, resolveGroupParameters } from './group-parameters.ts';
import { isAnswerWanted } from './is-answer-wanted.ts';

/** What a group transport joins. */
export interface GroupTransportOptions {
  /** The socket that joined the group; closed with the transport. */
  readonly group: DatagramTransport;
  /** Sends the answers: what they come from is where a client asks for the rest. Not closed here. */
  readonly unicast: Pick<DatagramTransport, 'send'>;
  /** Tells and waits. */
  readonly clock: Clock;
  /** Draws the time of each answer. */
  readonly random: RandomSource;
  /** What differs from `defaultGroupParameters`. */
  readonly parameters?: Partial<GroupParameters> | undefined;
}

interface PendingRequest {
  readonly receivedAt: Instant;
  /** The value of No-Response (RFC 7967); `undefined`: it was not in the request. */
  readonly noResponse: number | undefined;
}

/** What is answered later than this, nobody waits for. */
const PENDING_MS_MAX = derivedTimes(defaultTransmissionParameters).nonLifetimeMs;

/**
 * What comes to a multicast group, as a transport for an endpoint of its own: only Non-confirmable requests come
 * through, and of what the endpoint answers only what is useful goes out, at some time within the leisure, from the
 * unicast address.
 *
 * @see RFC 7252 §8
 * @example
 * const transport = new GroupTransport({ group, unicast, clock, random });
 * const members = new CoapEndpoint({ transport, clock, random, handler });
 */
export class GroupTransport implements DatagramTransport {
  readonly localUrl: string;
  readonly remote: undefined = undefined;
  /** What was counted so far. */
  readonly counters: GroupCounters = { ignored: 0, suppressed: 0, dropped: 0 };
  readonly #group: DatagramTransport;
  readonly #unicast: Pick<DatagramTransport, 'send'>;
  readonly #clock: Clock;
  readonly #random: RandomSource;
  readonly #parameters: GroupParameters;
  /** By peer and token, oldest first. */
  readonly #pending = new Map<string, PendingRequest>();
  readonly #scheduled = new Set<() => void>();
  #leisureEndsAt: Instant = Number.NEGATIVE_INFINITY;

  /** @throws {RangeError} a parameter that means nothing */
  constructor(options: GroupTransportOptions) {
    this.#parameters = resolveGroupParameters(options.parameters);
    this.localUrl = options.group.localUrl;
    this.#group = options.group;
    this.#unicast = options.unicast;
    this.#clock = options.clock;
    this.#random = options.random;
  }

  open(receiver: DatagramReceiver): void {
    this.#group.open({
      datagram: (peer, bytes) => this.#take(peer, bytes, receiver),
      unreachable: (peer, cause) => receiver.unreachable(peer, cause),
      closed: (cause) => receiver.closed(cause),
    });
  }

  send(peer: PeerId, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    const key = keyOf(peer, message);
    const request = this.#pending.get(key);
    // "it MUST NOT return a Reset message" (RFC 7252 §8.1); and nothing goes out that is no answer.
    const isAnswer = message.type === MessageType.NonConfirmable && request !== undefined;
    if (isAnswer) this.#pending.delete(key);
    if (!isAnswer || !isAnswerWanted(message, request.noResponse)) this.counters.suppressed++;
    else if (this.#scheduled.size >= this.#parameters.groupRequestsMax) this.counters.dropped++;
    else this.#sendLater(peer, bytes.slice());
  }

  close(): Promise<void> {
    for (const cancel of this.#scheduled) cancel();
    this.#scheduled.clear();
    this.#pending.clear();
    return this.#group.close();
  }

  #take(peer: PeerId, bytes: Uint8Array, receiver: DatagramReceiver): void {
    const message = readRequest(bytes);
    if (message === undefined) {
      this.counters.ignored++;
      return;
    }
    this.#remember(keyOf(peer, message), noResponseOf(message));
    // Nobody observes by multicast (RFC 7641 knows it not): the option is elective and goes.
    const isObserve = hasOption(message, OptionNumber.Observe);
    receiver.datagram(peer, isObserve ? encodeMessage(withoutObserve(message)) : bytes);
  }

  #remember(key: string, noResponse: number | undefined): void {
    const now = this.#clock.now();
    this.#pending.delete(key);
    for (const [oldestKey, { receivedAt }] of this.#pending) {
      const isFull = this.#pending.size >= this.#parameters.groupRequestsMax;
      if (!isFull && now - receivedAt < PENDING_MS_MAX) break;
      if (isFull) this.counters.dropped++;
      this.#pending.delete(oldestKey);
    }
    this.#pending.set(key, { receivedAt: now, noResponse });
  }

  /** "a random point of time within the chosen leisure period" (RFC 7252 §8.2). */
  #sendLater(peer: PeerId, bytes: Uint8Array): void {
    const now = this.#clock.now();
    const { leisureMs } = this.#parameters;
    const draw = new Uint8Array(4);
    this.#random.fill(draw);
    const fraction = new DataView(draw.buffer).getUint32(0) / 2 ** 32;
    // "a new leisure period starts at the earliest after the previous one finishes".
    const startsAt = Math.max(now, this.#leisureEndsAt);
    if (startsAt - now > PENDING_MS_MAX) {
      this.counters.dropped++;
      return;
    }
    this.#leisureEndsAt = startsAt + leisureMs;
    const cancel = this.#clock.schedule(startsAt + fraction * leisureMs, () => {
      this.#scheduled.delete(cancel);
      this.#unicast.send(peer, bytes);
    });
    this.#scheduled.add(cancel);
  }
}

/** Reads what a request to a group may be; anything else gets no word. */
function readRequest(bytes: Uint8Array): DecodedMessage | undefined {
  try {
    const message = decodeMessage(bytes);
    // "Such multicast requests MUST be Non-confirmable" (RFC 7252 §8.1).
    return message.type === MessageType.NonConfirmable && isRequestCode(message.code) ? message : undefined;
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}

function noResponseOf(message: DecodedMessage): number | undefined {
  for (const { number, value } of message.options) {
    if (number === OptionNumber.NoResponse && value.length <= 1) return value[0] ?? 0;
  }
  return undefined;
}

function withoutObserve({ type, code, messageId, token, options, payload }: DecodedMessage) {
  return { type, code, messageId, token, options: options.filter(isNotObserve), payload };
}

function isNotObserve({ number }: { readonly number: number }): boolean {
  return number !== OptionNumber.Observe;
}

function keyOf(peer: PeerId, { token }: Pick<DecodedMessage, 'token'>): string {
  return `${peer} ${tokenKey(token)}`;
}
