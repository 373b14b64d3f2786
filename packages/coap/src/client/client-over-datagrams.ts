import type { BlockParameters } from '../block/block-parameters.ts';
import type { RandomSource } from '../effects.ts';
import type { MakeBodyTransfers } from '../endpoint/body-transfers.ts';
import type { ClientParameters } from '../endpoint/client-parameters.ts';
import { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { MessageContext } from '../endpoint/endpoint-event.ts';
import type { NonConfirmableParameters } from '../message-layer/message-layer-parameters.ts';
import { PlainMessageLayer } from '../message-layer/plain-message-layer.ts';
import { type MakeTransmissions, PlainTransmissions } from '../message-layer/plain-transmissions.ts';
import { RecentMessages } from '../message-layer/recent-messages.ts';
import { openDatagrams } from '../open-datagrams.ts';
import { derivedTimes } from '../parameters.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import type { PlainClientParts } from './plain-client.ts';

/** What a client is told once: those of its parts have their defaults. */
export type PlainClientParameters = ClientParameters & Partial<BlockParameters> & Partial<NonConfirmableParameters>;

/** The parts that a client may be given. */
export interface ClientParts {
  /** Cuts and joins bodies of several blocks: `blockWise`. Default: nobody. */
  readonly bodies?: MakeBodyTransfers | undefined;
  /** Sends Non-confirmable requests, at PROBING_RATE: `nonConfirmable`. Default: nobody. */
  readonly transmissions?: MakeTransmissions | undefined;
}

/** What a client stands on over datagrams: a core that only asks, over a message layer. */
export function clientOverDatagrams(
  transport: DatagramTransport,
  parameters: PlainClientParameters,
  random: RandomSource,
  { bodies, transmissions }: ClientParts,
): Pick<PlainClientParts, 'transport' | 'core' | 'open' | 'requestTimeoutMs'> {
  const { requestTimeoutMs, duplicateBytesMax } = parameters;
  const recent = new RecentMessages({ ...derivedTimes(parameters), duplicateBytesMax });
  const sending = transmissions?.<MessageContext>(parameters, random) ?? new PlainTransmissions(parameters, random);
  const messages = new PlainMessageLayer<MessageContext>(parameters, sending, recent);
  const core = new EndpointCore({ parameters, random, messages, bodies });
  const open = openDatagrams(transport, (peer, bytes, now) =>
    core.take(messages.handleDatagram(peer, bytes, now), now),
  );
  return { transport, core, open, requestTimeoutMs };
}
