import { encodeUtf8 } from '@motestack/bytes';
import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CoapStreamEndpoint, type CoapStreamEndpointOptions } from './coap-stream-endpoint.ts';
import { CSM, frame, inWords } from './connection/connection.fixture.ts';
import type { StreamReceiver } from './platform/stream-transport.ts';
import type { RequestHandler } from './server/coap-request.ts';
import { encodeUintOption } from './wire/index.ts';

const PEER = 'peer';
const GET = { method: 'GET', path: ['a'] } as const;

/** An endpoint over a transport that writes down what it is told, and says what a test has it say. */
function alone(options: Partial<CoapStreamEndpointOptions> = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const log: string[] = [];
  let receiver: StreamReceiver | undefined;
  const transport = {
    framing: 'length' as const,
    localUrl: 'coap+tcp://test',
    remote: PEER,
    open: (opened: StreamReceiver) => {
      receiver = opened;
    },
    send: (_peer: string, bytes: Uint8Array) => log.push(...inWords(bytes)),
    connect: () => log.push('connect'),
    disconnect: (_peer: string, advice: { holdOffMs?: number | undefined } = {}) =>
      log.push(`disconnect${advice.holdOffMs === undefined ? '' : ` ${advice.holdOffMs}`}`),
    close: () => Promise.resolve(),
  };
  const { clock, randomSource: random } = network;
  const endpoint = new CoapStreamEndpoint({ transport, clock, random, ...options });
  const take = (chunk: Uint8Array) => receiver?.bytes(PEER, chunk);
  const connect = () => {
    receiver?.connected(PEER);
    take(CSM);
    log.length = 0;
  };
  return { network, endpoint, log, take, connect, lose: (cause?: Error) => receiver?.disconnected(PEER, cause) };
}

const observeOption = (value: number) => encodeUintOption(6, value);

