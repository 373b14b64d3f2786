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
  hasNotified = false;
  /** The latest Non-confirmable messages. */
  nons: RecentNons<Context> | undefined;

  constructor(id: PeerId, random: RandomSource, deadline: Instant, rto: PeerRto | undefined) {
    this.id = id;
    this.rto = rto;
    this.messageIds = new MessageIds(random);
    this.deadline = deadline;
  }
}

interface RecentNons<Context> {
  readonly ids: number[];
  readonly contexts: Context[];
  /** Where the next one goes. */
  next: number;
}

/** Remembers whose message a Non-confirmable one was, instead of the oldest of `max`. */
export function rememberNon<Context>(peer: PeerState<Context>, messageId: number, context: Context, max: number): void {
  peer.nons ??= { ids: [], contexts: [], next: 0 };
  const { nons } = peer;
  nons.ids[nons.next] = messageId;
  nons.contexts[nons.next] = context;
  nons.next = (nons.next + 1) % max;
}

/** Whose Non-confirmable message it was, if it is remembered. */
export function contextOfNon<Context>(peer: PeerState<Context> | undefined, messageId: number): Context | undefined {
  const index = peer?.nons?.ids.indexOf(messageId) ?? -1;
  return peer?.nons?.contexts[index];
}
