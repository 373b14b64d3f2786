import { parseCode } from '@motestack/coap';
import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { Scene } from '../scripted-server.fixture.ts';
import { pass, watch } from '../watch.fixture.ts';

const exact = { uri: 'coap://server', lifetimeSeconds: 300, retry: { jitterFactor: 1 } };
const requests = (scene: Scene): readonly string[] => scene.server.lines.map((line) => line.split(/[? ]/, 2).join(' '));

describe('offline and online', () => {
  test('without a network nothing is sent and no attempt is spent', async () => {
    const scene = new Scene();
    const client = await scene.start({ server: exact });
    client.offline();
    await scene.network.run(1_000_000);
    expect(scene.server.seen).toEqual([]);
    expect(client.inspect().servers[0]?.state).toBe('offline');
    client.online();
    await scene.network.settle(client.registered());
    expect(scene.errors).toEqual([]);
  });

  test('a registration that still lasts is updated, over the socket that there is', async () => {
    const scene = new Scene();
    const client = await scene.registered({ server: exact });
    client.offline();
    await pass(scene, 250);
    client.online();
    await pass(scene, 1);
    expect(requests(scene)).toEqual(['POST /rd', 'POST /rd/the']);
    expect(new Set(scene.server.seen.map(({ from }) => from)).size).toBe(1);
    expect(scene.told.slice(2)).toEqual(['registered /rd/the place/1', 'offline', 'registered', 'updated']);
  });

  test('one whose lifetime is over is made anew', async () => {
    const scene = new Scene();
    const client = await scene.registered({ server: exact });
    client.offline();
    await pass(scene, 301);
    client.online();
    await pass(scene, 1);
    expect(requests(scene)).toEqual(['POST /rd', 'POST /rd']);
  });

  test('an attempt that was on its way is made again, and one that was waited for at once', async () => {
    const scene = new Scene();
    scene.server.script = () => ({ code: parseCode('5.03') });
    const client = await scene.start({ server: exact });
    await pass(scene, 1);
    expect(client.inspect().servers[0]?.state).toBe('waiting');
    scene.server.script = () => undefined;
    client.offline();
    client.online();
    await pass(scene, 1);
    expect(client.inspect().servers[0]?.state).toBe('registered');
  });

  test('a client that is offline is stopped without a word', async () => {
    const scene = new Scene();
    const client = await scene.registered({ server: exact });
    client.offline();
    await scene.network.settle(client.stop());
    expect(scene.server.seen).toHaveLength(1);
  });
});

describe('another network', () => {
  test('without keys a Register over a new socket (Transport 1.1.1 §6.4.3)', async () => {
    const scene = new Scene();
    const client = await scene.registered({ server: exact });
    client.networkChanged();
    await pass(scene, 1);
    expect(requests(scene)).toEqual(['POST /rd', 'POST /rd']);
    expect(new Set(scene.server.seen.map(({ from }) => from)).size).toBe(2);
  });

  test('with keys an Update over a new socket, and observations go on', async () => {
    const scene = new Scene();
    const security = { kind: 'psk', identity: 'a', key: Uint8Array.of(1) } as const;
    const client = await scene.registered({ server: { ...exact, security } });
    const { lines } = await watch(scene, '/3303/0/5700');
    client.networkChanged();
    await pass(scene, 1);
    expect(requests(scene)).toEqual(['POST /rd', 'POST /rd/the']);
    expect(new Set(scene.server.seen.map(({ from }) => from)).size).toBe(2);
    expect(client.inspect().servers[0]).toMatchObject({ state: 'registered', observations: 1 });
    const from: string[] = [];
    scene.network.tap((event) => {
      if (event.to === '10.0.0.1:5683') from.push(event.from);
    });
    client.set(Temperature.sensorValue, 30);
    await pass(scene, 1);
    // The scripted server knows devices by their addresses alone, so that it is the datagram that counts.
    expect(from).toEqual([scene.server.seen.at(-1)?.from]);
    expect(lines).toEqual([]);
  });

  test('ends what is waited for', async () => {
    const scene = new Scene();
    scene.server.script = () => ({ code: parseCode('5.03') });
    const client = await scene.start({ server: exact });
    await pass(scene, 1);
    scene.server.script = () => undefined;
    client.networkChanged();
    await pass(scene, 1);
    expect(client.inspect().servers[0]?.state).toBe('registered');
  });

  test('an address that nobody answers is followed by the next one, with the next attempt', async () => {
    const scene = new Scene();
    const tried: number[] = [];
    const remotes = ['10.0.0.8:5683', '10.0.0.1:5683'];
    const silent = scene.network.transport('10.0.0.8:5683');
    silent.open({ datagram: () => undefined, unreachable: () => undefined, closed: () => undefined });
    const client = await scene.start({
      server: exact,
      requestTimeoutMs: 1_000,
      connect: async (_uri, candidate) => {
        tried.push(candidate);
        const remote = remotes[candidate];
        return remote === undefined ? undefined : scene.network.transport('10.0.0.2:0', { remote });
      },
    });
    await pass(scene, 100);
    expect(client.inspect().servers[0]?.state).toBe('registered');
    expect(tried).toEqual([0, 1]);
  });

  test('behind the last address comes the first', async () => {
    const scene = new Scene();
    const tried: number[] = [];
    scene.network.drop(() => true);
    await scene.start({
      server: exact,
      requestTimeoutMs: 1_000,
      connect: async (_uri, candidate) => {
        tried.push(candidate);
        return candidate > 1 ? undefined : scene.network.transport('10.0.0.2:0', { remote: '10.0.0.1:5683' });
      },
    });
    await pass(scene, 500);
    expect(tried).toEqual([0, 1, 2, 0, 1]);
  });
});

