import { type NetworkFaults, SimulatedNetwork } from '@motestack/testkit';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { DatagramReceiver, DatagramTransport } from '../platform/transport.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import { type GroupParameters, GroupTransport, MulticastClient, type MulticastClientParameters } from './index.ts';

export const GROUP = '224.0.1.187:5683';

/** A member of the group: it answers what comes to the group and to itself by the same handler. */
interface Member {
  readonly address: string;
  readonly groupTransport: GroupTransport;
  readonly groupEndpoint: CoapEndpoint;
  readonly unicastEndpoint: CoapEndpoint;
}

/** A network with a group: what is sent to `GROUP` comes to each member, or is lost on the way to some. */
export interface GroupNetwork {
  readonly network: SimulatedNetwork;
  readonly members: readonly Member[];
  readonly client: MulticastClient;
  readonly clientEndpoint: CoapEndpoint;
  close(): Promise<void>;
}

/** Makes a group of `count` members; `handlerOf` gives the handler of each. */
export function groupNetwork(
  count: number,
  handlerOf: (index: number) => RequestHandler,
  options: {
    readonly faults?: NetworkFaults & { readonly seed?: number };
    readonly group?: Partial<GroupParameters>;
    readonly client?: Partial<MulticastClientParameters>;
  } = {},
): GroupNetwork {
  const network = new SimulatedNetwork({ seed: 1, ...options.faults });
  const { clock, randomSource: random } = network;
  const receivers: DatagramReceiver[] = [];
  // Stands for the routers: each copy is lost on its own.
  network.transport(GROUP).open({
    datagram: (peer, bytes) => {
      for (const receiver of receivers) {
        if (network.random() >= (options.faults?.loss ?? 0)) receiver.datagram(peer, bytes.slice());
      }
    },
    unreachable: () => undefined,
    closed: () => undefined,
  });
  const members = Array.from({ length: count }, (_, index): Member => {
    const address = `10.0.1.${index + 1}:5683`;
    const handler = handlerOf(index);
    const unicast = network.transport(address);
    const group: DatagramTransport = {
      localUrl: `coap://${GROUP}`,
      remote: undefined,
      open: (receiver) => receivers.push(receiver),
      send: () => {
        throw new Error('nothing is sent by the socket of a group');
      },
      close: () => Promise.resolve(),
    };
    const groupTransport = new GroupTransport({ group, unicast, clock, random, parameters: options.group });
    const unicastEndpoint = new CoapEndpoint({ transport: unicast, clock, random, handler });
    const groupEndpoint = new CoapEndpoint({ transport: groupTransport, clock, random, handler });
    return { address, groupTransport, groupEndpoint, unicastEndpoint };
  });
  const clientEndpoint = new CoapEndpoint({ transport: network.transport('10.0.0.9:40001'), clock, random });
  const client = new MulticastClient({
    transport: network.transport('10.0.0.9:40000'),
    clock,
    random,
    unicast: clientEndpoint,
    parameters: options.client,
  });
  const close = async (): Promise<void> => {
    await client.close();
    await clientEndpoint.close();
    for (const { groupEndpoint, unicastEndpoint } of members) {
      await groupEndpoint.close();
      await unicastEndpoint.close();
    }
  };
  return { network, members, client, clientEndpoint, close };
}

/** All responses that come. */
export async function collect<T>(responses: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const response of responses) all.push(response);
  return all;
}