/** The token of the last request that was sent. */
function tokenOf(log: readonly string[]): Uint8Array {
  const [, hex = ''] = /^0\.\d\d ([0-9a-f]{16})/.exec(log.at(-1) ?? '') ?? [];
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

describe('observing over connections (RFC 8323 §7)', () => {
  async function observed() {
    const made = alone();
    made.connect();
    const seen: string[] = [];
    const ends: unknown[] = [];
    const callbacks = {
      onNotification: ({ payload }: { payload: Uint8Array }) => seen.push(String.fromCharCode(...payload)),
      onEnd: (error: unknown) => ends.push(error),
    };
    const asking = made.endpoint.observe(PEER, GET, callbacks);
    const token = tokenOf(made.log);
    made.take(frame({ code: 0x45, token, options: [observeOption(9)] }));
    return { ...made, observation: await made.network.settle(asking), token, seen, ends };
  }

  test('whatever their numbers say, notifications are in order (§7.1)', async () => {
    const { take, token, seen } = await observed();
    for (const [value, number] of [
      ['a', 3],
      ['b', 3],
      ['c', 0],
    ] as const) {
      take(frame({ code: 0x45, token, options: [observeOption(number)], payload: encodeUtf8(value) }));
    }
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  test('forget deregisters with the same token (§7.4)', async () => {
    const { observation, log, token, ends } = await observed();
    log.length = 0;
    observation.forget();
    expect(log).toEqual([expect.stringMatching(/^0\.01 [0-9a-f]{16} 6=01 11=61$/)]);
    expect(tokenOf(log)).toEqual(token);
    expect(ends).toEqual([undefined]);
  });

  test('the loss of the connection ends it by name', async () => {
    const { lose, ends, endpoint } = await observed();
    lose(new Error('ECONNRESET'));
    expect(ends).toMatchObject([
      { name: 'ConnectionLostError', loss: { reason: 'closed' }, cause: { message: 'ECONNRESET' } },
    ]);
    expect(endpoint.stats()).toMatchObject({ observations: 0, connections: 0, connectionsLost: 1 });
  });

  test('a notification with a token that nobody knows is dropped, the connection stays (§7.2)', () => {
    const { take, connect, log, endpoint } = alone();
    connect();
    take(frame({ code: 0x45, token: Uint8Array.of(9), options: [observeOption(1)] }));
    expect([log, endpoint.stats().unexpectedResponses, endpoint.peers()]).toEqual([[], 1, [PEER]]);
  });
});

describe('how connections end', () => {
  test('the first request connects, and waits for the CSM', () => {
    const { endpoint, log, connect } = alone();
    void endpoint.request(PEER, GET).catch(() => {});
    expect(log).toEqual(['connect']);
    connect();
    expect(endpoint.stats()).toMatchObject({ transmissions: 1, connections: 1, messagesIn: 1 });
  });

  test('an Abort of the peer is told with its words', async () => {
    const { endpoint, connect, take, network, log } = alone();
    connect();
    const asking = endpoint.request(PEER, GET);
    take(frame({ code: 0xe5, payload: encodeUtf8('overloaded') }));
    await expect(network.settle(asking)).rejects.toMatchObject({ loss: { reason: 'aborted', detail: 'overloaded' } });
    expect(log.at(-1)).toBe('disconnect');
  });

  test('what the peer breaks is answered with an Abort, then the connection is closed', async () => {
    const { endpoint, connect, take, network, log } = alone();
    connect();
    const asking = endpoint.request(PEER, GET);
    take(Uint8Array.of(0x0f));
    await expect(network.settle(asking)).rejects.toMatchObject({ loss: { reason: 'protocol' } });
    expect(log.slice(-2)).toEqual([expect.stringMatching(/^7\.05 /), 'disconnect']);
  });

  test('a Release: Hold-Off goes to the transport, both go to the log', () => {
    const lines: string[] = [];
    const write = (_fields: object, message: string) => lines.push(message);
    const { connect, take, log } = alone({ logger: { info: write, debug: write } });
    connect();
    take(frame({ code: 0xe4, options: [encodeUintOption(4, 30)] }));
    expect(log).toEqual(['disconnect 30000']);
    expect(lines).toEqual(['a connection is there', 'the peer releases its connection', 'a connection is no more']);
  });

  test('release sends what it is told', () => {
    const { endpoint, connect, log } = alone();
    connect();
    endpoint.release(PEER, { holdOffSeconds: 5 });
    expect(log).toEqual(['7.04 4=05']);
    expect(endpoint.capabilities(PEER)).toMatchObject({ messageSizeMax: 1152 });
  });

  test('close ends what waits, and leaves no timer', async () => {
    const { endpoint, network, connect } = alone();
    connect();
    const rejected = expect(endpoint.request(PEER, GET)).rejects.toMatchObject({ name: 'EndpointClosedError' });
    await network.settle(endpoint.close());
    await rejected;
    expect(network.pendingTimers).toBe(0);
  });
});

describe('a peer that takes next to nothing (RFC 8323 §5.3.1)', () => {
  const token = Uint8Array.of(1);
  const block1 = { options: [encodeUintOption(27, 8)], payload: new Uint8Array(16) };
  const unknown = { options: [{ number: 2049, value: new Uint8Array(0) }] };

  test.each([
    ['a handler that answers at once', { code: 1 }],
    ['a handler that answers late', { code: 2 }],
    ['a block of a body', { code: 3, ...block1 }],
    ['an option that is not understood', { code: 1, ...unknown }],
  ])('%s: the connection is aborted, nothing is thrown, no exchange is left', async (_name, request) => {
    const answer = { code: 0x45 };
    const handler: RequestHandler = ({ method }) => (method === 'POST' ? Promise.resolve(answer) : answer);
    const { log, take, connect, endpoint } = alone({ handler });
    connect();
    take(frame({ code: 0xe1, options: [encodeUintOption(2, 2)] }));
    take(frame({ token, ...request }));
    await Promise.resolve();
    expect(log).toEqual([
      expect.stringMatching(/^7\.05 "a message of \d+ bytes is longer than the peer/),
      'disconnect',
    ]);
    expect(endpoint.stats()).toMatchObject({ connections: 0, serverExchanges: 0 });
  });

  test('a handler that never answers: the 5.03 of the endpoint does not fit either', async () => {
    const handler: RequestHandler = () => new Promise(() => {});
    const { log, take, connect, endpoint, network } = alone({ handler });
    connect();
    take(frame({ code: 0xe1, options: [encodeUintOption(2, 2)] }));
    take(frame({ token }));
    await network.run(200_000);
    expect(log.slice(0, 2)).toEqual([expect.stringMatching(/^7\.05/), 'disconnect']);
    expect(endpoint.stats()).toMatchObject({ connections: 0, serverExchanges: 0 });
  });

  test('what a handler made too long is answered with 5.00', () => {
    const options = [{ number: 8, value: new Uint8Array(120) }];
    const { log, take, connect } = alone({ handler: () => ({ code: 0x44, options }) });
    connect();
    take(frame({ code: 0xe1, options: [encodeUintOption(2, 100)] }));
    take(frame({ token }));
    expect(log).toEqual(['5.00 01']);
  });

  test('what it can take goes in blocks that fit it (RFC 7959 §2.2)', () => {
    const { log, take, connect } = alone({ handler: () => ({ code: 0x45, payload: encodeUtf8('x'.repeat(300)) }) });
    connect();
    take(frame({ code: 0xe1, options: [encodeUintOption(2, 192)] }));
    take(frame({ token }));
    expect(log).toEqual([expect.stringMatching(/^2\.05 01 4=[0-9a-f]{16} 23=0a 28=012c "x{64}"$/)]);
  });
});

test('a handler whose connection is lost learns so, and nobody is warned (RFC 8323 §5.6)', async () => {
  const reasons: unknown[] = [];
  const warned: string[] = [];
  const { take, connect, lose, network } = alone({
    handler: ({ signal }) => {
      signal.addEventListener('abort', () => reasons.push(signal.reason));
      return new Promise(() => {});
    },
    logger: { warn: (_fields, message) => warned.push(message) },
  });
  connect();
  take(frame({ token: Uint8Array.of(1) }));
  await network.run(100);
  lose(new Error('cable'));
  expect(reasons).toEqual([expect.objectContaining({ code: 'connection-lost', peer: PEER })]);
  expect(warned).toEqual([]);
});

describe('a Ping that asks for custody (RFC 8323 §5.4.1)', () => {
  /** The token of the last Ping that asked for custody. */
  const pingToken = (log: readonly string[]): Uint8Array => {
    const [, hex = ''] = /^7\.02 ([0-9a-f]{10}) 2=$/.exec(log.at(-1) ?? '') ?? [];
    return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  };
  const custody = { number: 2, value: new Uint8Array(0) };

  test.each([
    ['with Custody', [custody], true],
    ['without', [], false],
  ])('a Pong %s', async (_name, options, expected) => {
    const { endpoint, network, log, take, connect } = alone();
    connect();
    const asked = endpoint.askCustody(PEER);
    const token = pingToken(log);
    expect(token).toHaveLength(5);
    take(frame({ code: 0xe3, token: Uint8Array.of(1), options: [custody] }));
    take(frame({ code: 0xe3, token, options }));
    expect(await network.settle(asked)).toBe(expected);
    expect(network.pendingTimers).toBe(1);
  });

  test('a Pong without a token is for the oldest, and two are told apart', async () => {
    const { endpoint, network, log, take, connect } = alone();
    connect();
    const [first, second, third] = [endpoint.askCustody(PEER), endpoint.askCustody(PEER), endpoint.askCustody(PEER)];
    take(frame({ code: 0xe3, token: pingToken(log), options: [custody] }));
    expect(await network.settle(third)).toBe(true);
    take(frame({ code: 0xe3 }));
    expect(await network.settle(first)).toBe(false);
    take(frame({ code: 0xe3, options: [custody] }));
    expect(await network.settle(second)).toBe(true);
  });

  test('none in time, none without a connection, none when it is lost or closed', async () => {
    const { endpoint, network, connect, lose } = alone();
    await expect(endpoint.askCustody(PEER)).rejects.toMatchObject({ code: 'connection-lost', peer: PEER });
    connect();
    const late = expect(endpoint.askCustody(PEER, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'timeout' });
    await network.run(499);
    await network.run(501);
    await late;
    const lost = expect(endpoint.askCustody(PEER)).rejects.toMatchObject({ code: 'connection-lost' });
    lose(new Error('cable'));
    await lost;
  });

  test('the other end of ours says so when its handlers have answered', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const { clock, randomSource: random } = network;
    const server = '10.0.0.1:5683';
    const handler: RequestHandler = () =>
      new Promise((resolve) => clock.schedule(clock.now() + 3000, () => resolve({ code: 0x44 })));
    const serving = new CoapStreamEndpoint({ transport: network.streamTransport(server), clock, random, handler });
    const transport = network.streamTransport('10.0.0.2:0', { remote: server });
    const asking = new CoapStreamEndpoint({ transport, clock, random });
    const answered = asking.request(server, GET);
    await network.run(100);
    const asked = asking.askCustody(server).then((isKept) => [isKept, clock.now()]);
    expect(await network.settle(asked)).toEqual([true, expect.any(Number)]);
    expect(clock.now()).toBeGreaterThan(3000);
    await network.settle(answered);
    const never = expect(asking.askCustody(server)).rejects.toMatchObject({ code: 'endpoint-closed' });
    await Promise.all([asking.close(), serving.close()]);
    await never;
  });
});
