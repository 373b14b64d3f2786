import { describe, expect, test } from 'vitest';
import { bytes, content, NO_STATE, stateLeft } from '../coap-endpoint.fixture.ts';
import { AbortedError, EndpointClosedError, PeerUnreachableError, QueueFullError } from '../errors.ts';
import { AbortSource } from '../platform/abort-source.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import type { ClientResponse } from './client-response.ts';
import { clientPair } from './coap-client.fixture.ts';
import type { ClientObserveOptions } from './coap-client.ts';

const HOUR = { maxAgeSeconds: 3600 };

/** A resource that lets itself be observed, and one who observes it. */
function observed(options: ClientObserveOptions = {}) {
  const relations: ObserverRelation[] = [];
  const requests: (number | undefined)[] = [];
  const made = clientPair((request) => {
    requests.push(request.observe);
    if (request.observe === 0) relations.push(request.acceptObserver());
    return { ...content(`first ${requests.length}`), ...HOUR };
  });
  const observation = made.coap.observe('x', options);
  const next = async (): Promise<string> => {
    const { done, value } = await made.network.settle(observation.next());
    return done ? 'done' : (value as ClientResponse).text();
  };
  const notify = async (text: string, more: object = HOUR) => {
    relations.at(-1)?.notify({ ...content(text), ...more });
    await made.network.run(made.network.clock.now() + 100);
  };
  return { ...made, observation, next, notify, relations, requests };
}

describe('what is observed', () => {
  test('the first answer and every notification, until break', async () => {
    const { network, observation, relations, requests, client, server } = observed();
    const seen: string[] = [];
    const loop = (async () => {
      for await (const response of observation) {
        seen.push(response.text());
        if (seen.length === 3) break;
        relations[0]?.notify({ ...content(`note ${seen.length}`), ...HOUR });
      }
    })();
    await network.settle(loop);
    expect(seen).toEqual(['first 1', 'note 1', 'note 2']);
    await network.run(network.clock.now() + 400_000);
    expect(requests).toEqual([0, 1]);
    expect(relations[0]?.signal.aborted).toBe(true);
    expect(stateLeft(client.stats())).toEqual(NO_STATE);
    expect(stateLeft(server.stats())).toEqual(NO_STATE);
    expect(network.pendingTimers).toBe(0);
  });

  test('nothing is sent before somebody asks', async () => {
    const { network, observation, seen } = observed();
    await network.run(1000);
    expect(seen).toEqual([]);
    await observation.return();
    expect(seen).toEqual([]);
    expect(await observation.next()).toEqual({ done: true, value: undefined });
  });

  test('a server that does not let itself be observed answers once', async () => {
    const { network, coap } = clientPair(() => content('once'));
    const seen: string[] = [];
    await network.settle(
      (async () => {
        for await (const response of coap.observe('x')) seen.push(`${response.text()} ${response.observe}`);
      })(),
    );
    expect(seen).toEqual(['once undefined']);
  });

  test.each([0x84, 0xa0])('an answer of code %d is thrown', async (code) => {
    const { network, coap } = clientPair(() => ({ code }));
    const error = network.settle(coap.observe('x').next());
    await expect(error).rejects.toMatchObject({ code: 'response', response: { code } });
  });

  test('an error notification ends it, after what came before', async () => {
    const { next, notify, relations } = observed();
    expect(await next()).toBe('first 1');
    await notify('note');
    relations[0]?.notify({ code: 0x84, payload: bytes('gone') });
    expect(await next()).toBe('note');
    await expect(next()).rejects.toMatchObject({ code: 'response', status: '4.04', diagnostic: 'gone' });
    expect(await next()).toBe('done');
  });

  test('several may wait at the same time', async () => {
    const { network, observation, notify } = observed();
    const both = Promise.all([observation.next(), observation.next(), observation.next()]);
    await network.run(100);
    await notify('note');
    await network.settle(observation.cancel());
    const values = (await both).map(({ done, value }) => (done ? 'done' : value.text()));
    expect(values).toEqual(['first 1', 'note', 'done']);
  });
});

describe('the buffer', () => {
  test.each([
    ['drop-oldest', undefined, ['note 1', 'note 2']],
    ['drop-newest', 'drop-newest', ['first 1', 'note 1']],
  ] as const)('bufferMax and one more: %s', async (_name, overflow, left) => {
    const { network, observation, next, notify } = observed({ bufferMax: 2, ...(overflow && { overflow }) });
    // The first answer is taken by the first call alone.
    const first = observation.next();
    await network.settle(first);
    await notify('first 1');
    await notify('note 1');
    expect(observation.dropped).toBe(0);
    await notify('note 2');
    expect(observation.dropped).toBe(1);
    expect([await next(), await next()]).toEqual(left);
    await network.settle(observation.cancel());
    expect(await next()).toBe('done');
  });

  test('end: a QueueFullError after what is in it', async () => {
    const { next, notify, requests } = observed({ bufferMax: 1, overflow: 'end' });
    expect(await next()).toBe('first 1');
    await notify('note 1');
    await notify('note 2');
    expect(await next()).toBe('note 1');
    await expect(next()).rejects.toSatisfy((error) => QueueFullError.is(error) && error.limit === 'bufferMax');
    expect(requests).toEqual([0, 1]);
  });

  test.each([0, 1.5, Number.NaN])('bufferMax %d means nothing', (bufferMax) => {
    expect(() => clientPair(() => content('')).coap.observe('x', { bufferMax })).toThrow(RangeError);
  });
});

