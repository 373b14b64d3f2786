import { describe, expect, test } from 'vitest';
import { bytes, CLIENT, content, NO_STATE, pair, SERVER, stateLeft, text } from './coap-endpoint.fixture.ts';
import {
  AbortedError,
  PeerUnreachableError,
  ProtocolError,
  QueueFullError,
  ResetError,
  TimeoutError,
} from './errors.ts';
import { AbortSource } from './platform/abort-source.ts';
import type { CoapAnswer } from './server/coap-answer.ts';
import type { CoapRequest } from './server/coap-request.ts';
import { encodeMessage, encodeUintOption, MessageType, OptionNumber } from './wire/index.ts';

const GET = { method: 'GET' } as const;
const never = (): Promise<CoapAnswer> => new Promise(() => {});

/** More than a datagram of 4096 bytes, and not to be cut. */
const LONG_OPTION = { number: 65_000, value: new Uint8Array(4096) };

describe('request and answer', () => {
  test('everything that is said arrives', async () => {
    let seen: CoapRequest | undefined;
    const { network, client } = pair((request) => {
      seen = request;
      return {
        code: 0x41,
        contentFormat: 60,
        locationPath: ['rd', 'ä'],
        eTag: bytes('tag'),
        maxAgeSeconds: 5,
        options: [{ number: 65_000, value: bytes('more') }],
        payload: bytes('made'),
      };
    });
    const options = [{ number: 2048, value: bytes('x') }];
    const response = await network.settle(
      client.request(SERVER, {
        method: 'POST',
        path: ['a', '', 'ö/b'],
        query: ['ep=x', 'lt=1'],
        contentFormat: 40,
        accept: 60,
        options,
        payload: bytes('body'),
      }),
    );
    expect(seen).toMatchObject({
      peer: CLIENT,
      method: 'POST',
      code: 2,
      confirmable: true,
      path: ['a', '', 'ö/b'],
      query: ['ep=x', 'lt=1'],
      contentFormat: 40,
      accept: 60,
      observe: undefined,
    });
    expect(text(seen?.payload ?? bytes(''))).toBe('body');
    expect(seen?.token).toHaveLength(8);
    expect(seen?.options.at(-1)).toMatchObject(options[0] ?? {});
    expect(response).toMatchObject({
      peer: SERVER,
      code: 0x41,
      contentFormat: 60,
      locationPath: ['rd', 'ä'],
      maxAgeSeconds: 5,
      observe: undefined,
      receivedAt: 20,
    });
    expect([response.eTag, response.payload].map((value) => text(value ?? bytes('')))).toEqual(['tag', 'made']);
  });

  test.each(['GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'] as const)('%s', async (method) => {
    const { network, client } = pair((request) => content(request.method));
    expect(text((await network.settle(client.request(SERVER, { method }))).payload)).toBe(method);
  });

  test('error codes are responses, not errors', async () => {
    const { network, client } = pair(() => ({ code: 0x84 }));
    expect((await network.settle(client.request(SERVER, GET))).code).toBe(0x84);
  });

  test('an answer in time is piggybacked, a later one separate', async () => {
    const { network, client, seen } = pair(({ path }) => {
      if (path[0] === 'now') return Promise.resolve(content('x'));
      return new Promise((resolve) => network.clock.schedule(network.clock.now() + 500, () => resolve(content('y'))));
    });
    await network.settle(client.request(SERVER, { ...GET, path: ['now'] }));
    await network.settle(client.request(SERVER, { ...GET, path: ['later'] }));
    await network.run(network.clock.now() + 100);
    expect(seen.map((line) => line.replace(/ \d+$/, ''))).toEqual([
      'client CON 0.01',
      'server ACK 2.05',
      'client CON 0.01',
      'server ACK 0.00',
      'server CON 2.05',
      'client ACK 0.00',
    ]);
  });

  test('whenSent is called after the answer went out, also for a separate one', async () => {
    const order: string[] = [];
    const { network, client, seen } = pair(({ path }) => {
      const answer = { ...content('x'), whenSent: () => order.push(`${path[0]} sent, seen ${seen.length}`) };
      return path[0] === 'now' ? answer : new Promise((resolve) => network.clock.schedule(1000, () => resolve(answer)));
    });
    await network.settle(client.request(SERVER, { ...GET, path: ['now'] }));
    await network.settle(client.request(SERVER, { ...GET, path: ['later'] }));
    expect(order).toEqual(['now sent, seen 1', 'later sent, seen 4']);
  });

  test('a request that a handler sends at once comes after its answer', async () => {
    const { network, client, server, seen } = pair(() => {
      server.request(CLIENT, GET).catch(() => {});
      return content('x');
    });
    client.setHandler(() => content('client'));
    await network.settle(client.request(SERVER, GET));
    await network.run(100);
    expect(new Set(seen.map((line) => line.replace(/ \d+$/, '')))).toEqual(
      new Set(['client CON 0.01', 'server ACK 2.05', 'server CON 0.01', 'client ACK 2.05']),
    );
    const fromServer = seen.filter((line) => line.startsWith('server'));
    expect(fromServer[0]).toMatch(/^server ACK 2.05/);
  });

  test('without a handler it is 4.04', async () => {
    const { network, client } = pair(undefined);
    expect((await network.settle(client.request(SERVER, GET))).code).toBe(0x84);
  });
});

