import { SimulatedNetwork } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import type { LwM2mServer } from '../lwm2m-server.ts';
import { ScriptedDevice, serverIn } from '../scripted-device.fixture.ts';
import type { PortableServerOptions } from '../server-options.ts';
import { InMemoryRegistrationStore } from './in-memory-registration-store.ts';
import type { Registration } from './registration.ts';
import type { CommitResult, RegistrationCommit } from './registration-store.ts';
import { storeWith } from './store-with.fixture.ts';

const ENDPOINT = 'urn:imei:490154203237518';
const QUERY = `ep=${ENDPOINT}&lt=60&lwm2m=1.1`;

describe('registration: authorizers and stores that are late or fail', () => {
  let network: SimulatedNetwork;
  let server: LwM2mServer;
  let device: ScriptedDevice;
  let events: string[];
  let errors: [Error, string | undefined][];
  let log: string[];
  const listen = async (options: Partial<PortableServerOptions> = {}): Promise<void> => {
    const note = (fields: object, message: string): void => {
      log.push(
        `${message} ${JSON.stringify(fields, (_key, value) => (value instanceof Error ? String(value) : value))}`,
      );
    };
    const logger = { debug: note, info: note, warn: note, error: note };
    server = await serverIn(network, { coap: { handlerTimeoutMs: 400 }, logger, ...options });
    server.on('registered', () => void events.push('registered'));
    server.on('updated', () => void events.push('updated'));
    server.on('deregistered', (_device, reason) => void events.push(reason));
  };
  const pass = (ms: number): Promise<void> => network.run(network.clock.now() + ms);
  const later = (ms: number): Promise<void> =>
    new Promise((resolve) => network.clock.schedule(network.clock.now() + ms, resolve));
  beforeEach(() => {
    network = new SimulatedNetwork({ seed: 7 });
    device = new ScriptedDevice(network, '10.0.0.2:5683');
    events = [];
    errors = [];
    log = [];
  });

  test('what is decided after the device was told 5.03 is not done: Register', async () => {
    const store = new InMemoryRegistrationStore();
    await listen({ store, authorize: () => later(900).then(() => true) });
    expect(await network.settle(device.register(QUERY))).toBe('5.03');
    await pass(2_000);
    expect(store.count()).toBe(0);
    expect(events).toEqual([]);
    expect(server.inspect()).toMatchObject({ registrations: 0, registrationRequestsInFlight: 0 });
  });

  test('what is decided after the device was told 5.03 is not done: Update and De-register', async () => {
    const store = new InMemoryRegistrationStore();
    let findMs = 0;
    const findById = (id: string): Promise<Registration | undefined> => later(findMs).then(() => store.findById(id));
    await listen({ store: storeWith(store, { findById }) });
    expect(await network.settle(device.register(QUERY))).toBe('2.01');
    findMs = 500;
    expect(await network.settle(device.update('lt=3600'))).toBe('5.03');
    expect(await network.settle(device.deregister())).toBe('5.03');
    await pass(5_000);
    expect([...store.registrations()]).toMatchObject([{ lifetimeSeconds: 60, revision: 0 }]);
    expect(events).toEqual(['registered']);
  });

  test('what is decided after the server was closed is not done', async () => {
    const store = new InMemoryRegistrationStore();
    await listen({ store, authorize: () => later(300).then(() => true) });
    const told = device.register(QUERY).catch(() => 'nothing');
    await pass(100);
    await network.settle(server.close());
    await pass(1_000);
    expect(store.count()).toBe(0);
    expect(server.inspect().devices).toEqual([]);
    expect(events).toEqual([]);
    await device.coap.close();
    expect(await told).toBe('nothing');
  });

  test('a registration that ends while the store fails ends when the store works again', async () => {
    const store = new InMemoryRegistrationStore();
    let isDown = false;
    const findById = (id: string): Registration | undefined => {
      if (isDown) throw new Error('the store is down');
      return store.findById(id);
    };
    await listen({ store: storeWith(store, { findById }) });
    server.on('error', (error, about) => void errors.push([error, about?.endpoint]));
    await network.settle(device.register(QUERY));
    isDown = true;
    await pass(61_000);
    expect(errors).toEqual([[expect.objectContaining({ code: 'internal', operation: 'Event' }), undefined]]);
    isDown = false;
    await pass(60_000);
    expect(store.count()).toBe(0);
    expect(events).toEqual(['registered', 'expired']);
  });

  test('what the store took is told, even if the device was told 5.03 meanwhile', async () => {
    const store = new InMemoryRegistrationStore();
    const commit = (change: RegistrationCommit): Promise<CommitResult> => later(900).then(() => store.commit(change));
    await listen({ store: storeWith(store, { commit }) });
    expect(await network.settle(device.register(QUERY))).toBe('5.03');
    await pass(2_000);
    expect(store.count()).toBe(1);
    expect(events).toEqual(['registered']);
  });

  const secret = new Error(`no row for ${ENDPOINT}, psk=deadbeef`);
  const failing = storeWith(new InMemoryRegistrationStore(), { commit: () => Promise.reject(secret) });
  const throwing = storeWith(new InMemoryRegistrationStore(), {
    findById: () => {
      throw secret;
    },
  });
  const register = (): Promise<string> => device.register(QUERY);
  const update = (): Promise<string> => device.update();
  const cases: [string, string, Partial<PortableServerOptions>, () => Promise<string>][] = [
    ['an authorizer that rejects', 'Register', { authorize: () => Promise.reject(secret) }, register],
    ['a store that rejects', 'Register', { store: failing }, register],
    ['a store that throws', 'Update', { store: throwing }, update],
    ['a store that throws', 'De-register', { store: throwing }, () => device.deregister()],
  ];

  test.each(cases)('%s at %s is told as `error`, and the device gets 5.00', async (_name, operation, options, send) => {
    device.location = ['rd', 'x'];
    await listen(options);
    server.on('error', (error, about) => void errors.push([error, about?.endpoint]));
    expect(await network.settle(send())).toBe('5.00');
    expect(errors).toEqual([
      [expect.objectContaining({ name: 'InternalError', code: 'internal', operation, cause: secret }), undefined],
    ]);
    expect(events).toEqual([]);
  });

  test.each(cases)('%s at %s is logged without its text', async (_name, operation, options, send) => {
    device.location = ['rd', 'x'];
    await listen(options);
    await network.settle(send());
    expect(log).toHaveLength(1);
    expect(log[0]).toContain('an error without a listener');
    expect(log[0]).toContain(`"operation":"${operation}"`);
    expect(log[0]).not.toMatch(/490154203237518|deadbeef/);
  });
});
