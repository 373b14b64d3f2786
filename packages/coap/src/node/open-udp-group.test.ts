import { networkInterfaces } from 'node:os';
import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { afterEach, describe, expect, test } from 'vitest';
import { GroupTransport, MulticastClient } from '../multicast/index.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import { AllCoapNodes, CoapEndpoint, nodeClock, nodeRandom, openUdp, openUdpGroup, resolvePeer } from './index.ts';

const platform = { clock: nodeClock, random: nodeRandom };
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const it of open.splice(0).toReversed()) await it.close();
});

function keep<T extends { close(): Promise<void> }>(it: T): T {
  open.push(it);
  return it;
}

const portOf = ({ localUrl }: DatagramTransport): number => Number(/\d+$/.exec(localUrl)?.[0]);

/** A group on this machine alone, where the machine lets groups be joined. */
interface Place {
  readonly name: string;
  readonly address: string;
  readonly interface: string;
  readonly host: string;
  /** How the client writes the group. */
  readonly target: string;
}

/** IPv6 has no group on the loopback interface of Linux: another is used, with no hop to leave the machine. */
function places(): Place[] {
  const ipv4: Place = {
    name: 'IPv4, loopback',
    address: AllCoapNodes.Ipv4,
    interface: '127.0.0.1',
    host: '127.0.0.1',
    target: AllCoapNodes.Ipv4,
  };
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    const found = addresses?.find(({ address, family }) => family === 'IPv6' && address.startsWith('fe80:'));
    if (found === undefined) continue;
    const host = `${found.address}%${name}`;
    const target = `[${AllCoapNodes.Ipv6LinkLocal}%${name}]`;
    return [ipv4, { name: 'IPv6, link-local', address: AllCoapNodes.Ipv6LinkLocal, interface: name, host, target }];
  }
  return [ipv4];
}

/** What keeps this machine from having a group, by its code. */
async function obstacle(place: Place): Promise<string | undefined> {
  try {
    const transport = await openUdpGroup({ address: place.address, interface: place.interface, port: 0 });
    await transport.close();
    return undefined;
  } catch (error) {
    return String(error);
  }
}

async function member(place: Place, port: number | undefined, handler: RequestHandler) {
  const unicast = await openUdp({ host: place.host });
  const group = await openUdpGroup({ address: place.address, interface: place.interface, port });
  const transport = new GroupTransport({ group, unicast, ...platform, parameters: { leisureMs: 50 } });
  keep(new CoapEndpoint({ transport: unicast, ...platform, handler }));
  keep(new CoapEndpoint({ transport, ...platform, handler }));
  return { port: portOf(group), address: await resolvePeer(unicast.localUrl) };
}

for (const place of places()) {
  const why = await obstacle(place);
  describe(place.name, () => {
    test(why === undefined ? 'two members answer' : `NOT TESTED: this machine joins no group: ${why}`, async () => {
      if (why !== undefined) return;
      const handler: RequestHandler = () => ({ code: 0x45, payload: encodeUtf8('here '.repeat(300)) });
      const first = await member(place, 0, handler);
      const second = await member(place, first.port, handler);
      const multicast = { interface: place.interface, hops: 0 };
      const unicast = keep(new CoapEndpoint({ transport: await openUdp({ host: place.host }), ...platform }));
      const client = keep(
        new MulticastClient({ transport: await openUdp({ host: place.host, multicast }), ...platform, unicast }),
      );
      const target = `${place.target}:${first.port}`;
      const answered: string[] = [];
      for await (const { peer, payload, isComplete } of client.request(target, { method: 'GET' })) {
        // The rest of the body came from the member alone.
        expect([isComplete, decodeUtf8(payload)]).toEqual([true, 'here '.repeat(300)]);
        answered.push(peer);
        if (answered.length === 2) break;
      }
      expect(new Set(answered)).toEqual(new Set([first.address, second.address]));
    });
  });
}

test('what is no group is refused', async () => {
  await expect(openUdpGroup({ address: 'localhost', port: 0 })).rejects.toThrow(TypeError);
  await expect(openUdpGroup({ address: '127.0.0.1', port: 0 })).rejects.toThrow(/EINVAL/);
});
