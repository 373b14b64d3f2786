import { ClientTransfer, type TransferInit } from '../block/client-transfer.ts';
import type { EndpointEvent } from './endpoint-event.ts';
import type { RequestCommand } from './request-command.ts';

/** One transfer of ours, and for whom it is. */
export class EndpointTransfer extends ClientTransfer {
  readonly command: RequestCommand;
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

  constructor(command: RequestCommand, tells: 'response' | 'notification', init: TransferInit) {
    super(command, init);
    this.command = command;
    this.tells = tells;
  }
}
