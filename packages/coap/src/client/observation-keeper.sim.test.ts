import { encodeUtf8 } from '@motestack/bytes';
import { SimulatedNetwork } from '@motestack/testkit';
import { beforeEach, describe, expect, test } from 'vitest';
import { CoapEndpoint } from '../coap-endpoint.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import type { CoapResponse } from './coap-response.ts';

const CLIENT = '10.0.0.1:5683';
const SERVER = '10.0.0.2:5683';
const text = (value: string) => ({ code: 0x45, contentFormat: 0, payload: encodeUtf8(value) });
const init = { method: 'GET', path: ['temperature'] } as const;

describe('an observation that is handed over to a keeper', () => {
  let network: SimulatedNetwork;
  let client: CoapEndpoint;
  let kept: Set<string>;
  let told: [string, CoapResponse][];
  let relations: ObserverRelation[];
  let observes: (number | undefined)[];
  const pass = (): Promise<void> => network.run(network.clock.now() + 500);

  beforeEach(() => {
    network = new SimulatedNetwork({ seed: 7 });
    kept = new Set();
    told = [];
    relations = [];
    observes = [];
    const base = { clock: network.clock, random: network.randomSource };
    client = new CoapEndpoint({
      ...base,
      transport: network.transport(CLIENT),
      keeper: {
        has: (peer, token) => peer === SERVER && kept.has(token),
        handleNotification: (token, notification) => void told.push([token, notification]),
      },
    });
    new CoapEndpoint({
      ...base,
      transport: network.transport(SERVER),
      handler: (request) => {
        observes.push(request.observe);
        if (request.observe === 0) relations.push(request.acceptObserver());
        return text('20');
      },
    });
  });

  test('costs the endpoint nothing, and its notifications go to the keeper until it forgets it', async () => {
    const ends: unknown[] = [];
    const callbacks = { onNotification: () => expect.unreachable(), onEnd: (error: unknown) => void ends.push(error) };
    const observation = await network.settle(client.observe(SERVER, init, callbacks));
    const token = client.handOver(observation);
    kept.add(token);
    expect([ends, client.stats().observations]).toEqual([[undefined], 0]);
    relations[0]?.notify({ ...text('21'), confirmable: true } as ReturnType<typeof text>);
    await pass();
    expect(told).toMatchObject([[token, { code: 0x45, observe: expect.any(Number), payload: encodeUtf8('21') }]]);
    expect(relations[0]?.signal.aborted).toBe(false);
    kept.clear();
    relations[0]?.notify(text('22'));
    await pass();
    expect(told).toHaveLength(1);
    expect(relations[0]?.signal.aborted).toBe(true);
  });

  test('is cancelled by a request with Observe 1 and its token [RFC 7641 §3.6]', async () => {
    const callbacks = { onNotification: () => {}, onEnd: () => {} };
    const observation = await network.settle(client.observe(SERVER, init, callbacks));
    const token = client.handOver(observation);
    const answer = await network.settle(client.cancelKept(SERVER, token, init));
    expect([answer?.code, observes]).toEqual([0x45, [0, 1]]);
    expect(relations[0]?.signal.aborted).toBe(true);
  });
});
