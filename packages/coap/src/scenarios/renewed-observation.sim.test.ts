import { describe, expect, test } from 'vitest';
import { bytes, content, NO_STATE, pair, SERVER, stateLeft, text } from '../coap-endpoint.fixture.ts';
import type { CoapEndpointOptions } from '../coap-endpoint.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { decodeMessage, MessageType, OptionNumber } from '../wire/index.ts';

const DAY_MS = 86_400_000;
const LARGE = 2500;

/** A server whose one resource, read by GET or FETCH, may be observed, and what its client is told. */
function observable(size: number, parameters: CoapEndpointOptions['parameters'] = {}) {
  const relations: ObserverRelation[] = [];
  const asked: string[] = [];
  let state = 'a';
  const representation = () => ({ ...content(state.repeat(size)), eTag: bytes(state) });
  const made = pair(
    (request) => {
      asked.push(`${request.method} ${request.observe} ${text(request.payload)}`);
      if (request.observe === 0) relations.push(request.acceptObserver());
      return representation();
    },
    {},
    parameters,
  );
  const [values, ends]: [string[], unknown[]] = [[], []];
  const callbacks = {
    onNotification: ({ payload }: { readonly payload: Uint8Array }) => {
      values.push(`${text(payload.subarray(0, 1))} ${payload.length}`);
    },
    onEnd: (error: unknown) => void ends.push(error),
  };
  const change = (next: string, confirmable = true) => {
    state = next;
    for (const relation of relations) relation.notify(representation(), { confirmable });
  };
  const wait = (ms: number) => made.network.run(made.network.clock.now() + ms);
  return { ...made, relations, asked, values, ends, callbacks, change, wait };
}

describe.each([
  ['a small representation', 1],
  ['one of several blocks', LARGE],
])('%s', (_name, size) => {
  const GET = { method: 'GET', path: ['x'] } as const;

  test('renewing with the same token replaces the entry, in both roles (RFC 7641 §3.3.1, §4.1)', async () => {
    const { network, client, server, relations, values, ends, callbacks, change, wait } = observable(size);
    const first = await network.settle(client.observe(SERVER, GET, callbacks));
    const { token } = first;
    const second = await network.settle(client.observe(SERVER, GET, callbacks, { token }));
    expect([second.established, second.token, second.response.payload.length]).toEqual([true, token, size]);
    expect(ends).toEqual([undefined]);
    expect([client.stats().observations, server.stats().observers]).toEqual([1, 1]);
    expect(relations.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    change('b');
    await wait(5000);
    expect(values).toEqual([`b ${size}`]);
    first.forget();
    await network.settle(second.cancel());
    expect(ends).toEqual([undefined, undefined]);
    await wait(500_000);
    expect([stateLeft(client.stats()), stateLeft(server.stats())]).toEqual([NO_STATE, NO_STATE]);
  });

  test('a token of no observation is not used: what has ended meanwhile is observed anew', async () => {
    const { network, client, callbacks } = observable(size);
    const token = Uint8Array.of(1, 2, 3, 4);
    const observation = await network.settle(client.observe(SERVER, GET, callbacks, { token }));
    expect([observation.established, observation.token.length]).toEqual([true, 8]);
  });

  test('observing with FETCH: the payload says what (RFC 8132 §2.4)', async () => {
    const { network, client, server, asked, values, callbacks, change, wait } = observable(size);
    const init = { method: 'FETCH', path: ['x'], payload: bytes('which') } as const;
    const observation = await network.settle(client.observe(SERVER, init, callbacks));
    expect([observation.established, observation.response.payload.length]).toEqual([true, size]);
    change('b');
    await wait(5000);
    expect(values).toEqual([`b ${size}`]);
    await network.settle(client.observe(SERVER, init, callbacks, { token: observation.token }));
    expect(server.stats().observers).toBe(1);
    const response = await network.settle(observation.cancel());
    expect(response.payload).toHaveLength(size);
    expect(server.stats().observers).toBe(0);
    // Blocks of the representation are asked of the endpoint, and the handler hears whole requests alone.
    expect(asked).toEqual(['FETCH 0 which', 'FETCH 0 which', 'FETCH 1 which']);
  });

  test('the newest of several notifications takes the place of the one in flight (RFC 7641 §4.5.2)', async () => {
    const { network, client, server, values, callbacks, change, wait } = observable(size);
    await network.settle(client.observe(SERVER, GET, callbacks));
    for (const state of ['b', 'c', 'd', 'e']) change(state);
    await wait(60_000);
    expect(values.at(-1)).toBe(`e ${size}`);
    expect(values.length).toBeLessThan(4);
    expect(server.stats().superseded).toBeGreaterThan(0);
  });

  test('one notification is Confirmable at least every 24 hours (RFC 7641 §4.5)', async () => {
    const { network, client, callbacks, change } = observable(size);
    await network.settle(client.observe(SERVER, GET, callbacks));
    const confirmableAt: number[] = [];
    network.tap(({ from, bytes: datagram }) => {
      const { type, options } = decodeMessage(datagram);
      const isNotification = options.some(({ number }) => number === OptionNumber.Observe);
      if (from !== SERVER || !isNotification || type !== MessageType.Confirmable) return;
      confirmableAt.push(Math.round(network.clock.now() / (DAY_MS / 24)));
    });
    for (let hour = 1; hour <= 60; hour++) {
      await network.run((hour * DAY_MS) / 24);
      change(String.fromCharCode(96 + (hour % 26) + 1), false);
    }
    await network.run(61 * (DAY_MS / 24));
    expect(confirmableAt).toEqual([25, 49]);
  });
});
