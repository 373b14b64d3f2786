import type { BlockCounters } from '../block/block-counters.ts';
import type { BlockParameters } from '../block/block-parameters.ts';
import type { BodyPart } from '../block/outgoing-body.ts';
import type { Instant, PeerId } from '../effects.ts';
import type { Messaging } from '../messaging.ts';
import type { ClientParameters } from './client-parameters.ts';
import type { EndpointClient } from './endpoint-client.ts';
import type { EndpointEvent, EndpointStep, MessageContext } from './endpoint-event.ts';
import type { RequestCommand } from './request-command.ts';

/** What makes messages of bodies, between a client's requests and its exchanges. */
export interface BodyTransfers {
  /** How many bodies of several blocks are under way. */
  readonly count: number;
  /** When `handleTimeout` is to be called. */
  readonly wakeAt: Instant | undefined;
  /** What is counted of bodies. */
  readonly counters: BlockCounters;
  /** Sends a request or a ping. */
  start(command: RequestCommand, step: EndpointStep): void;
  /** The caller does not want the answer any more. */
  abandon(id: number, step: EndpointStep): void;
  /** The caller does not want notifications any more; a rest that is being fetched is not waited for. */
  dropFetch(id: number, step: EndpointStep): void;
  /** As `dropFetch`, for the observation with this token. */
  dropFetchOf(peer: PeerId, token: Uint8Array, step: EndpointStep): void;
  /** Takes the bytes that were asked for with `upload-wanted`. */
  provideUpload(id: number, part: BodyPart, step: EndpointStep): void;
  /** The asker took what came with `download-chunk`. */
  consumeDownload(id: number, step: EndpointStep): void;
  /** Does what is due, at most `workMax` transfers. */
  handleTimeout(workMax: number, step: EndpointStep): void;
  /**
   * Takes an event of the exchanges; `step.told` takes what the asker is told.
   *
   * @returns `false`: it is about none
   */
  handle(event: EndpointEvent, step: EndpointStep): boolean;
}

/** What the transfers of a client stand on. */
interface TransferFooting {
  /** Makes exchanges of single messages. */
  readonly client: EndpointClient;
  /** Those of the endpoint. */
  readonly parameters: ClientParameters & Partial<BlockParameters>;
  /** What carries the messages. */
  readonly messages: Messaging<MessageContext>;
}

/** Makes the `BodyTransfers` of a client: `blockWise`. */
export type MakeBodyTransfers = (footing: TransferFooting) => BodyTransfers;
