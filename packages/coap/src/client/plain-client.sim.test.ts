import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import { blockWise } from '../endpoint/block-wise.ts';
import type { MakeBodyTransfers } from '../endpoint/body-transfers.ts';
import { AbortedError, EndpointClosedError, ProtocolError, ResetError, TimeoutError } from '../errors.ts';
import { nonConfirmable } from '../message-layer/transmissions.ts';
import { AbortSource } from '../platform/abort-source.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import type { RequestOptions } from './coap-request-init.ts';
import { newPlainClient } from './new-plain-client.ts';

function world(bodies?: MakeBodyTransfers, faults: { readonly loss?: number; readonly duplication?: number } = {}) {
  const network = new SimulatedNetwork({ seed: 7, ...faults });
  const { clock, randomSource: random } = network;
  const relations: ObserverRelation[] = [];
  const bodyLengths: number[] = [];
  const server = new CoapEndpoint({
    transport: network.transport(SERVER),
    clock,
    random,
    handler: (request) => {
      bodyLengths.push(request.payload.length);
      if (request.observe === 0) relations.push(request.acceptObserver());
      return { code: 0x45, payload: new Uint8Array(Number(request.path[0] ?? 1)) };
    },
  });
  const client = newPlainClient({ transport: network.transport(CLIENT), clock, random, bodies });
  return { network, client, server, relations, bodyLengths };
}

describe.each([
  ['alone', undefined],
  ['with bodies in blocks', blockWise],
])('a plain client %s', (_name, bodies) => {
  test('asks and pings', async () => {
    const { network, client } = world(bodies);
    const response = await network.settle(client.request(SERVER, { method: 'GET', path: ['20'] }));
    expect([response.code, response.payload.length]).toEqual([0x45, 20]);
    await network.settle(client.ping(SERVER));
  });

  test('observes, cancels and forgets', async () => {
    const { network, client, relations } = world(bodies);
    const told: number[] = [];
    const callbacks = {
      onNotification: ({ payload }: { payload: Uint8Array }) => told.push(payload.length),
      onEnd: () => told.push(-1),
    };
    const first = await network.settle(client.observe(SERVER, { method: 'GET' }, callbacks));
    expect([first.established, first.response.payload.length]).toEqual([true, 1]);
    relations[0]?.notify({ code: 0x45, payload: new Uint8Array(3) });
    await network.run(network.clock.now() + 1000);
    await network.settle(first.cancel());
    expect([told, relations[0]?.signal.aborted]).toEqual([[3, -1], true]);
    const second = await network.settle(client.observe(SERVER, { method: 'GET' }, callbacks));
    second.forget();
    relations[1]?.notify({ code: 0x45 });
    await network.run(network.clock.now() + 1000);
    expect([told, relations[1]?.signal.reason]).toEqual([[3, -1, -1], expect.any(ResetError)]);
    expect(client.stats()).toMatchObject({ clientExchanges: 0, observations: 0, transfers: 0 });
  });

  test('under loss and duplication every request ends, none runs twice, and nothing is left', async () => {
    const { network, client, bodyLengths } = world(bodies, { loss: 0.2, duplication: 0.3 });
    const asked = Array.from({ length: 20 }, () => client.request(SERVER, { method: 'POST' }).catch((error) => error));
    await network.settle(Promise.all(asked), 3_000_000);
    expect(bodyLengths).toHaveLength(20);
    await network.run(network.clock.now() + 600_000);
    expect(client.stats()).toMatchObject({ clientExchanges: 0, transmissions: 0, peersKnown: 0, transfers: 0 });
  });

  test('what waits ends by its time, its signal or the end of the client', async () => {
    const network = new SimulatedNetwork({ seed: 1 });
    const { clock, randomSource: random } = network;
    network.transport(SERVER).open({ datagram: () => {}, unreachable: () => {}, closed: () => {} });
    const client = newPlainClient({ transport: network.transport(CLIENT), clock, random, bodies });
    const ask = (options: RequestOptions) =>
      client.request(SERVER, { method: 'GET' }, options).catch((error: unknown) => error);
    const source = new AbortSource();
    const ends = [ask({ timeoutMs: 500 }), ask({ signal: source.signal }), ask({})];
    await network.run(1000);
    source.abort('enough');
    await client.close();
    ends.push(ask({}));
    const expected = [TimeoutError, AbortedError, EndpointClosedError, EndpointClosedError];
    for (const [index, end] of (await Promise.all(ends)).entries()) expect(end).toBeInstanceOf(expected[index]);
  });
});

