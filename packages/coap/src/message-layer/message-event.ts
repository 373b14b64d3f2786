import type { DecodeError } from '@motestack/bytes';
import type { PeerId } from '../effects.ts';
import type { DecodedMessage, Option } from '../wire/index.ts';

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
  | { readonly kind: 'malformed'; readonly peer: PeerId; readonly error: DecodeError };
