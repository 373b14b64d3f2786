import type { DecodeError } from '@motestack/bytes';
import type { ConnectionLoss } from '../connection/connection-event.ts';
import type { ConnectionLayerEvent } from '../connection/connection-layer-event.ts';
import type { Effects, Instant, PeerId, Transmit } from '../effects.ts';
import type { ClientExchange } from '../exchange/client-exchanges.ts';
import type { ServerExchange } from '../exchange/server-exchanges.ts';
import type { MessageEvent } from '../messaging.ts';
import type { Relation } from '../observe/relations.ts';
import type { Message, Option } from '../wire/index.ts';

/** Why a request, a ping or an observation came to nothing. */
export interface Failure {
  /** What happened. */
  readonly reason:
    | 'timeout'
    | 'reset'
    | 'unreachable'
    | 'connection-lost'
    | 'queue-full'
    | 'body-too-large'
    | 'body-changed'
    | 'protocol';
  /** `queue-full`, `body-too-large`: the name of the limit; `protocol`: what was wrong; else what was waited for. */
  readonly detail: string;
  /** `protocol`, `body-changed`: where the rule is written. */
  readonly section?: string;
  /** Whether it was never sent: it waited for its turn, or for a message ID, for too long. */
  readonly isUnsent?: boolean;
  /** `connection-lost`: why. */
  readonly loss?: ConnectionLoss;
}

/** Why a relation ended. */
export type RelationEndReason = 'reset' | 'timeout' | 'unreachable' | 'cancelled' | 'replaced' | 'error-answer';

/**
 * What an endpoint tells; bodies are whole unless somebody asked for them in blocks. `id` is the number that the asker gave a request, `exchangeId` one that the endpoint gave.
 *
 * - `request`: a new request, to be answered with `respond(exchangeId, …)`; `options` are those that count.
 * - `answered`, `unsent`: the answer was handed out for sending, or never will be, where that was asked for.
 * - `abandoned`: the answer is not wanted any more; 5.03 was sent for want of one, or by `failure` the peer is gone.
 * - `response`: the answer to a request or to the first request of an observation.
 * - `sent`: a message of a request left for the first time, where that is wanted: for each block of a body.
 * - `pong`: the peer is there.
 * - `told`: a request that wants no response has arrived, as far as that can be known.
 * - `failed`: there will be no answer.
 * - `notification`: of an observation; reordered ones are not told.
 * - `kept-notification`: of an observation that somebody else keeps, in whatever order they came.
 * - `observation-ended`, `relation-ended`: what we observe, what is observed here.
 * - `upload-wanted`: bytes of the body of a request, to be given with `provideUpload`.
 * - `download-chunk`: bytes of the body of a response that `isStreamed`; the next come after `consumeDownload`.
 * - `body-chunk`: bytes of the body of a request that `isStreamed`; the next come after `consumeBody`.
 * - `body-failed`: the rest of the body of a request does not come.
 * - `body-wanted`: bytes of the body of an answer, to be given with `provideBody`.
 * - `body-dropped`: no bytes of it will be wanted any more.
 * - `malformed`: bytes that are no message; only for the log.
 * - those of {@link ConnectionLayerEvent}: what becomes of connections, where there are such.
 */
export type EndpointEvent =
  | {
      readonly kind: 'request';
      readonly exchangeId: number;
      readonly peer: PeerId;
      readonly message: Message;
      readonly options: readonly Option[];
      readonly isStreamed?: boolean;
    }
  | { readonly kind: 'answered' | 'unsent'; readonly exchangeId: number }
  | { readonly kind: 'abandoned'; readonly exchangeId: number; readonly failure?: Failure }
  | {
      readonly kind: 'response';
      readonly id: number;
      readonly message: Message;
      readonly isEstablished: boolean;
      readonly isStreamed?: boolean;
      /** From whom, where that is not who was asked: see `ResponseMatching`. */
      readonly source?: PeerId;
    }
  | { readonly kind: 'upload-wanted'; readonly id: number; readonly offset: number; readonly length: number }
  | { readonly kind: 'download-chunk'; readonly id: number; readonly payload: Uint8Array; readonly isLast: boolean }
  | {
      readonly kind: 'body-chunk';
      readonly exchangeId: number;
      readonly payload: Uint8Array;
      readonly isLast: boolean;
    }
  | { readonly kind: 'body-failed'; readonly exchangeId: number; readonly failure: Failure }
  | { readonly kind: 'body-wanted'; readonly exchangeId: number; readonly offset: number; readonly length: number }
  | { readonly kind: 'body-dropped'; readonly exchangeId: number }
  | { readonly kind: 'sent' | 'pong' | 'told'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number; readonly failure: Failure }
  | { readonly kind: 'notification'; readonly id: number; readonly message: Message }
  | { readonly kind: 'kept-notification'; readonly peer: PeerId; readonly message: Message }
  | { readonly kind: 'observation-ended'; readonly id: number; readonly failure: Failure | undefined }
  | { readonly kind: 'relation-ended'; readonly relationId: number; readonly reason: RelationEndReason }
  | { readonly kind: 'malformed'; readonly peer: PeerId; readonly error: DecodeError }
  | ConnectionLayerEvent;

/** Where the effects of one step of an endpoint are gathered. */
export interface EndpointStep {
  readonly now: Instant;
  transmits: Transmit[];
  /** What exchanges of single messages come to; bodies are made of it. */
  events: EndpointEvent[];
  /** What the asker is told. */
  told: EndpointEvent[];
}

/** A sender that does not want to hear what becomes of its message. */
export interface Nobody {
  readonly role: 'nobody';
}

/** For whom the message layer sends a message. */
export type MessageContext = ClientExchange | ServerExchange | Relation | Nobody;

/** Takes effects of the message layer into a step of the endpoint. */
export type Absorb = (step: EndpointStep, effects: Effects<MessageEvent<MessageContext>>) => void;
