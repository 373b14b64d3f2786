import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, type Pair, pair, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import { AbortedError, EndpointClosedError, QueueFullError } from '../errors.ts';
import { AbortSource } from '../platform/abort-source.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import { tooManyRequests } from '../server/too-many-requests.ts';
import { type ObeyTooManyRequestsOptions, obeyTooManyRequests } from './obey-too-many-requests.ts';
import { TooManyRequestsError } from './too-many-requests-error.ts';

/** A server that gives these answers and then 2.05, a client that obeys, and when the server was asked. */
function obeying(answers: readonly CoapAnswer[], options: Partial<ObeyTooManyRequestsOptions> = {}) {
  const left = [...answers];
  const askedAt: number[] = [];
  const made: Pair = pair((request) => {
    askedAt.push(Math.round(made.network.clock.now() / 1000));
    if (request.observe === 0 && left.length === 0) request.acceptObserver();
    return left.shift() ?? { code: 0x45 };
  });
  const { network } = made;
  const client = obeyTooManyRequests(made.client, { clock: network.clock, ...options });
  const get = () => client.request(SERVER, { method: 'GET' });
  return { ...made, client, get, askedAt };
}

describe('a client that obeys 4.29 (RFC 8516 §4)', () => {
  test('waits, and asks again by itself when the time of Max-Age has passed', async () => {
    const { network, get, askedAt } = obeying([tooManyRequests(10), tooManyRequests(5)]);
    const first = get();
    await network.run(1000);
    const second = get();
    expect((await network.settle(Promise.all([first, second]), 60_000)).map(({ code }) => code)).toEqual([0x45, 0x45]);
    expect(askedAt).toEqual([0, 10, 10, 15]);
    await network.run(1_000_000);
    expect(network.pendingTimers).toBe(0);
  });

  test('without Max-Age it is a minute; a peer that says 0 is asked after a second', async () => {
    const { network, get, askedAt } = obeying([{ code: 0x9d }, tooManyRequests(0)]);
    await network.settle(get(), 100_000);
    expect(askedAt).toEqual([0, 60, 61]);
  });

  test('an observation waits likewise; other peers and pings do not', async () => {
    const { network, client, askedAt } = obeying([tooManyRequests(10)]);
    const callbacks = { onNotification: () => undefined, onEnd: () => undefined };
    const observation = client.observe(SERVER, { method: 'GET' }, callbacks);
    await network.run(1000);
    await network.settle(client.ping(SERVER));
    expect((await network.settle(observation, 60_000)).established).toBe(true);
    expect(askedAt).toEqual([0, 10]);
  });

  test('rejects by name where it is asked to, and gives the 4.29 itself', async () => {
    const { network, get, askedAt } = obeying([tooManyRequests(10)], { whenLimited: 'reject' });
    expect((await network.settle(get())).code).toBe(0x9d);
    const error: unknown = await get().catch((reason: unknown) => reason);
    expect(TooManyRequestsError.is(error) && [error.code, error.peer]).toEqual(['too-many-requests', SERVER]);
    expect(TooManyRequestsError.is(error) && error.retryAfterMs).toBeGreaterThan(9000);
    await network.run(10_500);
    expect((await network.settle(get())).code).toBe(0x45);
    expect(askedAt).toEqual([0, 11]);
  });

  test.each([
    [20, [0x45, 0x45]],
    [21, [0x9d, 'TooManyRequestsError']],
  ])('a request waits for waitMaxMs in all: Max-Age %i with 20 s', async (seconds, expected) => {
    const { network, get } = obeying([tooManyRequests(seconds)], { waitMaxMs: 20_000 });
    const outcome = (asked: ReturnType<typeof get>) =>
      asked.then(
        ({ code }) => code,
        ({ name }) => name,
      );
    const first = outcome(get());
    await network.run(1000);
    const second = outcome(get());
    expect(await network.settle(Promise.all([first, second]), 60_000)).toEqual(expected);
  });

  test('waitingPerPeerMax requests wait, one more rejects; those that are aborted wait no more', async () => {
    const { network, client, get } = obeying([tooManyRequests(10)], { waitingPerPeerMax: 2 });
    const source = new AbortSource();
    const first = get();
    await network.run(1000);
    const aborted = client.request(SERVER, { method: 'GET' }, { signal: source.signal });
    const full: unknown = await get().catch((reason: unknown) => reason);
    expect(QueueFullError.is(full) && full.limit).toBe('waitingPerPeerMax');
    source.abort('enough');
    expect(AbortedError.is(await aborted.catch((reason: unknown) => reason))).toBe(true);
    expect((await network.settle(Promise.all([first, get()]), 60_000)).map(({ code }) => code)).toEqual([0x45, 0x45]);
  });

  test('what is streamed is sent once: the 4.29 is the response', async () => {
    const { network, client, askedAt } = obeying([tooManyRequests(10)]);
    async function* payload() {
      yield Uint8Array.of(1);
    }
    const response = await network.settle(client.request(SERVER, { method: 'POST', payload: payload() }));
    expect([response.code, askedAt.length]).toEqual([0x9d, 1]);
  });

  test('limitedPeersMax peers are remembered: the first gives way', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const [other, shared] = ['10.0.0.3:5683', { clock: network.clock, random: network.randomSource }];
    const servers = [SERVER, other].map((name, index) => {
      const answers = [tooManyRequests(50 + index)];
      const handler = () => answers.shift() ?? { code: 0x45 };
      return new CoapEndpoint({ transport: network.transport(name), ...shared, handler });
    });
    const plain = new CoapEndpoint({ transport: network.transport(CLIENT), ...shared });
    const client = obeyTooManyRequests(plain, { clock: network.clock, limitedPeersMax: 1 });
    const waiting = client.request(SERVER, { method: 'GET' });
    await network.run(1000);
    const refused = client.request(other, { method: 'GET' }).catch((reason: unknown) => reason);
    expect((await network.settle(waiting, 20_000)).code).toBe(0x45);
    expect(network.clock.now()).toBeLessThan(20_000);
    await network.settle(client.close());
    expect(EndpointClosedError.is(await refused)).toBe(true);
    await Promise.all(servers.map((server) => server.close()));
    expect(network.pendingTimers).toBe(0);
  });

  test.each([{ waitMaxMs: 0 }, { waitingPerPeerMax: 0 }, { limitedPeersMax: 0 }])('%o is refused', (wrong) => {
    expect(() => obeying([], wrong)).toThrow(RangeError);
  });
});
