import { SimulatedNetwork } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import { ScriptedDevice, serverIn, stage } from '../scripted-device.fixture.ts';
import { InMemoryRegistrationStore } from './in-memory-registration-store.ts';
import type { CommitResult, RegistrationCommit, RegistrationStore } from './registration-store.ts';

const LINKS = '</1/0>,</3/0>';

describe('registration: limits and stores', () => {
  let network: SimulatedNetwork;
  let server: LwM2mServer;
  let device: ScriptedDevice;
  let events: string[];
  const listen = async (options: Parameters<typeof stage>[0] = {}): Promise<void> => {
    ({ network, server, device } = await stage(options));
    events = [];
    server.on('registered', ({ endpoint }) => void events.push(`registered ${endpoint}`));
    server.on('updated', ({ endpoint }) => void events.push(`updated ${endpoint}`));
    server.on('deregistered', ({ endpoint }, reason) => void events.push(`${reason} ${endpoint}`));
  };
  const register = (query = 'ep=node&lt=60&lwm2m=1.1', links = LINKS): Promise<string> =>
    network.settle(device.register(query, links));
  beforeEach(() => listen());

  test('registrationsMax holds at its value and not one past it; who is registered may register anew', async () => {
    await listen({ limits: { registrationsMax: 2 } });
    expect(await register('ep=a&lt=60&lwm2m=1.1')).toBe('2.01');
    expect(await register('ep=b&lt=60&lwm2m=1.1')).toBe('2.01');
    expect(await register('ep=c&lt=60&lwm2m=1.1')).toBe('5.03');
    expect(await register('ep=a&lt=60&lwm2m=1.1')).toBe('2.01');
  });

  test('objectLinksMax holds at its value and not one past it', async () => {
    await listen({ limits: { objectLinksMax: 2 } });
    expect(await register('ep=a&lt=60&lwm2m=1.1', '</1/0>,</3/0>')).toBe('2.01');
    expect(await register('ep=a&lt=60&lwm2m=1.1', '</1/0>,</3/0>,</4/0>')).toBe('4.00');
  });

  test('registrationRequestsWaitingMax: one endpoint name cannot fill the server', async () => {
    let admit: (answer: boolean) => void = () => undefined;
    const gate = new Promise<boolean>((resolve) => {
      admit = resolve;
    });
    await listen({ limits: { registrationRequestsWaitingMax: 1 }, authorize: () => gate });
    const devices = ['3', '4', '5'].map((host) => new ScriptedDevice(network, `10.0.1.${host}:5683`));
    const codes: string[] = [];
    for (const other of devices) void other.register('ep=a&lt=60&lwm2m=1.1').then((told) => codes.push(told));
    await network.run(network.clock.now() + 500);
    expect(codes).toEqual(['5.03']);
    admit(true);
    await network.run(network.clock.now() + 5_000);
    expect(codes).toEqual(['5.03', '2.01', '2.01']);
  });

  test('a store that says that the state changed meanwhile is asked again', async () => {
    class Contended extends InMemoryRegistrationStore {
      conflicts = 2;
      override commit(change: RegistrationCommit): CommitResult {
        if (this.conflicts > 0) {
          this.conflicts -= 1;
          return 'conflict';
        }
        return super.commit(change);
      }
    }
    const store = new Contended();
    await listen({ store });
    expect(await register()).toBe('2.01');
    store.conflicts = 2;
    expect(await network.settle(device.update())).toBe('2.04');
    store.conflicts = 1_000;
    expect(await network.settle(device.update())).toBe('5.03');
    expect(await register()).toBe('5.03');
  });

  test('a store that answers by promises serves as well', async () => {
    const inner = new InMemoryRegistrationStore();
    const store = {
      findByEndpoint: async (endpoint: string) => inner.findByEndpoint(endpoint),
      findById: async (id: string) => inner.findById(id),
      findByPeer: async (localUrl: string, peer: string) => inner.findByPeer(localUrl, peer),
      commit: async (change: RegistrationCommit) => inner.commit(change),
      async *registrations() {
        yield* inner.registrations();
      },
      count: async () => inner.count(),
      addObservation: async (observation: Parameters<typeof inner.addObservation>[0]) =>
        inner.addObservation(observation),
      removeObservation: async (observation: Parameters<typeof inner.removeObservation>[0]) =>
        inner.removeObservation(observation),
      observations: async (id: string) => inner.observations(id),
    };
    await listen({ store });
    expect(await register()).toBe('2.01');
    expect(await network.settle(device.update('lt=30'))).toBe('2.04');
    const found: string[] = [];
    for await (const { endpoint } of server.devices()) found.push(endpoint);
    expect(found).toEqual(['node']);
    await network.run(network.clock.now() + 30_200);
    expect(events).toEqual(['registered node', 'updated node', 'expired node']);
  });

  test('an Update that is still being stored when the lifetime passes saves the registration', async () => {
    const inner = new InMemoryRegistrationStore();
    let delayMs = 0;
    const store: RegistrationStore = {
      findByEndpoint: (endpoint) => inner.findByEndpoint(endpoint),
      findById: (id) => inner.findById(id),
      findByPeer: (localUrl, peer) => inner.findByPeer(localUrl, peer),
      commit: (change) =>
        new Promise((resolve) => {
          network.clock.schedule(network.clock.now() + delayMs, () => resolve(inner.commit(change)));
        }),
      registrations: () => inner.registrations(),
      count: () => inner.count(),
      addObservation: (observation) => inner.addObservation(observation),
      removeObservation: (observation) => inner.removeObservation(observation),
      observations: (id) => inner.observations(id),
    };
    await listen({ store });
    await register();
    const registeredAt = network.clock.now();
    await network.run(registeredAt + 59_900);
    delayMs = 1_000;
    expect(await network.settle(device.update())).toBe('2.04');
    await network.run(registeredAt + 70_000);
    expect(events).toEqual(['registered node', 'updated node']);
    await network.run(registeredAt + 130_000);
    expect(events).toEqual(['registered node', 'updated node', 'expired node']);
  });

  test('registering anew and de-registering leave no deadline behind', async () => {
    for (let round = 0; round < 5; round++) await register('ep=node&lt=4294967295&lwm2m=1.1');
    expect(server.inspect().deadlines).toBe(1);
    await network.settle(device.update('lt=0'));
    expect(server.inspect().deadlines).toBe(0);
    await network.settle(device.update('lt=60'));
    expect(server.inspect().deadlines).toBe(1);
    await network.settle(device.deregister());
    expect(server.inspect().deadlines).toBe(0);
  });

  test('what the store holds at the start has its deadline', async () => {
    const store = new InMemoryRegistrationStore();
    await listen({ store });
    await register();
    await server.close();
    const again = new SimulatedNetwork({ seed: 2 });
    const restarted = await serverIn(again, { store });
    const reasons: string[] = [];
    restarted.on('deregistered', (_device, reason) => void reasons.push(reason));
    expect((await restarted.device('node'))?.endpoint).toBe('node');
    await again.run(61_000);
    expect(reasons).toEqual(['expired']);
  });
});
