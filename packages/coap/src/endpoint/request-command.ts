import type { UploadInit } from '../block/client-transfer.ts';
import type { PeerId } from '../effects.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import type { RetransmissionParameters } from '../parameters.ts';
import type { Option } from '../wire/index.ts';

/** A request, or a ping, that is to be sent. */
export interface RequestCommand {
  /** Given by the asker; comes back in the events, and is also that of the observation. Never used twice. */
  readonly id: number;
  /** Who is asked. */
  readonly peer: PeerId;
  /** `observe` and `cancel` add Observe 0 and 1; `ping` sends an empty message, whatever the other fields say. */
  readonly purpose: ExchangePurpose;
  /** The exchange fails when so much time has passed; where bodies go in several blocks, so much for each. */
  readonly timeoutMs: number;
  /** What goes in several blocks fails when so much time has passed. Default: the parameter of this name. */
  readonly bodyTimeoutMs?: number | undefined;
  /** For `cancel`: the token of the observation (RFC 7641 §3.6); for `observe`: of the one that it takes the place of. */
  readonly token?: Uint8Array | undefined;
  /** Whether it is sent until it is acknowledged. */
  readonly isConfirmable: boolean;
  /** What is other than the parameters of the endpoint, for each of its messages that is Confirmable. */
  readonly retransmission?: Partial<RetransmissionParameters> | undefined;
  /** Whether the event `sent` is wanted. */
  readonly isSendingTold?: boolean | undefined;
  /** The method's code. */
  readonly code: number;
  /** In any order, without Observe. With a block option among them nothing is cut or joined. */
  readonly options: readonly Option[];
  /** Of any length, empty where there is none. */
  readonly payload: Uint8Array;
  /** That the body is asked for with `upload-wanted`; `payload` is empty. */
  readonly upload?: UploadInit | undefined;
  /** How long the whole body is, where the payload is a part of it or is asked for. */
  readonly payloadSize?: number | undefined;
  /** The number of the first block that is sent, or where nothing is sent, fetched. Default: 0. */
  readonly startBlock?: number | undefined;
  /** Whether the body of a response of several blocks is told as it comes, with `download-chunk`. Default: no. */
  readonly streamsResponse?: boolean | undefined;
}
