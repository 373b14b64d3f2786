import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import type { CoapResponse } from '../client/coap-response.ts';
import { NO_STATE, SERVER, stateLeft, text } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import { AnswerError } from './answer-error.ts';
import { content } from './answers.ts';
import { CoapRouter, type CoapRouterOptions } from './coap-router.ts';
import type { ObservableInit } from './observable-resource.ts';

/** A server with a router, and as many clients as wanted. */
function world(options: Partial<CoapRouterOptions> = {}, parameters: object = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const { clock, randomSource: random } = network;
  const log: string[] = [];
  const logger = { error: (fields: { err?: unknown }, message: string) => log.push(`${message} ${fields.err}`) };
  const router = new CoapRouter({ clock, logger, ...options });
  const { handler } = router;
  const serverTransport = network.transport(SERVER);
  const server = new CoapEndpoint({ transport: serverTransport, clock, random, handler, parameters, logger });
  const endpoint = (index: number) => {
    const address = `10.1.${index >>> 8}.${index & 0xff}:40000`;
    const transport = network.transport(address, { remote: SERVER });
    return new CoapEndpoint({ transport, clock, random });
  };
  /** Observes, and gathers what comes: texts, then how it ended. */
  const observe = async (client: CoapEndpoint, path: string[], more: { query?: string[]; accept?: number } = {}) => {
    const seen: string[] = [];
    const note = (response: CoapResponse) => seen.push(text(response.payload) || String(response.code));
    const onEnd = (error: Error | undefined) => seen.push(`end ${error?.name ?? ''}`.trim());
    const observation = await network.settle(
      client.observe(SERVER, { method: 'GET', path, ...more }, { onNotification: note, onEnd }),
    );
    note(observation.response);
    return { seen, observation };
  };
  const wait = (ms: number) => network.run(network.clock.now() + ms);
  return { network, router, server, serverTransport, endpoint, observe, wait, log };
}

/** A resource that counts how often it is read. */
function counting(init: Partial<ObservableInit<object, undefined>> = {}) {
  const state = { value: 0, reads: 0 };
  const get = (): CoapAnswer => {
    state.reads++;
    return content(`value ${state.value}`);
  };
  return { state, init: { get, ...init } };
}