describe('a handler that fails', () => {
  test.each([
    [
      'throws',
      (): CoapAnswer => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
    ['answers with the code of a request', () => ({ code: 1 })],
    ['answers more options than a datagram holds', () => ({ code: 0x45, options: [LONG_OPTION] })],
    ['answers nothing', () => undefined as unknown as CoapAnswer],
  ])('%s: 5.00 without a text, and a line in the log', async (_name, handler) => {
    const { network, client, log } = pair(handler);
    const response = await network.settle(client.request(SERVER, GET));
    expect([response.code, response.payload.length]).toEqual([0xa0, 0]);
    expect(log).toHaveLength(1);
    expect(log[0]).toMatch(/^a request handler failed/);
  });

  test('takes too long: 5.03, its signal, and what it answers later is dropped', async () => {
    let request: CoapRequest | undefined;
    let answer: (late: CoapAnswer) => void = () => {};
    const whenSent: string[] = [];
    const { network, client, server } = pair((incoming) => {
      request = incoming;
      return new Promise((resolve) => {
        answer = resolve;
      });
    });
    const response = await network.settle(client.request(SERVER, GET));
    expect(response.code).toBe(0xa3);
    expect(network.clock.now()).toBe(60_020);
    expect(request?.signal.aborted).toBe(true);
    answer({ ...content('late'), whenSent: () => whenSent.push('sent') });
    await network.run(network.clock.now() + 1000);
    expect(whenSent).toEqual([]);
    expect(server.stats()).toMatchObject({ handlerTimeouts: 1, lateAnswers: 1, serverExchanges: 0 });
  });

  test('a callback that throws is for the log, and ends nothing', async () => {
    const { network, client, log } = pair(() => ({
      ...content('x'),
      whenSent: () => {
        throw new Error('mine');
      },
    }));
    for (let round = 0; round < 2; round++) await network.settle(client.request(SERVER, GET));
    expect(log).toEqual(['a callback failed Error: mine', 'a callback failed Error: mine']);
  });
});

describe('errors', () => {
  test('the stack of each holds the line of the caller', async () => {
    const { network, client } = pair(never);
    const rejected = client.request(SERVER, GET, { timeoutMs: 100 }).catch((error: unknown) => error);
    const error = await network.settle(rejected);
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as Error).stack).toMatch(/^TimeoutError: 10\.0\.0\.1:5683 did not answer/);
    expect((error as Error).stack).toContain('coap-endpoint.test.ts');
  });

  test('TimeoutError after timeoutMs, counted from the call', async () => {
    const { network, client } = pair(never);
    const failing = client.request(SERVER, GET, { timeoutMs: 1234 });
    await expect(network.settle(failing)).rejects.toSatisfy(TimeoutError.is);
    expect(network.clock.now()).toBe(1234);
    expect(client.stats()).toMatchObject({ clientExchanges: 0, transmissions: 0 });
  });

  test('TimeoutError when nobody acknowledges', async () => {
    const { network, client } = pair(never, { loss: 1 });
    await expect(network.settle(client.request(SERVER, GET))).rejects.toMatchObject({ code: 'timeout', peer: SERVER });
    expect(network.clock.now()).toBeGreaterThanOrEqual(62_000);
    expect(network.clock.now()).toBeLessThanOrEqual(93_000);
  });

  test('AbortedError when the signal is given, before or meanwhile; the request is not sent again', async () => {
    const { network, client, seen } = pair(never, { loss: 1 });
    const source = new AbortSource();
    const failing = client.request(SERVER, GET, { signal: source.signal });
    network.clock.schedule(50, () => source.abort('enough'));
    await expect(network.settle(failing)).rejects.toMatchObject({ code: 'aborted', cause: 'enough' });
    await expect(client.request(SERVER, GET, { signal: source.signal })).rejects.toSatisfy(AbortedError.is);
    await network.run(100_000);
    expect(seen).toHaveLength(1);
    expect(client.stats().clientExchanges).toBe(0);
  });

  test('no listener is left on the signal, however the request ends', async () => {
    const { network, client } = pair(({ path }) => (path[0] === 'never' ? never() : content('x')));
    let listeners = 0;
    const signal = {
      aborted: false,
      reason: undefined,
      addEventListener: () => void listeners++,
      removeEventListener: () => void listeners--,
    };
    await network.settle(client.request(SERVER, GET, { signal }));
    const failing = client.request(SERVER, { ...GET, path: ['never'] }, { signal, timeoutMs: 50 });
    expect(listeners).toBe(1);
    await expect(network.settle(failing)).rejects.toSatisfy(TimeoutError.is);
    expect(listeners).toBe(0);
  });

  test('PeerUnreachableError at once, with the cause', async () => {
    const { network, client, serverTransport } = pair(never);
    serverTransport.fail();
    const failing = client.request(SERVER, GET);
    await expect(network.settle(failing)).rejects.toSatisfy(PeerUnreachableError.is);
    await expect(failing).rejects.toHaveProperty('cause.message', `connection refused by ${SERVER}`);
    expect(network.clock.now()).toBe(20);
  });

  test('PeerUnreachableError also for a request that is acknowledged and waits', async () => {
    const { network, client, serverTransport } = pair(never);
    const waiting = client.request(SERVER, GET).catch((error: unknown) => error);
    await network.run(1000);
    serverTransport.fail();
    client.ping(SERVER).catch(() => {});
    expect(await network.settle(waiting)).toBeInstanceOf(PeerUnreachableError);
  });

  test('ResetError when the peer refuses the request', async () => {
    const { network, client, serverTransport } = pair(never);
    network.tap(({ from, bytes: request }) => {
      if (from === CLIENT) serverTransport.send(CLIENT, Uint8Array.of(0x70, 0, request[2] ?? 0, request[3] ?? 0));
    });
    await expect(network.settle(client.request(SERVER, GET))).rejects.toSatisfy(ResetError.is);
  });

  test('QueueFullError names the limit', async () => {
    const { network, client } = pair(never, {}, { clientExchangesPerPeerMax: 2, queueMax: 1 });
    for (let count = 0; count < 2; count++) client.request(SERVER, GET).catch(() => {});
    await expect(client.request(SERVER, GET)).rejects.toMatchObject({ limit: 'clientExchangesPerPeerMax' });
    await expect(client.request(SERVER, GET)).rejects.toSatisfy(QueueFullError.is);
    await network.run(10);
  });

  test('ProtocolError when the response has a critical option that is not understood', async () => {
    const { network, client } = pair(() => ({ code: 0x45, options: [{ number: 9, value: bytes('x') }] }));
    const failing = client.request(SERVER, GET);
    await expect(network.settle(failing)).rejects.toSatisfy(ProtocolError.is);
    await expect(failing).rejects.toThrow('Oscore (9)');
  });

  test('ProtocolError when a block is not what it says; a body in one block is taken', async () => {
    const block = (value: number) => encodeUintOption(OptionNumber.Block2, value);
    const { network, client } = pair(({ path }) => ({ ...content('x'), options: [block(Number(path[0]))] }));
    const ask = (value: number) => network.settle(client.request(SERVER, { ...GET, path: [String(value)] }));
    // M with fewer bytes than SZX says; NUM 1 to begin with; a size that UDP does not know.
    await expect(ask(14)).rejects.toThrow('not the size');
    await expect(ask(14)).rejects.toMatchObject({ code: 'protocol', section: 'RFC 7959 §2.4' });
    await expect(ask(22)).rejects.toThrow('not number 0');
    await expect(ask(7)).rejects.toThrow('Block2');
    expect((await ask(6)).code).toBe(0x45);
  });

  test.each([
    ['a segment that no option can hold', { ...GET, path: ['x'.repeat(256)] }, RangeError],
    ['a segment "..", which no URI has', { ...GET, path: ['..'] }, TypeError],
    ['an unknown method', { method: 'HEAD' as 'GET' }, TypeError],
    ['more options than a datagram holds', { ...GET, options: [LONG_OPTION] }, RangeError],
  ])('a mistake of the caller: %s', async (_name, init, kind) => {
    const { client } = pair(never);
    await expect(client.request(SERVER, init)).rejects.toBeInstanceOf(kind);
    expect(client.stats().clientExchanges).toBe(0);
  });
});

