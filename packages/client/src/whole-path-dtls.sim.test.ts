import { fromHex } from '@motestack/bytes';
import { DtlsClientTransport, DtlsServerTransport, MemorySessionStore } from '@motestack/dtls';
import { nodeCryptoProvider } from '@motestack/dtls/node';
import { Device, Temperature } from '@motestack/objects';
import { InMemorySecurityStore, LwM2mServer, type RegisteredDevice } from '@motestack/server';
import { type NetworkFaults, SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { LwM2mClient } from './index.ts';

const SERVER_ADDRESS = '10.0.0.1:5684';
const ENDPOINT = 'thermometer';
const psk = { kind: 'psk', identity: 'mine', key: fromHex('000102030405060708090a0b0c0d0e0f') } as const;
const identity = new TextEncoder().encode(psk.identity);

/** The type of a record, and of the message in it (RFC 6347 §4.3.2). */
const HANDSHAKE = 22;
const CLIENT_KEY_EXCHANGE = 16;

/** Our server and our client over DTLS on one network in virtual time. */
class World {
  readonly network: SimulatedNetwork;
  readonly told: string[] = [];
  /** Those with a ClientKeyExchange: one that goes on from a session has none (RFC 5246 §7.3). */
  fullHandshakes = 0;
  /** Where the device keeps its DTLS sessions, from one socket to the next. */
  readonly sessions: MemorySessionStore;
  /** The sockets of the device, the newest last. */
  readonly sockets: ReturnType<SimulatedNetwork['transport']>[] = [];
  #server: LwM2mServer | undefined;
  #carrier: DtlsServerTransport | undefined;
  client: LwM2mClient | undefined;

  constructor(faults: NetworkFaults = {}, seed = 1) {
    this.network = new SimulatedNetwork({ seed, ...faults });
    this.sessions = new MemorySessionStore(this.network.clock, 4);
    this.network.tap(({ bytes }) => {
      if (bytes[0] === HANDSHAKE && bytes[13] === CLIENT_KEY_EXCHANGE) this.fullHandshakes += 1;
    });
  }

  get carrier(): DtlsServerTransport {
    if (this.#carrier === undefined) throw new Error('not started');
    return this.#carrier;
  }

  get #common(): { clock: SimulatedNetwork['clock']; random: SimulatedNetwork['randomSource'] } {
    return { clock: this.network.clock, random: this.network.randomSource };
  }

  async listen(): Promise<void> {
    const store = new InMemorySecurityStore([{ endpoint: ENDPOINT, credentials: psk }]);
    this.#carrier = new DtlsServerTransport({
      ...this.#common,
      provider: nodeCryptoProvider,
      transport: this.network.transport(SERVER_ADDRESS),
      pskOf: (wanted) => {
        const found = store.findByPskIdentity(wanted)?.credentials;
        return Promise.resolve(found?.kind === 'psk' ? found.key : undefined);
      },
    });
    const server = await LwM2mServer.listen({ ...this.#common, transports: [this.#carrier], security: store });
    server.on('registered', () => void this.told.push('registered'));
    server.on('updated', () => void this.told.push('updated'));
    server.on('deregistered', (_device, reason) => void this.told.push(reason));
    this.#server = server;
  }

  async start(): Promise<void> {
    this.client = await LwM2mClient.start({
      ...this.#common,
      endpoint: ENDPOINT,
      server: {
        uri: 'coaps://server',
        security: psk,
        lifetimeSeconds: 300,
        retry: { timerSeconds: 10 },
        confirmableNotifications: true,
      },
      objects: [
        Device.instance({ manufacturer: 'Acme', reboot: () => undefined }),
        Temperature.instance({ sensorValue: 20 }),
      ],
      connect: async (_uri, candidate, security) => {
        if (candidate > 0 || security?.kind !== 'psk') return undefined;
        const transport = this.network.transport(`10.0.0.2:${40_000 + this.sockets.length}`, {
          remote: SERVER_ADDRESS,
        });
        this.sockets.push(transport);
        const { key } = security;
        return new DtlsClientTransport({
          ...this.#common,
          provider: nodeCryptoProvider,
          transport,
          psk: { identity, key },
          sessions: this.sessions,
        });
      },
    });
    await this.network.settle(this.client.registered(), 600_000);
  }

  async device(): Promise<RegisteredDevice> {
    const device = await this.#server?.device(ENDPOINT);
    if (device === undefined) throw new Error('not registered');
    return device;
  }

  pass(seconds: number): Promise<void> {
    return this.network.run(this.network.clock.now() + seconds * 1_000);
  }

  /** A NAT gives the device another address, which it does not notice. */
  move(address: string): void {
    const socket = this.sockets.at(-1);
    if (socket !== undefined) this.network.rebind(socket, address);
  }

  async close(): Promise<void> {
    await this.network.settle(Promise.all([this.client?.stop({ timeoutMs: 1_000 }), this.#server?.close()]), 600_000);
  }
}

describe('a device over DTLS', () => {
  test.each<readonly [string, NetworkFaults]>([
    ['a good link', {}],
    ['a link that loses every fifth datagram', { loss: 0.2 }],
    ['a link that doubles and reorders', { duplication: 0.5, reordering: 0.5, delayMs: [10, 300] }],
  ])('registers, is read and observed, and says goodbye over %s', async (_name, faults) => {
    for (const seed of [1, 2, 3]) {
      const world = new World(faults, seed);
      await world.listen();
      await world.start();
      const device = await world.device();
      expect(device.registration.identity).toBe('psk:6d696e65');
      expect(await world.network.settle(device.read(Device.manufacturer), 600_000)).toBe('Acme');
      const values: number[] = [];
      const seen = (async () => {
        for await (const value of device.observe(Temperature.sensorValue)) {
          values.push(value);
          if (value === 23) break;
          world.client?.set(Temperature.sensorValue, value + 1);
        }
      })();
      await world.network.settle(seen, 600_000);
      expect(values.at(-1), `seed ${seed}`).toBe(23);
      await world.close();
      expect(world.told[0]).toBe('registered');
    }
  });

  test('goes on from another address, by its connection ID: one registration, one association', async () => {
    const world = new World();
    await world.listen();
    await world.start();
    const device = await world.device();
    world.move('10.9.9.9:1024');
    // Nothing reaches the device until it has sent something: its Update, at the latest.
    await world.pass(300);
    expect(world.told).toEqual(['registered', 'updated']);
    expect(world.carrier.peerOf(device.peer)?.address).toBe('10.9.9.9:1024');
    expect(world.carrier.stats()).toMatchObject({ associations: 1, handshakesBegun: 1, moves: 1 });
    expect(await world.network.settle(device.read(Device.manufacturer))).toBe('Acme');
    expect((await world.device()).registration.id).toBe(device.registration.id);
    await world.close();
  });

  test('goes on over a new socket when the network is another: a short handshake, an Update, and observations', async () => {
    const world = new World();
    await world.listen();
    await world.start();
    const device = await world.device();
    const values: number[] = [];
    const following = (async () => {
      for await (const value of device.observe(Temperature.sensorValue)) {
        values.push(value);
        if (value === 30) break;
      }
    })();
    await world.pass(1);
    world.client?.networkChanged();
    await world.pass(5);
    expect(world.sockets).toHaveLength(2);
    expect(world.told).toEqual(['registered', 'updated']);
    expect([world.carrier.stats().handshakesBegun, world.fullHandshakes]).toEqual([2, 1]);
    expect(await world.network.settle(device.read(Device.manufacturer))).toBe('Acme');
    world.client?.set(Temperature.sensorValue, 30);
    await world.network.settle(following);
    expect(values).toContain(30);
    await world.close();
  });

  test('whose association the server lost registers again, with a new one', async () => {
    const world = new World();
    await world.listen();
    await world.start();
    const { peer, registration } = await world.device();
    world.carrier.closePeer(peer);
    await world.pass(600);
    const device = await world.device();
    expect(device.peer).not.toBe(peer);
    expect(registration.identity).toBe(device.registration.identity);
    expect(await world.network.settle(device.read(Device.manufacturer))).toBe('Acme');
    await world.close();
  });
});
