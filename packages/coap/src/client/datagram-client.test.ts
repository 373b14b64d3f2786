import { SimulatedNetwork } from '@motestack/testkit';
import { expect, test } from 'vitest';
import { CLIENT, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import { ResetError, TimeoutError } from '../errors.ts';
import { newDatagramClient } from './datagram-client.ts';

function clientAndServer(faults: { readonly loss?: number; readonly duplication?: number } = {}) {
  const network = new SimulatedNetwork({ seed: 4, ...faults });
  const { clock, randomSource: random } = network;
  let runs = 0;
  const server = new CoapEndpoint({
    transport: network.transport(SERVER),
    clock,
    random,
    handler: (request) => {
      runs++;
      const relation = request.observe === 0 ? request.acceptObserver() : undefined;
      if (relation !== undefined) clock.schedule(clock.now() + 1000, () => relation.notify({ code: 0x45 }));
      return { code: 0x45, payload: new Uint8Array(5000).fill(request.payload.length & 0xff) };
    },
  });
  const client = newDatagramClient({ transport: network.transport(CLIENT, { remote: SERVER }), clock, random });
  return { network, server, client, runs: () => runs };
}

test('a client alone asks, observes and pings, bodies of any length included', async () => {
  const { network, client, server } = clientAndServer();
  const payload = new Uint8Array(3000);
  const response = await network.settle(client.request(SERVER, { method: 'PUT', payload }));
  expect([response.code, response.payload.length, response.payload[0]]).toEqual([0x45, 5000, 3000 & 0xff]);
  const told: number[] = [];
  const callbacks = { onNotification: () => told.push(network.clock.now()), onEnd: () => told.push(-1) };
  await network.settle(client.observe(SERVER, { method: 'GET' }, callbacks));
  await network.settle(client.ping(SERVER));
  await network.run(network.clock.now() + 2000);
  expect(told).toHaveLength(1);
  await client.close();
  expect(told.at(-1)).toBe(-1);
  await server.close();
});

test('a request may have retransmission parameters of its own, and all blocks of it have them', async () => {
  const network = new SimulatedNetwork({ seed: 4, delayMs: [0, 0] });
  const { clock, randomSource: random } = network;
  network.transport(SERVER).open({ datagram: () => {}, unreachable: () => {}, closed: () => {} });
  const client = newDatagramClient({ transport: network.transport(CLIENT), clock, random });
  const retransmission = { ackTimeoutMs: 100, ackRandomFactor: 1, maxRetransmit: 2 };
  const failed = client.request(SERVER, { method: 'GET' }, { retransmission }).catch((error) => error);
  await expect(network.settle(failed)).resolves.toSatisfy(TimeoutError.is);
  expect(network.clock.now()).toBe(700);
  expect(client.stats().retransmissions).toBe(2);
  const long = { method: 'PUT', payload: new Uint8Array(3000) } as const;
  await expect(client.request(SERVER, long, { retransmission: { maxRetransmit: 21 } })).rejects.toThrow(RangeError);
  expect(client.stats()).toMatchObject({ clientExchanges: 0, transfers: 0 });
});

test('a request to it is rejected, and it stays as it is', async () => {
  const { network, client, server } = clientAndServer();
  await network.settle(client.request(SERVER, { method: 'GET' }));
  await expect(network.settle(server.request(CLIENT, { method: 'GET' }))).rejects.toSatisfy(ResetError.is);
  await network
    .settle(server.request(CLIENT, { method: 'GET', confirmable: false }, { timeoutMs: 1000 }))
    .catch(() => {});
  expect(client.stats()).toMatchObject({ requestsIn: 0, serverExchanges: 0, observers: 0, resetsOut: 1 });
});

test('under loss and duplication every request ends, none runs twice, and nothing is left', async () => {
  const { network, client, server, runs } = clientAndServer({ loss: 0.2, duplication: 0.3 });
  const asked = Array.from({ length: 20 }, () => client.request(SERVER, { method: 'PUT' }).catch((error) => error));
  await network.settle(Promise.all(asked), 3_000_000);
  expect(runs()).toBe(20);
  await network.run(network.clock.now() + 600_000);
  expect(client.stats()).toMatchObject({
    clientExchanges: 0,
    transmissions: 0,
    peersKnown: 0,
    duplicatesRemembered: 0,
  });
  expect(server.stats()).toMatchObject({ serverExchanges: 0, duplicatesRemembered: 0 });
  expect(network.pendingTimers).toBe(0);
});
