import type { DatagramReceiver } from '@motestack/coap';
import { describe, expect, test } from 'vitest';
import { type NetworkFaults, SimulatedNetwork, type TapEvent } from './simulated-network.ts';
import { EVENTS_PER_INSTANT_MAX } from './virtual-clock.ts';

const SERVER = '10.0.0.1:5683';
const DEVICE = '10.0.0.2:40000';

interface Recorder extends DatagramReceiver {
  readonly log: string[];
}

function recorder(network: SimulatedNetwork): Recorder {
  const log: string[] = [];
  return {
    log,
    datagram: (peer, bytes) => log.push(`${network.clock.now()} ${peer} ${bytes.join(' ')}`),
    unreachable: (peer, cause) => log.push(`${network.clock.now()} unreachable ${peer}: ${cause.message}`),
    closed: (cause) => log.push(`${network.clock.now()} closed ${cause?.message ?? 'quietly'}`),
  };
}

function pair(faults: NetworkFaults, seed = 1) {
  const network = new SimulatedNetwork({ seed, ...faults });
  const server = network.transport(SERVER);
  const device = network.transport(DEVICE, { remote: SERVER });
  const serverSide = recorder(network);
  const deviceSide = recorder(network);
  server.open(serverSide);
  device.open(deviceSide);
  return { network, server, device, serverSide, deviceSide };
}

/** Sends 0, 1, 2 … from the device, one a millisecond, and gives what the server saw, byte by byte. */
async function arrivals(faults: NetworkFaults, count: number, seed = 1): Promise<number[]> {
  const { network, device, serverSide } = pair(faults, seed);
  for (let index = 0; index < count; index++)
    network.clock.schedule(index, () => device.send(SERVER, Uint8Array.of(index)));
  await network.run(60_000);
  return serverSide.log.map((line) => Number(line.split(' ')[2]));
}

const upTo = (count: number): number[] => [...new Array(count).keys()];
const ascending = (a: number, b: number): number => a - b;

describe('delivery', () => {
  test('a datagram arrives after the delay, with the sender as its peer', async () => {
    const { network, server, device, serverSide, deviceSide } = pair({ delayMs: [7, 7] });
    device.send(SERVER, Uint8Array.of(1, 2));
    await network.run(6);
    expect(serverSide.log).toEqual([]);
    expect(network.datagramsInFlight).toBe(1);
    await network.run(10);
    expect(serverSide.log).toEqual([`7 ${DEVICE} 1 2`]);
    server.send(DEVICE, Uint8Array.of(3));
    await network.run(20);
    expect(deviceSide.log).toEqual([`17 ${SERVER} 3`]);
    expect(network.datagramsInFlight).toBe(0);
  });

  test('the sender may reuse its buffer at once, and the receiver must copy what it keeps', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const kept: Uint8Array[] = [];
    const seen: string[] = [];
    network.transport(SERVER).open({
      datagram: (_peer, bytes) => {
        kept.push(bytes);
        seen.push(bytes.join(' '));
      },
      unreachable: () => undefined,
      closed: () => undefined,
    });
    const buffer = Uint8Array.of(1, 2, 3);
    network.transport(DEVICE).send(SERVER, buffer);
    buffer.fill(9);
    await network.run(100);
    expect(seen).toEqual(['1 2 3']);
    expect(kept.map((bytes) => bytes.join(' '))).toEqual(['219 219 219']);
  });

  test('order is kept when delays differ, unless reordering is asked for', async () => {
    expect(await arrivals({ delayMs: [1, 80] }, 100)).toEqual(upTo(100));
    const reordered = await arrivals({ delayMs: [1, 80], reordering: 0.3 }, 100);
    expect(reordered).not.toEqual(upTo(100));
    expect(reordered.toSorted(ascending)).toEqual(upTo(100));
  });

  test('loss and duplication come as often as asked', async () => {
    expect(await arrivals({ loss: 1 }, 50)).toEqual([]);
    const some = await arrivals({ loss: 0.3 }, 250);
    expect(some.length).toBeGreaterThan(250 * 0.6);
    expect(some.length).toBeLessThan(250 * 0.8);
    expect((await arrivals({ duplication: 1 }, 20)).toSorted(ascending)).toEqual(
      upTo(20).flatMap((value) => [value, value]),
    );
  });

  test('faults can change on the way', async () => {
    const { network, device, serverSide } = pair({});
    network.degrade({ loss: 1 });
    device.send(SERVER, Uint8Array.of(1));
    network.degrade({ loss: 0, delayMs: [100, 100] });
    device.send(SERVER, Uint8Array.of(2));
    await network.run(1000);
    expect(serverSide.log).toEqual([`100 ${DEVICE} 2`]);
  });

  test('a rule drops what it says, until it is ended', async () => {
    const { network, device, serverSide } = pair({});
    let count = 0;
    const end = network.drop(({ from }) => from === DEVICE && ++count === 1);
    for (const value of [1, 2]) device.send(SERVER, Uint8Array.of(value));
    end();
    device.send(SERVER, Uint8Array.of(3));
    await network.run(1000);
    expect(serverSide.log.map((line) => line.at(-1))).toEqual(['2', '3']);
    expect(count).toBe(2);
  });

  test.each([
    { loss: -0.1 },
    { loss: 1.1 },
    { duplication: Number.NaN },
    { reordering: 2 },
    { delayMs: [5, 4] as const },
  ])('refuses $loss $duplication $reordering $delayMs', (faults) => {
    expect(() => new SimulatedNetwork({ seed: 1, ...faults })).toThrow(RangeError);
  });
});