describe('changed', () => {
  test('everybody is told, and it is read once for all of them', async () => {
    const { router, endpoint, observe, wait, server } = world();
    const { state, init } = counting();
    const resource = router.observable('/x', init);
    const seen = [];
    for (let index = 1; index <= 20; index++) seen.push((await observe(endpoint(index), ['x'])).seen);
    expect([resource.observers, state.reads]).toEqual([20, 20]);
    state.value = 1;
    resource.changed();
    await wait(1000);
    expect(state.reads).toBe(21);
    for (const one of seen) expect(one).toEqual(['value 0', 'value 1']);
    expect(server.stats().retransmissions).toBe(0);
  });

  test('changes of one turn merge, and the newest state is told', async () => {
    const { router, endpoint, observe, wait } = world();
    const { state, init } = counting();
    const resource = router.observable('/x', init);
    const { seen } = await observe(endpoint(1), ['x']);
    for (state.value = 1; state.value < 10; state.value++) resource.changed();
    await wait(1000);
    expect(seen).toEqual(['value 0', 'value 10']);
    expect(state.reads).toBe(2);
  });

  test('each query and Accept has its own representation', async () => {
    const { router, endpoint, observe, wait } = world();
    const resource = router.observable('/x', {
      get: ({ query, accept }) => content(`${query.join('&')} ${accept}`),
    });
    const client = endpoint(1);
    const all = [
      await observe(client, ['x']),
      await observe(client, ['x'], { query: ['u=K'] }),
      await observe(client, ['x'], { accept: 50 }),
    ];
    resource.changed();
    await wait(1000);
    const texts = [' undefined', 'u=K undefined', ' 50'];
    expect(all.map(({ seen }) => seen)).toEqual(texts.map((one) => [one, one]));
  });

  test('one path of a pattern', async () => {
    const { router, endpoint, observe, wait } = world();
    const resource = router.observable('/x/:id/*rest', {
      get: ({ params }) => content(params.id + params.rest.join('')),
    });
    const client = endpoint(1);
    const a = await observe(client, ['x', 'a', 'z']);
    const b = await observe(client, ['x', 'b', 'z']);
    resource.changed({ id: 'b' });
    await wait(100);
    resource.changed({ rest: ['z'] });
    await wait(100);
    resource.changed({ id: 'c' });
    await wait(100);
    expect([a.seen, b.seen]).toEqual([
      ['az', 'az'],
      ['bz', 'bz', 'bz'],
    ]);
  });

  test('a slow reading: changes meanwhile lead to another one', async () => {
    const { network, router, endpoint, observe, wait } = world();
    let value = 0;
    const resource = router.observable('/x', {
      get: () => {
        const read = content(`value ${value}`);
        return new Promise((resolve) => network.clock.schedule(network.clock.now() + 500, () => resolve(read)));
      },
    });
    const { seen } = await observe(endpoint(1), ['x']);
    value = 1;
    resource.changed();
    await wait(100);
    value = 2;
    resource.changed();
    await wait(3000);
    expect(seen).toEqual(['value 0', 'value 1', 'value 2']);
  });

  test('a change while the first answer is read comes behind it', async () => {
    const { network, router, endpoint, observe, wait } = world();
    let value = 0;
    const resource = router.observable('/x', {
      get: () => {
        const read = content(`value ${value}`);
        return new Promise((resolve) => network.clock.schedule(network.clock.now() + 100, () => resolve(read)));
      },
    });
    network.clock.schedule(50, () => {
      value = 1;
      resource.changed();
    });
    const { seen } = await observe(endpoint(1), ['x']);
    await wait(2000);
    expect(new Set(seen)).toEqual(new Set(['value 0', 'value 1']));
  });

  test('Non-confirmable, where it is wanted', async () => {
    const { network, router, endpoint, observe, wait, server } = world();
    const { init } = counting({ confirmable: false });
    const resource = router.observable('/x', init);
    await observe(endpoint(1), ['x']);
    const types: number[] = [];
    network.tap(({ from, bytes }) => from === SERVER && types.push(((bytes[0] ?? 0) >>> 4) & 3));
    resource.changed();
    await wait(1000);
    expect(types).toEqual([1]);
    expect(server.stats().transmissions).toBe(0);
  });
});

describe('the end', () => {
  test('an observer that is gone is forgotten, and nothing is left', async () => {
    const { router, endpoint, observe, wait, server, network } = world();
    const { state, init } = counting();
    const resource = router.observable('/x', init);
    const one = await observe(endpoint(1), ['x']);
    const other = await observe(endpoint(2), ['x']);
    await network.settle(one.observation.cancel());
    expect(resource.observers).toBe(1);
    other.observation.forget();
    resource.changed();
    await wait(1000);
    expect(resource.observers).toBe(0);
    const { reads } = state;
    resource.changed();
    await wait(400_000);
    expect(state.reads).toBe(reads);
    expect(stateLeft(server.stats())).toEqual(NO_STATE);
    expect(network.pendingTimers).toBe(0);
  });

  test.each([
    ['an answer that is not 2.xx', () => ({ code: 0x84 }), '132', []],
    [
      'an AnswerError',
      () => {
        throw new AnswerError(0x84);
      },
      '132',
      [],
    ],
    [
      'another error',
      () => {
        throw new Error('broken');
      },
      '160',
      ['a resource cannot be read for its observers Error: broken'],
    ],
    [
      'a rejection',
      () => Promise.reject(new Error('broken')),
      '160',
      ['a resource cannot be read for its observers Error: broken'],
    ],
    [
      'what cannot be sent',
      () => ({ code: 0x45, eTag: new Uint8Array(9) }),
      '160',
      ['a resource cannot be read for its observers RangeError: an ETag has 1 to 8 bytes'],
    ],
  ] as [string, () => CoapAnswer | Promise<CoapAnswer>, string, string[]][])(
    '%s ends all observations [RFC 7641 §4.2]',
    async (_name, fail, code, logged) => {
      const { router, endpoint, observe, wait, log } = world();
      let isBroken = false;
      const resource = router.observable('/x', { get: () => (isBroken ? fail() : content('fine')) });
      const { seen } = await observe(endpoint(1), ['x']);
      isBroken = true;
      resource.changed();
      await wait(1000);
      expect(seen).toEqual(['fine', code, 'end']);
      expect(resource.observers).toBe(0);
      expect(log).toEqual(logged);
    },
  );

  test('a first answer that fails makes no observation', async () => {
    const { router, endpoint, observe, wait } = world();
    const resource = router.observable('/x', { get: () => Promise.reject(new AnswerError(0x84)) });
    const { observation } = await observe(endpoint(1), ['x']);
    await wait(10);
    expect([observation.established, resource.observers]).toEqual([false, 0]);
  });
});