describe('ping', () => {
  test('resolves when the peer is there', async () => {
    const { network, client, seen } = pair(never);
    await network.settle(client.ping(SERVER));
    expect(seen.map((line) => line.replace(/ \d+$/, ''))).toEqual(['client CON 0.00', 'server RST 0.00']);
  });

  test('rejects when it is not', async () => {
    const { network, client } = pair(never, { loss: 1 });
    await expect(network.settle(client.ping(SERVER, { timeoutMs: 5000 }))).rejects.toSatisfy(TimeoutError.is);
  });
});

test('a response from the wrong peer is refused, and the right one still counts', async () => {
  const { network, server } = pair(undefined);
  const stranger = network.transport('10.0.0.66:1');
  const other = network.transport('10.0.0.3:1');
  other.open({
    datagram: (_peer, request) => {
      const answer = { code: 0x45, options: [], token: request.slice(4, 12), messageId: 9 };
      stranger.send(SERVER, encodeMessage({ ...answer, type: MessageType.Confirmable, payload: bytes('forged') }));
      const right = encodeMessage({ ...answer, type: MessageType.Confirmable, payload: bytes('right') });
      network.clock.schedule(100, () => other.send(SERVER, right));
    },
    unreachable() {},
    closed() {},
  });
  const resets: number[] = [];
  stranger.open({ datagram: (_peer, reset) => resets.push(reset[0] ?? 0), unreachable() {}, closed() {} });
  const response = await network.settle(server.request('10.0.0.3:1', GET));
  expect(text(response.payload)).toBe('right');
  expect(resets).toEqual([0x70]);
});

test('state about an idle peer is dropped', async () => {
  const { network, client, server } = pair(() => content('x'));
  await network.settle(client.request(SERVER, GET));
  await network.run(500_000);
  expect([stateLeft(client.stats()), stateLeft(server.stats())]).toEqual([NO_STATE, NO_STATE]);
});
