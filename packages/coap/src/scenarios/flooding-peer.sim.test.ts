import { SimulatedNetwork } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { bytes, CLIENT, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { EndpointStats } from '../endpoint/endpoint-stats.ts';
import { CoapRouter } from '../router/coap-router.ts';
import {
  encodeBlock,
  encodeMessage,
  encodeUintOption,
  type Message,
  MessageType,
  Method,
  OptionNumber,
} from '../wire/index.ts';

const FLOODER = '10.6.6.6:666';
const NOTHING = new Uint8Array(0);
const token = (count: number) => Uint8Array.of(count >>> 8, count);

/** What a peer can do at its worst, one message of each kind. */
const attacks: Readonly<Record<string, (count: number) => Partial<Message>>> = {
  'requests that must not run twice': (count) => ({ code: Method.Post, token: token(count) }),
  'requests whose answers take long': (count) => ({ code: Method.Get, token: token(count), options: [path('slow')] }),
  observers: (count) => ({
    code: Method.Get,
    token: token(count),
    options: [encodeUintOption(OptionNumber.Observe, 0), path('state')],
  }),
  'bodies that are never whole': (count) => ({
    code: Method.Put,
    token: token(count),
    options: [
      path(`part${count}`),
      { number: OptionNumber.Block1, value: encodeBlock({ blockNumber: 0, more: true, szx: 6 }) },
    ],
    payload: new Uint8Array(1024),
  }),
  'bodies that are never fetched to their end': (count) => ({
    code: Method.Fetch,
    token: token(count),
    options: [path('large'), { number: OptionNumber.UriQuery, value: bytes(`${count}`) }],
  }),
  'messages that mean nothing': (count) => ({ code: 0xe1, token: token(count) }),
};

/** What counts that the attack met a limit. */
const limited: Readonly<Record<string, keyof EndpointStats>> = {
  'requests that must not run twice': 'duplicateMemoryFull',
  'requests whose answers take long': 'serverExchangesFull',
  observers: 'observersFull',
  'bodies that are never whole': 'assembliesEvicted',
  'bodies that are never fetched to their end': 'responseBodiesEvicted',
  'messages that mean nothing': 'ignored',
};

const path = (segment: string) => ({ number: OptionNumber.UriPath, value: bytes(segment) });

/** A server with small limits, so that one peer could well fill them all. */
function serverOn(network: SimulatedNetwork): CoapEndpoint {
  const router = new CoapRouter({ clock: network.clock });
  const state = router.observable('/state', { get: () => ({ code: 0x45 }) });
  router.post('/', ({ request }) => ({ code: 0x44, payload: request.payload }));
  router.put('/store', ({ request }) => ({ code: 0x44, payload: request.payload.subarray(0, 1) }));
  router.fetch('/large', () => ({ code: 0x45, payload: new Uint8Array(5000) }));
  router.get('/slow', async () => {
    await new Promise<void>((resolve) => network.clock.schedule(network.clock.now() + 30_000, resolve));
    return { code: 0x45 };
  });
  const tick = () => {
    state.changed();
    network.clock.schedule(network.clock.now() + 10_000, tick);
  };
  tick();
  return new CoapEndpoint({
    transport: network.transport(SERVER),
    clock: network.clock,
    random: network.randomSource,
    handler: router.handler,
    parameters: {
      duplicateBytesMax: 1_000_000,
      serverExchangesPerPeerMax: 16,
      serverExchangesMax: 64,
      observersPerPeerMax: 16,
      observersMax: 64,
      assembliesPerPeerMax: 4,
      assembliesMax: 16,
      responseBodiesPerPeerMax: 4,
      responseBodiesMax: 16,
    },
  });
}

test.each(Object.keys(attacks))('a flood of %s leaves everybody else what they ask for', async (name) => {
  const network = new SimulatedNetwork({ seed: 3 });
  const server = serverOn(network);
  const client = new CoapEndpoint({
    transport: network.transport(CLIENT),
    clock: network.clock,
    random: network.randomSource,
  });
  const flooder = network.transport(FLOODER);
  // It acknowledges nothing.
  flooder.open({ datagram: () => undefined, unreachable: () => undefined, closed: () => undefined });
  let count = 0;
  let isOver = false;
  const flood = () => {
    for (let burst = 0; burst < 300; burst++, count++) {
      const message = {
        type: MessageType.Confirmable,
        messageId: count & 0xffff,
        token: NOTHING,
        options: [],
        payload: NOTHING,
      };
      flooder.send(SERVER, encodeMessage({ code: 1, ...message, ...attacks[name]?.(count) }));
    }
    if (!isOver) network.clock.schedule(network.clock.now() + 500, flood);
  };
  flood();
  let notifications = 0;
  const callbacks = { onNotification: () => void notifications++, onEnd: () => undefined };
  const observation = await network.settle(
    client.observe(SERVER, { method: 'GET', path: ['state'] }, callbacks),
    60_000,
  );
  expect(observation.established).toBe(true);
  for (let round = 0; round < 10; round++) {
    const put = { method: 'PUT', path: ['store'], payload: new Uint8Array(3000) } as const;
    const asked = [
      client.request(SERVER, { method: 'POST', payload: Uint8Array.of(round) }),
      client.request(SERVER, put),
      client.request(SERVER, { method: 'FETCH', path: ['large'] }),
    ];
    const answers = await network.settle(Promise.all(asked), 60_000);
    expect(answers.map(({ code, payload }) => [code, payload.length])).toEqual([
      [0x44, 1],
      [0x44, 1],
      [0x45, 5000],
    ]);
    await network.run(network.clock.now() + 4000);
  }
  isOver = true;
  expect(count).toBeGreaterThan(20_000);
  expect(server.stats()[limited[name] as keyof EndpointStats]).toBeGreaterThan(1000);
  expect(notifications).toBeGreaterThan(3);
  await network.settle(observation.cancel());
  await Promise.all([server.close(), client.close()]);
});
