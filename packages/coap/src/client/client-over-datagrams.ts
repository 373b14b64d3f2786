import type { RandomSource } from '../effects.ts';
import type { MakeBodyTransfers } from '../endpoint/body-transfers.ts';
import { EndpointCore } from '../endpoint/endpoint-core.ts';
import type { MessageContext } from '../endpoint/endpoint-event.ts';
import type { EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { MessageLayer } from '../message-layer/message-layer.ts';
import { RecentMessages } from '../message-layer/recent-messages.ts';
import { openDatagrams } from '../open-datagrams.ts';
import { derivedTimes } from '../parameters.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import type { PlainClientParts } from './plain-client.ts';

/** What a client stands on over datagrams: a core that only asks, over a message layer. */
export function clientOverDatagrams(
  transport: DatagramTransport,
  parameters: EndpointParameters,
  random: RandomSource,
  bodies: MakeBodyTransfers | undefined,
): Pick<PlainClientParts, 'transport' | 'core' | 'open' | 'requestTimeoutMs'> {
  const { requestTimeoutMs, duplicateBytesMax } = parameters;
  const recent = new RecentMessages({ ...derivedTimes(parameters), duplicateBytesMax });
  const messages = new MessageLayer<MessageContext>(parameters, random, recent);
  const core = new EndpointCore({ parameters, random, messages, bodies });
  const open = openDatagrams(transport, (peer, bytes, now) =>
    core.take(messages.handleDatagram(peer, bytes, now), now),
  );
  return { transport, core, open, requestTimeoutMs };
}
