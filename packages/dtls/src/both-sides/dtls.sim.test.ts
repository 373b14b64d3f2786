import { fromHex, toHex } from '@motestack/bytes';
import { type NetworkFaults, SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { DtlsClientTransport } from '../client/dtls-client-transport.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import type { DtlsParameters } from '../parameters.ts';
import { type DtlsPeer, DtlsServerTransport } from '../server/dtls-server-transport.ts';
import { psk } from './dtls-pair.fixture.ts';

const serverAddress = '10.0.0.1:5684';
/** Long enough for anything but a link that is dead. */
const patience: Partial<DtlsParameters> = { handshakeTimeoutMs: 3_600_000, retransmitMsMax: 8000 };

interface Side {
  readonly client: DtlsClientTransport;
  readonly server: DtlsServerTransport;
  readonly network: SimulatedNetwork;
  /** What came to the client, by hexadecimal digits. */
  readonly heard: string[];
  readonly served: string[];
  readonly peers: DtlsPeer[];
}

function open(seed: number, faults: NetworkFaults, parameters: Partial<DtlsParameters> = {}): Side {
  const network = new SimulatedNetwork({ seed, ...faults });
  const common = { clock: network.clock, provider: nodeCryptoProvider, random: network.randomSource };
  const all = { ...patience, ...parameters };
  const [heard, served, peers]: [string[], string[], DtlsPeer[]] = [[], [], []];
  const server = new DtlsServerTransport({
    ...common,
    transport: network.transport(serverAddress),
    pskOf: () => Promise.resolve(psk.key),
    parameters: all,
  });
  server.open({
    datagram: (peer, bytes) => {
      const known = server.peerOf(peer);
      if (known !== undefined) peers.push(known);
      served.push(toHex(bytes));
      server.send(peer, bytes);
    },
    unreachable: () => {},
    closed: () => {},
  });
  const client = new DtlsClientTransport({
    ...common,
    transport: network.transport('10.0.0.2:40000', { remote: serverAddress }),
    psk,
    parameters: all,
  });
  client.open({ datagram: (_peer, bytes) => heard.push(toHex(bytes)), unreachable: () => {}, closed: () => {} });
  return { client, server, network, heard, served, peers };
}

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

describe('a handshake over a bad link ends well, and what is sent is shown at most once', () => {
  test.each([
    ['a good link', {}],
    ['10 % lost', { loss: 0.1 }],
    ['30 % lost', { loss: 0.3 }],
    ['50 % lost', { loss: 0.5 }],
    ['all doubled', { duplication: 1 }],
    ['half of it out of order', { reordering: 0.5, delayMs: [10, 400] }],
    ['all of that', { loss: 0.3, duplication: 0.3, reordering: 0.3, delayMs: [10, 1500] }],
  ] as const)('%s', async (_name, faults) => {
    for (const seed of seeds) {
      const side = open(seed, { ...faults }, { datagramBytesMax: seed % 2 === 0 ? 64 : 1232 });
      await side.network.settle(side.client.connect(), 3_600_000);
      for (let index = 0; index < 50; index++) {
        side.client.send(serverAddress, Uint8Array.of(index));
        await side.network.run(side.network.clock.now() + 100);
      }
      await side.network.run(side.network.clock.now() + 20_000);
      expect(new Set(side.served).size, `seed ${seed}`).toBe(side.served.length);
      expect(new Set(side.heard).size, `seed ${seed}`).toBe(side.heard.length);
      expect(side.heard.length, `seed ${seed}`).toBeGreaterThan(0);
      if (!('loss' in faults)) expect(side.heard.length, `seed ${seed}`).toBeGreaterThanOrEqual(48);
      expect(side.peers[0]).toMatchObject({ identity: psk.identity, address: '10.0.0.2:40000' });
      await side.client.close();
      await side.server.close();
      expect(side.network.pendingTimers).toBe(0);
    }
  });
});

describe('the transports', () => {
  test('what is sent before the handshake waits for it', async () => {
    const { client, network, heard, server } = open(1, {});
    client.send(serverAddress, fromHex('01'));
    client.send(serverAddress, fromHex('02'));
    await network.run(1000);
    expect(heard).toEqual(['01', '02']);
    expect(client.localUrl).toBe('coaps://10.0.0.2:40000');
    expect([client.remote, server.remote]).toEqual([serverAddress, undefined]);
  });
  test('after the server ended the association, the next datagram makes another', async () => {
    const { client, server, network, heard, peers } = open(1, {});
    client.send(serverAddress, fromHex('01'));
    await network.run(1000);
    server.closePeer(peers[0]?.peer ?? '');
    await network.run(2000);
    expect(client.isConnected).toBe(false);
    client.send(serverAddress, fromHex('02'));
    await network.run(3000);
    expect(heard).toEqual(['01', '02']);
    expect(peers[1]?.peer).not.toBe(peers[0]?.peer);
    expect(server.peerOf(peers[0]?.peer ?? '')).toBeUndefined();
  });
  test('a NAT that changes the port: the same peer, from another address', async () => {
    const { client, network, heard, peers, server } = open(1, {});
    const transport = network.transport('10.0.0.3:1', { remote: serverAddress });
    const moving = new DtlsClientTransport({
      transport,
      clock: network.clock,
      provider: nodeCryptoProvider,
      random: network.randomSource,
      psk,
    });
    moving.open({ datagram: (_peer, bytes) => heard.push(toHex(bytes)), unreachable: () => {}, closed: () => {} });
    moving.send(serverAddress, fromHex('01'));
    await network.run(1000);
    network.rebind(transport, '10.0.0.3:2');
    moving.send(serverAddress, fromHex('02'));
    await network.run(2000);
    expect(heard).toEqual(['01', '02']);
    expect(peers.map(({ address }) => address)).toEqual(['10.0.0.3:1', '10.0.0.3:2']);
    expect(peers[0]?.peer).toBe(peers[1]?.peer);
    expect(server.stats()).toMatchObject({ associations: 1, moves: 1 });
    expect(client.isConnected).toBe(false);
  });
  test('a look-up that throws ends as one that finds nobody', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const common = { clock: network.clock, provider: nodeCryptoProvider, random: network.randomSource };
    const events: string[] = [];
    const server = new DtlsServerTransport({
      ...common,
      transport: network.transport(serverAddress),
      pskOf: () => {
        throw new Error('the store is away');
      },
      onEvent: ({ kind }) => events.push(kind),
    });
    const transport = network.transport('10.0.0.2:40000', { remote: serverAddress });
    const client = new DtlsClientTransport({ ...common, transport, psk });
    const failed = client.connect().then(
      () => 'connected',
      (error: { code: string }) => error.code,
    );
    expect(await network.settle(failed, 200_000)).toBe('timeout');
    await network.run(200_000);
    expect(events).toEqual(['handshakeFailed']);
    expect(server.stats().unknownIdentities).toBe(1);
  });
});