test('blockWise cuts and joins bodies', async () => {
  const { network, client, bodyLengths } = world(blockWise);
  const request = { method: 'PUT', path: ['5000'], payload: new Uint8Array(3000) } as const;
  expect((await network.settle(client.request(SERVER, request))).payload).toHaveLength(5000);
  expect(bodyLengths).toEqual([3000]);
});

test('without it a response of several blocks is refused, unless its block was asked for', async () => {
  const { network, client } = world();
  const error = await network.settle(
    client.request(SERVER, { method: 'GET', path: ['5000'] }).catch((reason: unknown) => reason),
  );
  expect(error).toBeInstanceOf(ProtocolError);
  const options = [{ number: 23, value: Uint8Array.of(0x06) }];
  const block = await network.settle(client.request(SERVER, { method: 'GET', path: ['5000'], options }));
  expect(block.payload).toHaveLength(1024);
});

test('requests to it are rejected, and streamed bodies are refused', async () => {
  const { network, client, server } = world();
  await expect(network.settle(server.request(CLIENT, { method: 'GET' }))).rejects.toBeInstanceOf(ResetError);
  const payload = (async function* () {
    yield new Uint8Array(1);
  })();
  await expect(client.request(SERVER, { method: 'PUT', payload })).rejects.toThrow(TypeError);
});

test('a notification that cannot be read is dropped, and a callback that throws keeps nobody from being told', async () => {
  const { network, client, relations } = world();
  const told: number[] = [];
  const callbacks = {
    onNotification: ({ payload }: { payload: Uint8Array }) => {
      told.push(payload.length);
      throw new Error('a callback');
    },
    onEnd: () => {},
  };
  await network.settle(client.observe(SERVER, { method: 'GET' }, callbacks));
  const unreadable = [{ number: 8, value: Uint8Array.of(0xff) }];
  for (const length of [1, 2, 3]) {
    relations[0]?.notify({ code: 0x45, payload: new Uint8Array(length), options: length === 2 ? unreadable : [] });
    await network.run(network.clock.now() + 1000);
  }
  expect(told).toEqual([1, 3]);
});

test('with nonConfirmable it sends such requests at PROBING_RATE; without it they are refused', async () => {
  const network = new SimulatedNetwork({ seed: 3 });
  const { clock, randomSource: random } = network;
  const log: number[] = [];
  network.transport(SERVER).open({
    datagram: (_peer, bytes) => log.push(bytes.length),
    unreachable: () => {},
    closed: () => {},
  });
  const transport = network.transport(CLIENT);
  const client = newPlainClient({ transport, clock, random, transmissions: nonConfirmable });
  const payload = new Uint8Array(1000);
  const asked = [1, 2].map(() => client.request(SERVER, { method: 'POST', confirmable: false, payload }));
  const ends = Promise.all(asked.map((end) => end.catch((error: unknown) => error)));
  await network.run(1000);
  expect([log.length, client.stats().probesDelayed]).toEqual([1, 1]);
  await client.close();
  for (const end of await ends) expect(end).toBeInstanceOf(EndpointClosedError);
  const { client: plain } = world();
  const refused = plain.request(SERVER, { method: 'POST', confirmable: false });
  await expect(refused).rejects.toThrow('nonConfirmable');
  expect(plain.stats()).toMatchObject({ clientExchanges: 0, transmissions: 0 });
});
