import { fromHex, toHex } from '@motestack/bytes';
import { type NetworkFaults, SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { DtlsClientTransport, type DtlsClientTransportOptions } from '../client/dtls-client-transport.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { DtlsServerTransport, type DtlsServerTransportOptions } from '../server/dtls-server-transport.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { DatagramReceiver, DatagramTransport } from '../transport.ts';
import { psk } from './dtls-pair.fixture.ts';

const serverAddress = '10.0.0.1:5684';
const HOUR_MS = 3_600_000;
const patience = { handshakeTimeoutMs: HOUR_MS, retransmitMsMax: 8000 };

interface Side {
  readonly network: SimulatedNetwork;
  readonly server: DtlsServerTransport;
  readonly heard: string[];
  newClient(options?: Partial<DtlsClientTransportOptions>): DtlsClientTransport;
}

function open(seed: number, faults: NetworkFaults, options: Partial<DtlsServerTransportOptions> = {}): Side {
  const network = new SimulatedNetwork({ seed, ...faults });
  const common = { clock: network.clock, provider: nodeCryptoProvider, random: network.randomSource };
  const transport = network.transport(serverAddress);
  const pskOf = (): Promise<Uint8Array> => Promise.resolve(psk.key);
  const server = new DtlsServerTransport({ ...common, transport, pskOf, parameters: patience, ...options });
  server.open({ datagram: (peer, bytes) => server.send(peer, bytes), unreachable: () => {}, closed: () => {} });
  const heard: string[] = [];
  let clients = 0;
  const newClient = (own: Partial<DtlsClientTransportOptions> = {}): DtlsClientTransport => {
    clients++;
    const below = network.transport(`10.0.1.${clients}:40000`, { remote: serverAddress });
    const client = new DtlsClientTransport({ ...common, transport: below, psk, parameters: patience, ...own });
    client.open({ datagram: (_peer, bytes) => heard.push(toHex(bytes)), unreachable: () => {}, closed: () => {} });
    return client;
  };
  return { network, server, heard, newClient };
}

/** A store that answers later. */
function slow(store: SessionStore): SessionStore {
  return {
    find: (key) => Promise.resolve(store.find(key)),
    keep: (key, session, lifetimeMs) => Promise.resolve(store.keep(key, session, lifetimeMs)),
    forget: (key) => Promise.resolve(store.forget(key)),
  };
}

describe.each([true, false])('abbreviated handshakes over a bad link, tickets: %s', (givesTickets) => {
  test.each([
    ['a good link', {}],
    ['10 % lost', { loss: 0.1 }],
    ['30 % lost', { loss: 0.3 }],
    ['50 % lost', { loss: 0.5 }],
    ['all doubled', { duplication: 1 }],
    ['half of it out of order', { reordering: 0.5, delayMs: [10, 400] }],
    ['all of that', { loss: 0.3, duplication: 0.3, reordering: 0.3, delayMs: [10, 1500] }],
  ] as const)('%s: both agree on keys', async (_name, faults) => {
    for (let seed = 1; seed <= 8; seed++) {
      const store = new MemorySessionStore({ now: () => 0 });
      const { network, server, heard, newClient } = open(seed, { ...faults }, { givesTickets, sessions: slow(store) });
      const sessions = slow(new MemorySessionStore({ now: () => 0 }));
      for (let round = 1; round <= 3; round++) {
        const client = newClient({ sessions, renewAfterMs: false });
        await network.settle(client.connect(), HOUR_MS);
        const before = heard.length;
        for (let index = 0; index < 60 && heard.length === before; index++) {
          client.send(serverAddress, Uint8Array.of(round, index));
          await network.run(network.clock.now() + 1000);
        }
        expect(heard.length, `seed ${seed}, round ${round}`).toBeGreaterThan(before);
        await client.close();
      }
      expect(server.stats().resumptions, `seed ${seed}`).toBe(2);
      expect(new Set(heard).size).toBe(heard.length);
      await server.close();
      expect(network.pendingTimers).toBe(0);
    }
  });
});

describe('a server that lost its associations', () => {
  /** One server after the other at the same place; the second knows of no association. */
  async function restarted(renewAfterMs: number | false | undefined, keeps: boolean) {
    const network = new SimulatedNetwork({ seed: 1 });
    const common = { clock: network.clock, provider: nodeCryptoProvider, random: network.randomSource };
    const below = network.transport(serverAddress);
    let receiver: DatagramReceiver | undefined;
    below.open({
      datagram: (peer, bytes) => receiver?.datagram(peer, bytes),
      unreachable: () => {},
      closed: () => {},
    });
    const transport: DatagramTransport = {
      localUrl: below.localUrl,
      remote: undefined,
      open: (next) => {
        receiver = next;
      },
      send: (peer, bytes) => below.send(peer, bytes),
      close: () => Promise.resolve(),
    };
    const sessions = new MemorySessionStore({ now: () => 0 });
    const newServer = (own: SessionStore | false): DtlsServerTransport => {
      const made = new DtlsServerTransport({
        ...common,
        transport,
        pskOf: () => psk.key,
        givesTickets: false,
        sessions: own,
      });
      made.open({ datagram: (peer, bytes) => made.send(peer, bytes), unreachable: () => {}, closed: () => {} });
      return made;
    };
    newServer(sessions);
    const client = new DtlsClientTransport({
      ...common,
      transport: network.transport('10.0.1.1:1', { remote: serverAddress }),
      psk,
      renewAfterMs,
    });
    const heard: string[] = [];
    const lost: string[] = [];
    client.open({
      datagram: (_peer, bytes) => heard.push(toHex(bytes)),
      unreachable: (_peer, { message }) => lost.push(message),
      closed: () => {},
    });
    client.send(serverAddress, fromHex('00'));
    await network.run(1000);
    const second = newServer(keeps && sessions);
    // As CoAP sends a request again and again (RFC 7252 §4.2).
    for (const [index, waitMs] of [2000, 4000, 8000, 16_000].entries()) {
      client.send(serverAddress, Uint8Array.of(index + 1));
      await network.run(network.clock.now() + waitMs);
    }
    return { heard, lost, stats: second.stats() };
  }
  test('the client resumes by itself', async () => {
    const { heard, lost, stats } = await restarted(undefined, true);
    expect([heard, lost]).toEqual([['00', '04'], []]);
    expect(stats).toMatchObject({ associations: 1, resumptions: 1 });
  });
  test('or handshakes in full where nobody knows the session', async () => {
    const { heard, lost, stats } = await restarted(undefined, false);
    expect([heard, lost]).toEqual([['00', '04'], []]);
    expect(stats).toMatchObject({ associations: 1, resumptions: 0, handshakesBegun: 1 });
  });
  test('not before renewAfterMs, and not at all where it is false', async () => {
    expect((await restarted(14_001, true)).heard).toEqual(['00']);
    expect((await restarted(14_000, true)).heard).toEqual(['00', '04']);
    expect((await restarted(false, true)).heard).toEqual(['00']);
  });
});

describe('stores', () => {
  test('one that fails costs a full handshake, and nothing else', async () => {
    const broken: SessionStore = {
      find: () => Promise.reject(new Error('the store is away')),
      keep: () => {
        throw new Error('the store is away');
      },
      forget: () => Promise.reject(new Error('the store is away')),
    };
    const { network, server, heard, newClient } = open(1, {}, { givesTickets: false, sessions: broken });
    for (let round = 0; round < 2; round++) {
      const client = newClient({ sessions: broken });
      client.send(serverAddress, fromHex('01'));
      await network.run(network.clock.now() + 1000);
      await client.close();
    }
    expect(heard).toEqual(['01', '01']);
    expect(server.stats()).toMatchObject({ handshakesBegun: 2, resumptions: 0 });
  });
});