describe('several ways to one server', () => {
  const ways = { uri: 'coap://a', secondaryUris: ['coap+tcp://b', 'coap+tcp://c'] };
  const start = async (scene: Scene, tried: string[], account: object = {}) =>
    scene.start({
      server: { ...exact, ...ways, ...account },
      bindings: 'UT',
      requestTimeoutMs: 1_000,
      connect: async (uri, candidate) => {
        tried.push(`${uri} ${candidate}`);
        const remote = uri === 'coap+tcp://c' ? '10.0.0.1:5683' : '10.0.0.9:5683';
        return candidate > 0 ? undefined : scene.network.transport('10.0.0.2:0', { remote });
      },
    });

  test('secondary URIs are tried after the first, where nobody listens (/0/x/25)', async () => {
    const scene = new Scene();
    const tried: string[] = [];
    const client = await start(scene, tried);
    await pass(scene, 1);
    expect(tried.filter((line) => line.endsWith(' 0'))).toEqual(['coap://a 0', 'coap+tcp://b 0', 'coap+tcp://c 0']);
    expect(client.inspect().servers[0]?.state).toBe('registered');
    expect(scene.server.lines[0]).toContain('b=UT');
  });

  test('the preferred transport comes first (/1/x/22)', async () => {
    const scene = new Scene();
    const tried: string[] = [];
    await start(scene, tried, { preferredTransport: 'T' });
    await pass(scene, 1);
    expect(tried[0]).toBe('coap+tcp://b 0');
  });

  test('a server that writes another preference is registered at anew', async () => {
    const scene = new Scene();
    const tried: string[] = [];
    await start(scene, tried);
    await pass(scene, 1);
    tried.length = 0;
    expect(await scene.network.settle(scene.server.write('/1/0/22', 'T'))).toBe('2.04');
    await pass(scene, 1);
    expect(tried[0]).toBe('coap+tcp://b 0');
    expect(requests(scene).filter((line) => line === 'POST /rd')).toHaveLength(2);
    expect(await scene.network.settle(scene.server.write('/1/0/22', 'M'))).toBe('4.00');
  });
});

describe('keep-alive', () => {
  test('pings while nothing else is sent', async () => {
    const scene = new Scene();
    const pings: number[] = [];
    const client = await scene.registered({ keepAliveSeconds: 25 });
    scene.network.tap(({ at, to, bytes }) => {
      if (to === '10.0.0.1:5683' && bytes.length === 4 && bytes[1] === 0) pings.push(Math.round(at / 1_000));
    });
    await pass(scene, 60);
    expect(pings).toEqual([25, 50]);
    client.offline();
    await pass(scene, 60);
    expect(pings).toHaveLength(2);
  });

  test('a ping that nobody answers is followed by an Update', async () => {
    const scene = new Scene();
    await scene.registered({ keepAliveSeconds: 25, requestTimeoutMs: 1_000, server: exact });
    let dropped = 0;
    scene.network.drop(({ bytes }) => bytes.length === 4 && bytes[1] === 0 && dropped++ < 3);
    await pass(scene, 40);
    expect(requests(scene)).toEqual(['POST /rd', 'POST /rd/the']);
  });
});