describe('history', () => {
  const bad: NetworkFaults = { loss: 0.2, delayMs: [1, 90], duplication: 0.2, reordering: 0.2 };

  async function history(seed: number): Promise<string[]> {
    const { network, server, device } = pair(bad, seed);
    const lines: string[] = [];
    network.tap(({ at, from, to, bytes, fate }) => lines.push(`${at} ${from} ${to} ${bytes.join()} ${fate}`));
    const secret = new Uint8Array(2);
    for (let index = 0; index < 40; index++)
      network.clock.schedule(index * 10, () => {
        network.randomSource.fill(secret);
        device.send(SERVER, secret);
        server.send(DEVICE, Uint8Array.of(index));
      });
    await network.run(10_000);
    return lines;
  }

  test('one seed, one history', async () => {
    const first = await history(42);
    expect(first.length).toBeGreaterThan(80);
    expect(await history(42)).toEqual(first);
    expect(await history(43)).not.toEqual(first);
  });

  test('the tap tells every fate, with a copy of the bytes', async () => {
    const { network, device } = pair({ duplication: 1 });
    const events: TapEvent[] = [];
    const end = network.tap((event) => events.push(event));
    device.send(SERVER, Uint8Array.of(5));
    await network.run(100);
    network.degrade({ loss: 1 });
    device.send(SERVER, Uint8Array.of(6));
    await network.run(200);
    end();
    device.send(SERVER, Uint8Array.of(7));
    expect(events.map(({ at, bytes, fate }) => `${at} ${bytes.join()} ${fate}`)).toEqual([
      '10 5 delivered',
      '21 5 duplicated',
      '100 6 lost',
    ]);
  });

  test("the test's own draws do not change the network's", async () => {
    const plain = await arrivals(bad, 50);
    const { network, device, serverSide } = pair(bad);
    for (const index of upTo(50))
      network.clock.schedule(index, () => {
        network.random();
        device.send(SERVER, Uint8Array.of(index));
      });
    await network.run(60_000);
    expect(serverSide.log.map((line) => Number(line.split(' ')[2]))).toEqual(plain);
  });
});

describe('addresses', () => {
  test('a connected transport hears that nobody listens, and hears nobody but its peer', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const device = network.transport(DEVICE, { remote: SERVER });
    const side = recorder(network);
    device.open(side);
    network.transport('10.0.0.3:5683').send(DEVICE, Uint8Array.of(9));
    device.send(SERVER, Uint8Array.of(1));
    await network.run(1000);
    expect(side.log).toEqual([`20 unreachable ${SERVER}: connection refused by ${SERVER}`]);
    device.send('10.0.0.3:5683', Uint8Array.of(1));
    await network.run(2000);
    expect(side.log.slice(1)).toEqual(['1000 unreachable 10.0.0.3:5683: connection refused by 10.0.0.3:5683']);
  });

  test('an unconnected transport hears nothing of a dead peer', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const server = network.transport(SERVER);
    const side = recorder(network);
    server.open(side);
    server.send(DEVICE, Uint8Array.of(1));
    await network.run(1000);
    expect(side.log).toEqual([]);
  });

  test('a rebound transport sends from its new address, and what goes to the old one vanishes', async () => {
    const { network, server, device, serverSide, deviceSide } = pair({});
    network.rebind(device, '10.0.0.2:40001');
    device.send(SERVER, Uint8Array.of(1));
    const fates: string[] = [];
    network.tap(({ fate, to }) => fates.push(`${to} ${fate}`));
    server.send(DEVICE, Uint8Array.of(2));
    server.send('10.0.0.2:40001', Uint8Array.of(3));
    await network.run(1000);
    expect(serverSide.log).toEqual(['10 10.0.0.2:40001 1']);
    expect(deviceSide.log).toEqual([`10 ${SERVER} 3`]);
    expect(fates).toContain(`${DEVICE} lost`);
    expect(device.localUrl).toBe(`coap://${DEVICE}`);
  });

  test('an address is taken once, and free again after close', async () => {
    const { network, server, serverSide } = pair({});
    expect(() => network.transport(SERVER)).toThrow('in use');
    expect(network.openTransports).toBe(2);
    await server.close();
    await server.close();
    expect(serverSide.log).toEqual(['0 closed quietly']);
    expect(server.sendsAfterClose).toBe(0);
    server.send(DEVICE, Uint8Array.of(1));
    expect(server.sendsAfterClose).toBe(1);
    expect(network.datagramsInFlight).toBe(0);
    expect(() => network.rebind(server, SERVER)).toThrow('closed');
    expect(network.transport(SERVER).localUrl).toBe(`coap://${SERVER}`);
  });

  test('port 0 takes a free one, IPv6 has brackets, nonsense is refused', () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const first = network.transport('10.0.0.9:0').localUrl;
    expect(first).toMatch(/^coap:\/\/10\.0\.0\.9:[1-9]\d+$/);
    expect(network.transport('10.0.0.9:0').localUrl).not.toBe(first);
    expect(network.transport('[2001:db8::1]:5683').localUrl).toBe('coap://[2001:db8::1]:5683');
    for (const address of ['10.0.0.9', '2001:db8::1:5683', 'coap://10.0.0.9:1', ''])
      expect(() => network.transport(address)).toThrow('not an address');
  });

  test('a broken transport says why, and is opened once', () => {
    const { server, serverSide } = pair({});
    expect(() => server.open(serverSide)).toThrow('open already');
    server.fail(new Error('cable cut'));
    expect(serverSide.log).toEqual(['0 closed cable cut']);
    expect(server.isClosed).toBe(true);
  });
});

