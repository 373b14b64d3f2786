import type { Instant, PeerId, RandomSource, Timer } from '../effects.ts';
import { MessageIds } from './message-ids.ts';
import type { RetransmissionPlan } from './retransmission-times.ts';
import type { PeerRto } from './rto-estimator.ts';

/** One Confirmable message on its way: waiting for NSTART, or for its Acknowledgement. */
export class Transmission<Context> implements Timer {
  readonly kind: 'transmission' = 'transmission';
  deadline: Instant;
  heapIndex = -1;
  /** To whom. */
  readonly peer: PeerState<Context>;
  /** What the sender gave. */
  readonly context: Context;
  /** The encoded message; bytes 2 and 3 are its message ID. */
  bytes: Uint8Array;
  /** Compared with the token of a piggybacked response (RFC 7252 §5.3.2). */
  token: Uint8Array;
  /** -1 while the message waits for NSTART. */
  messageId = -1;
  /** IDs under which the message that this one superseded was sent. */
  previousIds: number[] | undefined;
  /** A newer notification, which takes the place of this one when the current attempt ends (RFC 7641 §4.5.2). */
  successor: { readonly bytes: Uint8Array; readonly isConfirmable: boolean; readonly token: Uint8Array } | undefined;
  /** When the first attempt was made. */
  firstSentAt: Instant = 0;
  /** The retransmission counter (RFC 7252 §4.2). */
  retransmissions = 0;
  /** The wait after the latest attempt. */
  timeoutMs = 0;
  /** How many times as long the next wait is. */
  backOff = 2;
  /** How it is sent, where that is not as all others are. */
  plan: RetransmissionPlan | undefined;

  constructor(
    peer: PeerState<Context>,
    context: Context,
    message: { readonly bytes: Uint8Array; readonly token: Uint8Array },
    deadline: Instant,
  ) {
    this.peer = peer;
    this.context = context;
    this.bytes = message.bytes;
    this.token = message.token;
    this.deadline = deadline;
  }
}

/** What is known of a peer to which messages with IDs of ours were sent. Forgotten EXCHANGE_LIFETIME after the last. */
export class PeerState<Context> implements Timer {
  readonly kind: 'peer' = 'peer';
  deadline: Instant;
  heapIndex = -1;
  readonly id: PeerId;
  readonly messageIds: MessageIds;
  /** What is known of its round trips, where somebody estimates them. */
  readonly rto: PeerRto | undefined;
  /** By message ID, those before a superseding one included. */
  readonly inFlight: Map<number, Transmission<Context>> = new Map();
  /** How many Confirmable messages are not acknowledged: what NSTART limits. */
  outstanding = 0;
  /** Confirmable requests and responses that wait, oldest first. */
  readonly queue: Transmission<Context>[] = [];
  /** Confirmable notifications that wait, oldest first. */
  notifications: Set<Transmission<Context>> | undefined;
  /** Whether a notification had the latest turn. */
  #hasNotified = false;
  #recentIds: number[] | undefined;
  #recentContexts: Context[] | undefined;
  #recentNext = 0;

  constructor(id: PeerId, random: RandomSource, deadline: Instant, rto: PeerRto | undefined) {
    this.id = id;
    this.rto = rto;
    this.messageIds = new MessageIds(random);
    this.deadline = deadline;
  }

  /** Whether anything waits. */
  get isWaiting(): boolean {
    return this.queue.length > 0 || (this.notifications?.size ?? 0) > 0;
  }

  /**
   * The next of those that wait: requests and responses take turns with notifications, of which there may be very many.
   * It is only called where something waits.
   */
  takeWaiting(): Transmission<Context> {
    const [notification] = this.notifications ?? [];
    if (notification === undefined || (this.#hasNotified && this.queue.length > 0)) {
      this.#hasNotified = false;
      return this.queue.shift() as Transmission<Context>;
    }
    this.#hasNotified = true;
    this.forgetWaiting(notification);
    return notification;
  }

  /** Takes one out of those that wait. */
  forgetWaiting(transmission: Transmission<Context>): void {
    const index = this.queue.indexOf(transmission);
    if (index >= 0) this.queue.splice(index, 1);
    this.notifications?.delete(transmission);
    if (this.notifications?.size === 0) this.notifications = undefined;
  }

  /** Remembers whose message a Non-confirmable one was, instead of the oldest of `max`. */
  rememberNon(messageId: number, context: Context, max: number): void {
    this.#recentIds ??= [];
    this.#recentContexts ??= [];
    this.#recentIds[this.#recentNext] = messageId;
    this.#recentContexts[this.#recentNext] = context;
    this.#recentNext = (this.#recentNext + 1) % max;
  }

  /** Whose Non-confirmable message it was, if it is remembered. */
  contextOfNon(messageId: number): Context | undefined {
    const index = this.#recentIds?.indexOf(messageId) ?? -1;
    return this.#recentContexts?.[index];
  }
}
