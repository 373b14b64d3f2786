import type { DecodeError } from '@motestack/bytes';
import type { BlockLimits } from './block/block-size.ts';
import type { ConnectionLayerEvent } from './connection/connection-layer-event.ts';
import type { Effects, Instant, PeerId } from './effects.ts';
import type { RetransmissionParameters } from './parameters.ts';
import type { DecodedMessage, Option } from './wire/index.ts';

/**
 * What carries messages beneath an endpoint: a message layer over datagrams, or connections over a reliable transport.
 * Every method is a step, and returns all that is to be done.
 *
 * What comes in has a form of its own in each: a datagram, or bytes of a connection that comes and goes. What a layer
 * makes of it goes to `EndpointCore.take`.
 *
 * Over a reliable transport every message arrives, or the connection ends: a Confirmable one is `acknowledged` when it
 * is handed out, and nothing is retransmitted. There are no message IDs on the wire, so the layer numbers what it
 * receives: `messageId` below is that of the decoded message, whoever gave it.
 *
 * @typeParam Context what the sender of a message gives with it, and gets back with what becomes of it
 * @see RFC 7252 §4; RFC 8323 §2
 */
export interface Messaging<Context extends object> {
  /**
   * Whether what is sent arrives in order, or the connection ends: then notifications are never out of order, and an
   * observation is ended by a request (RFC 8323 §7.1, §7.4). Default: no.
   */
  readonly isReliable?: boolean;

  /** When `handleTimeout` is to be called; `undefined`: nothing is due at any time. */
  readonly wakeAt: Instant | undefined;

  /** What the layer counts and holds, by name; those of `EndpointStats` that it has not are 0. */
  stats(): Readonly<Record<string, number>>;

  /** How many messages are not handed out, or not acknowledged yet: they keep an endpoint from being idle. */
  readonly transmissionCount: number;

  /**
   * Sends a request, a separate response or a notification.
   *
   * @param context comes back in the events about this message; one Confirmable message at a time for each
   * @throws {RangeError} a message that does not fit the format or is longer than the peer or the layer takes
   */
  send(peer: PeerId, message: OutgoingMessage, context: Context, now: Instant): Effects<MessageEvent<Context>>;

  /** Asks whether the peer is there: event `reset` or `acknowledged` of `context` (RFC 7252 §4.3; RFC 8323 §5.4). */
  ping(peer: PeerId, context: Context, now: Instant): Effects<MessageEvent<Context>>;

  /** Stops sending the Confirmable message of a context: it is known to have arrived, or not wanted any more. */
  stop(context: Context, now: Instant): Effects<MessageEvent<Context>>;

  /** Acknowledges a Confirmable message: a response, or a request that is answered later. */
  acknowledge(peer: PeerId, messageId: number, now: Instant): Effects<MessageEvent<Context>>;

  /** Rejects a message with a Reset, where there is such a thing (RFC 7252 §4.2); else it is ignored. */
  reject(peer: PeerId, messageId: number, now: Instant): Effects<MessageEvent<Context>>;

  /** A peer cannot be reached: what waits for it ends with `gave-up`. */
  handleUnreachable(peer: PeerId, now: Instant): Effects<MessageEvent<Context>>;

  /**
   * What a peer said of the messages that it takes (RFC 8323 §5.3): bodies are cut accordingly.
   *
   * @returns `undefined`, or no such method: a datagram holds one block of `blockSzx`
   */
  blockLimits?(peer: PeerId): BlockLimits | undefined;

  /** Nothing is observed with this token any more, here or there: a layer that joins messages forgets it. */
  forgetToken?(peer: PeerId, token: Uint8Array, now: Instant): void;

  /** Does what is due. Early or repeated calls do nothing. */
  handleTimeout(now: Instant): Effects<MessageEvent<Context>>;
}

/**
 * What carries the messages of an endpoint that serves.
 *
 * @typeParam Context as of {@link Messaging}
 */