describe('time', () => {
  test('timers run in order of time, then of scheduling, and not when cancelled', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const { clock } = network;
    const log: string[] = [];
    for (const [at, name] of [
      [20, 'c'],
      [10, 'a'],
      [10, 'b'],
      [-5, 'past'],
    ] as const)
      clock.schedule(at, () => log.push(`${clock.now()} ${name}`));
    const cancel = clock.schedule(15, () => log.push('never'));
    expect(network.pendingTimers).toBe(5);
    cancel();
    cancel();
    expect(network.pendingTimers).toBe(4);
    await network.run(20);
    expect(log).toEqual(['0 past', '10 a', '10 b', '20 c']);
    expect(network.pendingTimers).toBe(0);
    expect(clock.now()).toBe(20);
    expect(clock.epochMs()).toBe(Date.UTC(2026, 0, 1) + 20);
  });

  test('cancelling after it ran changes no count', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const cancel = network.clock.schedule(1, () => undefined);
    await network.run(1);
    network.clock.schedule(5, () => undefined);
    cancel();
    expect(network.pendingTimers).toBe(1);
  });

  test('promises settle between events, however long their chain', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const log: string[] = [];
    const chain = async (name: string): Promise<void> => {
      for (let index = 0; index < 50; index++) await Promise.resolve();
      log.push(`${network.clock.now()} ${name}`);
    };
    network.clock.schedule(5, () => void chain('a'));
    network.clock.schedule(5, () => void chain('b'));
    network.clock.schedule(6, () => log.push('6'));
    await network.run(10);
    expect(log).toEqual(['5 a', '5 b', '6']);
  });

  test('settle stops at the event that settles the promise', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const promise = new Promise<string>((resolve) => {
      network.clock.schedule(93_000, () => resolve('done'));
    });
    network.clock.schedule(200_000, () => undefined);
    expect(await network.settle(promise)).toBe('done');
    expect(network.clock.now()).toBe(93_000);
  });

  test('settle hands on a rejection, and gives up by name', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    await expect(network.settle(Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    const never = new Promise<void>(() => undefined);
    await expect(network.settle(never)).rejects.toThrow('nothing is left to happen');
    network.clock.schedule(500, () => undefined);
    await expect(network.settle(never, 100)).rejects.toThrow('100 ms of virtual time passed');
  });

  test('what a timer throws ends the run, and the next one goes on', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    network.clock.schedule(1, () => {
      throw new Error('a fault of ours');
    });
    await expect(network.run(10)).rejects.toThrow('a fault of ours');
    await network.run(10);
    expect(network.clock.now()).toBe(10);
  });

  test('two runs at a time are refused', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const first = network.run(10);
    await expect(network.run(10)).rejects.toThrow('runs already');
    await first;
  });

  test('a timer that is armed for the past for ever is found out', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    let runs = 0;
    const again = (): void => {
      runs++;
      network.clock.schedule(0, again);
    };
    again();
    await expect(network.run(1)).rejects.toThrow('virtual time stands still');
    expect(runs).toBe(EVENTS_PER_INSTANT_MAX + 1);
  });
});
