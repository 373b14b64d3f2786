import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, pair, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint } from '../coap-endpoint.ts';
import { echoOf } from '../freshness/echo-of.ts';
import { EchoValues } from '../freshness/echo-values.ts';
import { weakMac } from '../freshness/mac.fixture.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { OptionNumber } from '../wire/index.ts';
import { type EchoPreemptivelyOptions, echoPreemptively } from './echo-preemptively.ts';

const OTHER = '10.0.0.3:5683';

/** Servers that give a new value with every answer, and a client that uses it. */
function echoing(options: Partial<EchoPreemptivelyOptions> = {}) {
  const seen: (number | undefined)[] = [];
  let next = 1;
  const handler = (request: CoapRequest) => {
    seen.push(echoOf(request.options)?.[0]);
    return { code: 0x45, options: [{ number: OptionNumber.Echo, value: Uint8Array.of(next++) }] };
  };
  const network = new SimulatedNetwork({ seed: 1 });
  const shared = { clock: network.clock, random: network.randomSource, handler };
  for (const name of [SERVER, OTHER]) new CoapEndpoint({ transport: network.transport(name), ...shared });
  const plain = new CoapEndpoint({ transport: network.transport(CLIENT), ...shared });
  const client = echoPreemptively(plain, { clock: network.clock, ...options });
  const get = (peer = SERVER) => network.settle(client.request(peer, { method: 'GET' }));
  return { network, client, get, seen };
}

describe('a client that echoes the values of other responses (RFC 9175 §2.3)', () => {
  test('the next request to that server has the value, and no other', async () => {
    const { get, seen } = echoing();
    for (const peer of [SERVER, OTHER, SERVER, SERVER]) await get(peer);
    expect(seen).toEqual([undefined, undefined, 1, 3]);
  });

  test('echoPeersMax values are kept; one more takes the place of the oldest', async () => {
    const { get, seen } = echoing({ echoPeersMax: 1 });
    for (const peer of [SERVER, OTHER, OTHER, SERVER]) await get(peer);
    expect(seen).toEqual([undefined, undefined, 2, undefined]);
  });

  test('a value is forgotten after keptForMs; nothing is left', async () => {
    const { get, seen, network } = echoing({ keptForMs: 400_000 });
    await get();
    await network.run(399_000);
    await get();
    await network.run(900_000);
    await get();
    expect(seen).toEqual([undefined, 1, undefined]);
    await network.run(2_000_000);
    expect(network.pendingTimers).toBe(0);
  });

  test('a value that is stale by now is answered like any 4.01: the request goes once more', async () => {
    const echo = new EchoValues({ mac: weakMac, lifetimeMs: 1000 });
    let runs = 0;
    const { network, client: plain } = pair((request) => {
      const now = network.clock.now();
      if (!echo.isFresh(request, now)) return echo.challenge(request.peer, now);
      runs++;
      return { ...echo.challenge(request.peer, now), code: 0x44 };
    });
    const client = echoPreemptively(plain, { clock: network.clock });
    const post = () => network.settle(client.request(SERVER, { method: 'POST' }));
    await post();
    await post();
    expect(plain.stats()).toMatchObject({ requestsOut: 3 });
    await network.run(network.clock.now() + 5000);
    expect((await post()).code).toBe(0x44);
    expect([plain.stats().requestsOut, runs]).toEqual([5, 3]);
  });

  test('a request that has a value of its own keeps it', async () => {
    const { get, seen, client, network } = echoing();
    await get();
    const options = [{ number: OptionNumber.Echo, value: Uint8Array.of(99) }];
    await network.settle(client.request(SERVER, { method: 'GET', options }));
    expect(seen).toEqual([undefined, 99]);
  });

  test.each([{ echoPeersMax: 0 }, { keptForMs: 0 }])('%o is refused', (wrong) => {
    expect(() => echoing(wrong)).toThrow(RangeError);
  });
});