export interface ServingMessaging<Context extends object> extends Messaging<Context> {
  /**
   * Lets a newer message take the place of the one that is under way with this context (RFC 7641 §4.5.2).
   *
   * @returns `false`: nothing is under way, `send` it instead
   * @throws {RangeError} as `send` does
   */
  supersede(context: Context, message: OutgoingMessage): boolean;

  /**
   * Answers a Confirmable request at once, in its Acknowledgement where there is one (RFC 7252 §5.2.1). Duplicates of the
   * request get the same, unless it `isRepeatable`: "a server might relax the requirement" for them (§4.5).
   *
   * @throws {RangeError} as `send` does
   */
  respond(peer: PeerId, messageId: number, response: PiggybackedResponse, now: Instant): Effects<MessageEvent<Context>>;
}

/** A message without a message ID: the layer gives it one. */
export interface OutgoingMessage {
  /** Whether it is sent until the peer acknowledges it. */
  readonly isConfirmable: boolean;
  /** Class and detail. */
  readonly code: number;
  /** 0 to 8 bytes. */
  readonly token: Uint8Array;
  /** In any order. */
  readonly options: readonly Option[];
  /** Empty where there is none. */
  readonly payload: Uint8Array;
  /**
   * Whether it is the newest notification of its relation, which is its context: then it is never refused for those that
   * wait before it. Default: no.
   */
  readonly isNotification?: boolean | undefined;
  /** What is other than for all messages, where it is sent until it is acknowledged. Default: nothing. */
  readonly retransmission?: Partial<RetransmissionParameters> | undefined;
  /**
   * Whether a Non-confirmable one is held to PROBING_RATE (RFC 7252 §4.7); default: requests are. Blocks of a body are
   * not, one by one (RFC 9177 §7.2).
   */
  readonly isProbe?: boolean;
  /** Whether `sent` is told of a Non-confirmable request too. Default: no. */
  readonly isSendingTold?: boolean | undefined;
}

/** What goes into the Acknowledgement of a request. */
export interface PiggybackedResponse extends Omit<OutgoingMessage, 'isConfirmable'> {
  /** Whether a duplicate of the request may run as a new one: the response is not kept then (RFC 7252 §4.5). */
  readonly isRepeatable?: boolean | undefined;
}

/** Why a Confirmable message was given up. */
export type GiveUpReason = 'timeout' | 'queue-timeout' | 'unreachable';

/** What becomes of a message that was given to the layer. */
export type OutcomeEvent<Context> =
  | { readonly kind: 'sent' | 'acknowledged' | 'reset'; readonly context: Context }
  | { readonly kind: 'gave-up'; readonly context: Context; readonly reason: GiveUpReason }
  | { readonly kind: 'refused'; readonly context: Context; readonly limit: string }
  | { readonly kind: 'garbled'; readonly context: Context; readonly detail: string; readonly section: string };

/**
 * What the message layer tells. `context` is what the sender of the message gave with it.
 *
 * - `request`: a new request. It is to be answered with `respond`, or `acknowledge` and later `send`.
 * - `response`: a new response; `context` is that of the request on whose Acknowledgement it came. A Confirmable one is
 *   to be answered with `acknowledge` or `reject`.
 * - `sent`: a Confirmable message was sent for the first time.
 * - `acknowledged`, `reset`, `gave-up`: how the transmission of a message ended.
 * - `refused`: the message was not sent, since the limit named is reached.
 * - `garbled`: the Acknowledgement of a message carries a response that cannot be taken; `section` is the rule.
 * - `malformed`: bytes that are not a message; the peer was told if it is to be told.
 * - those of {@link ConnectionLayerEvent}: what becomes of connections, where there are such.
 */
export type MessageEvent<Context> =
  | OutcomeEvent<Context>
  | { readonly kind: 'request'; readonly peer: PeerId; readonly message: DecodedMessage }
  | {
      readonly kind: 'response';
      readonly peer: PeerId;
      readonly message: DecodedMessage;
      readonly context: Context | undefined;
    }
  | { readonly kind: 'malformed'; readonly peer: PeerId; readonly error: DecodeError }
  | ConnectionLayerEvent;
