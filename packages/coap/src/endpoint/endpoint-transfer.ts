import { ClientTransfer, type TransferInit, type WholeRequest } from '../block/client-transfer.ts';
import type { PeerId } from '../effects.ts';
import type { ExchangePurpose } from '../exchange/client-exchanges.ts';
import type { RetransmissionParameters } from '../parameters.ts';
import type { EndpointEvent } from './endpoint-event.ts';

/** A request as it is asked for, or a ping. */
export interface TransferCommand extends WholeRequest {
  /** Comes back in the events; also that of every message of the transfer, since they follow each other. */
  readonly id: number;
  readonly peer: PeerId;
  readonly purpose: ExchangePurpose;
  /** The time of each message. */
  readonly timeoutMs: number;
  /** The time of the whole. */
  readonly bodyTimeoutMs?: number | undefined;
  /** For `cancel`: that of the observation. */
  readonly token?: Uint8Array | undefined;
  /** Of each message. */
  readonly retransmission?: Partial<RetransmissionParameters> | undefined;
  /** Whether the event `sent` is wanted. */
  readonly isSendingTold?: boolean | undefined;
}

/** One transfer of ours, and for whom it is. */
export class EndpointTransfer extends ClientTransfer {
  readonly command: TransferCommand;
  /** What is told at its end: the response of a request, or a notification. */
  readonly tells: 'response' | 'notification';
  /** Whether the peer took the observation that is asked for. */
  isEstablished = false;
  /** The observation ended meanwhile; that is told afterwards. */
  end: Extract<EndpointEvent, { readonly kind: 'observation-ended' }> | undefined;
  /** Which operation the blocks that it sends belong to. */
  uploadKey: string | undefined;
  /** The token of the first block of the request, which all later ones carry, both ways. */
  uploadToken: Uint8Array | undefined;
  /** Whether a block of the response is with the asker, and the next one is not asked for yet. */
  isHeld = false;

  constructor(command: TransferCommand, tells: 'response' | 'notification', init: TransferInit) {
    super(command, init);
    this.command = command;
    this.tells = tells;
  }
}
