import { newBlockCounters } from '../block/block-counters.ts';
import type { Instant, PeerId } from '../effects.ts';
import type { EndpointClient } from '../endpoint/endpoint-client.ts';
import type { EndpointEvent, EndpointStep } from '../endpoint/endpoint-event.ts';
import type { EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import type { TransferCommand } from '../endpoint/endpoint-transfer.ts';
import { EndpointTransfers } from '../endpoint/endpoint-transfers.ts';

/** What makes messages of bodies, between a client's requests and its exchanges. */
export interface BodyTransfers {
  /** How many bodies are under way. */
  readonly count: number;
  /** When `handleTimeout` is to be called. */
  readonly wakeAt: Instant | undefined;
  /** Sends a request or a ping. */
  start(command: TransferCommand, step: EndpointStep): void;
  /** Forgets a request. */
  abandon(id: number, step: EndpointStep): void;
  /** Does not wait for the rest of a notification. */
  dropFetch(id: number, step: EndpointStep): void;
  /** As `dropFetch`, by token. */
  dropFetchOf(peer: PeerId, token: Uint8Array, step: EndpointStep): void;
  /** Does what is due. */
  handleTimeout(workMax: number, step: EndpointStep): void;
  /** Takes an event of the exchanges, if it is about a body. */
  handles(event: EndpointEvent, step: EndpointStep): boolean;
}

/** Makes the `BodyTransfers` of a client. */
export type MakeBodyTransfers = (
  client: EndpointClient,
  parameters: EndpointParameters,
  exchangeLifetimeMs: number,
) => BodyTransfers;

/** The part of a `SmallClient` that cuts and joins bodies of several blocks, notifications too (RFC 7959). */
export const blockWise: MakeBodyTransfers = (client, parameters, exchangeLifetimeMs) =>
  new SmallTransfers({
    client,
    parameters,
    exchangeLifetimeMs,
    counters: newBlockCounters(),
    blockLimits: () => undefined,
  });

class SmallTransfers extends EndpointTransfers implements BodyTransfers {
  handles(event: EndpointEvent, step: EndpointStep): boolean {
    const { kind } = event;
    if (kind !== 'response' && kind !== 'failed' && kind !== 'notification' && kind !== 'observation-ended')
      return false;
    this.handle(event, step);
    return true;
  }
}