test('observersMax and one more: the answer comes without Observe [RFC 7641 §4.1]', async () => {
  const { router, endpoint, observe } = world({}, { observersMax: 1 });
  const resource = router.observable('/x', counting().init);
  expect((await observe(endpoint(1), ['x'])).observation.established).toBe(true);
  const refused = await observe(endpoint(2), ['x']);
  expect([refused.observation.established, refused.seen]).toEqual([false, ['value 0']]);
  expect(resource.observers).toBe(1);
});

test.each([false, true])('authorize refuses reading and observing, later: %s', async (isLater) => {
  const refuse = () => {
    throw new AnswerError(0x83);
  };
  const { router, endpoint, observe, network } = world({ identityOf: (peer) => peer as never });
  const resource = router.observable('/x', {
    ...counting().init,
    authorize: ({ peer, identity }) => {
      expect(identity).toBe(peer);
      if (isLater) return Promise.resolve().then(() => (peer.startsWith('10.1.0.1:') ? undefined : refuse()));
      return peer.startsWith('10.1.0.1:') ? undefined : refuse();
    },
  });
  expect((await observe(endpoint(1), ['x'])).seen).toEqual(['value 0']);
  expect((await observe(endpoint(2), ['x'])).seen).toEqual(['131']);
  const { code } = await network.settle(endpoint(3).request(SERVER, { method: 'GET', path: ['x'] }));
  expect([code, resource.observers]).toEqual([0x83, 1]);
});

test('a thousand observers: a few in each turn, and nobody starves', async () => {
  const { network, router, endpoint, observe, wait, server } = world();
  const big = router.observable('/big', counting().init);
  const small = router.observable('/small', counting().init);
  for (let index = 1; index <= 1000; index++) await observe(endpoint(index), ['big']);
  const last = await observe(endpoint(1001), ['small']);
  const perInstant = new Map<number, number>();
  network.tap(({ from, at }) => from === SERVER && perInstant.set(at, (perInstant.get(at) ?? 0) + 1));
  const turns: number[] = [];
  let before = server.stats().notificationsOut;
  const { schedule } = network.clock;
  network.clock.schedule = (at, run) =>
    schedule.call(network.clock, at, () => {
      run();
      const { notificationsOut } = server.stats();
      if (notificationsOut > before) turns.push(notificationsOut - before);
      before = notificationsOut;
    });
  big.changed();
  small.changed();
  await wait(10_000);
  expect(turns.reduce((sum, count) => sum + count, 0)).toBe(1001);
  expect(Math.max(...turns)).toBeLessThanOrEqual(256 + 16);
  expect(turns.length).toBeGreaterThanOrEqual(4);
  expect(last.seen).toEqual(['value 0', 'value 0']);
  expect(server.stats().retransmissions).toBe(0);
});