describe('freshness [RFC 7641 §3.3.1]', () => {
  test('a server that has forgotten us is asked anew', async () => {
    const { network, next, relations, requests, client } = observed();
    expect(await next()).toBe('first 1');
    // As after a restart of the server.
    relations[0]?.end();
    await network.run(3_604_000);
    expect(requests).toEqual([0]);
    await network.run(3_616_000);
    expect(requests).toEqual([0, 0]);
    expect(await next()).toBe('first 2');
    expect(client.stats().observations).toBe(1);
  });

  test('the server renews its entry, which has the same token (§4.1)', async () => {
    const { network, next, notify, relations, server, client } = observed();
    expect(await next()).toBe('first 1');
    await network.run(3_616_000);
    expect(await next()).toBe('first 2');
    expect(relations[1]?.token).toEqual(relations[0]?.token);
    expect(relations.map(({ signal }) => signal.aborted)).toEqual([true, false]);
    relations[0]?.notify(content('to the older one'));
    await notify('to the newer one');
    expect(await next()).toBe('to the newer one');
    expect(server.stats()).toMatchObject({ observers: 1, resetsIn: 0 });
    expect(client.stats().observations).toBe(1);
  });

  test('60 seconds where Max-Age is not said; a notification starts it again', async () => {
    const { network, next, notify, requests } = observed();
    await next();
    await notify('short', { maxAgeSeconds: undefined });
    await network.run(50_000);
    await notify('short', { maxAgeSeconds: undefined });
    await network.run(110_000);
    expect(requests).toEqual([0]);
    await network.run(130_000);
    expect(requests).toEqual([0, 0]);
  });

  test('wait: nothing is asked', async () => {
    const { network, next, requests } = observed({ whenStale: 'wait' });
    await next();
    await network.run(10_000_000);
    expect(requests).toEqual([0]);
  });

  test('a server that is gone ends it', async () => {
    const { network, next, serverTransport } = observed();
    await next();
    await serverTransport.close();
    await network.run(3_800_000);
    await expect(next()).rejects.toSatisfy((error) => PeerUnreachableError.is(error));
  });
});

describe('the end', () => {
  test('cancel settles when the server has answered', async () => {
    const { network, observation, next, requests, relations } = observed();
    await next();
    const cancelled = observation.cancel();
    expect(observation.cancel()).toBe(cancelled);
    await network.settle(cancelled);
    expect(requests).toEqual([0, 1]);
    expect(relations[0]?.signal.aborted).toBe(true);
  });

  test('cancel while the first answer is on its way', async () => {
    const { network, observation, client, server } = observed();
    const first = observation.next();
    await network.settle(observation.cancel());
    expect(await first).toEqual({ done: true, value: undefined });
    await network.run(400_000);
    expect(client.stats().observations).toBe(0);
    // Who observes nothing any more rejects the next notification.
    expect(server.stats().observers).toBeLessThanOrEqual(1);
  });

  test('the signal, before and during', async () => {
    const before = new AbortSource();
    before.abort('early');
    const early = observed({ signal: before.signal });
    await expect(early.observation.next()).rejects.toMatchObject({ code: 'aborted', cause: 'early' });
    expect(early.seen).toEqual([]);

    const during = new AbortSource();
    const { network, next, requests, client } = observed({ signal: during.signal });
    await next();
    const waiting = next().catch((error: unknown) => error);
    during.abort('enough');
    const error = await waiting;
    expect(AbortedError.is(error) && error.cause).toBe('enough');
    await network.run(network.clock.now() + 1000);
    expect(requests).toEqual([0, 1]);
    expect(client.stats().observations).toBe(0);
    expect(await next()).toBe('done');
  });

  test('closing the client', async () => {
    const { network, observation, coap, next } = observed();
    await next();
    const waiting = observation.next().catch((error: unknown) => error);
    await network.settle(coap.close());
    expect(EndpointClosedError.is(await waiting)).toBe(true);
  });
});

test('over a network that loses, doubles and reorders, the newest state arrives in the end', async () => {
  for (let seed = 1; seed <= 10; seed++) {
    let relation: ObserverRelation | undefined;
    const { network, coap } = clientPair(
      (request) => {
        if (request.observe === 0) relation = request.acceptObserver();
        return content('0');
      },
      { seed, loss: 0.2, duplication: 0.2, reordering: 0.2 },
    );
    const numbers: number[] = [];
    const loop = (async () => {
      for await (const response of coap.observe('x', { whenStale: 'wait' })) {
        numbers.push(Number(response.text()));
        if (numbers.at(-1) === 20) break;
      }
    })();
    for (let value = 1; value <= 20; value++) {
      network.clock.schedule(200_000 + value * 1000, () => relation?.notify(content(String(value))));
    }
    await network.settle(loop, 600_000);
    expect(numbers).toEqual(numbers.toSorted((left, right) => left - right));
    expect(numbers.at(-1)).toBe(20);
  }
});
