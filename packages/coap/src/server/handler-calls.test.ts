import { expect, test } from 'vitest';
import { content, pair, SERVER } from '../coap-endpoint.fixture.ts';
import { AbortedError, EndpointClosedError } from '../errors.ts';
import type { CoapAnswer } from './coap-answer.ts';
import type { CoapRequest } from './coap-request.ts';

/** A server with two requests that it acknowledged; `answer` answers both at the same time, each in its own message. */
async function twoWaiting(queueMax: number, queueWaitMaxMs = 93_000) {
  const heard: string[] = [];
  const requests: CoapRequest[] = [];
  const answers: ((answer: CoapAnswer) => void)[] = [];
  const made = pair(
    (request) => {
      const number = requests.push(request);
      request.signal.addEventListener('abort', () => heard.push(`${number} aborted`));
      return new Promise((resolve) => {
        answers.push(resolve);
      });
    },
    {},
    { queueMax, queueWaitMaxMs },
  );
  const { network, client } = made;
  for (const path of ['1', '2']) {
    client.request(SERVER, { method: 'GET', path: [path] }, { timeoutMs: 9000 }).catch(() => {});
    await network.run(network.clock.now() + 500);
  }
  const answer = (): void => {
    for (const [index, resolve] of answers.entries()) {
      resolve({ ...content('x'), whenSent: () => heard.push(`${index + 1} sent`) });
    }
  };
  return { ...made, heard, requests, answer };
}

test('an answer that cannot be sent gives the signal of its request, so that nobody waits for whenSent', async () => {
  const { network, server, heard, requests, answer } = await twoWaiting(0);
  answer();
  await network.run(network.clock.now() + 1);
  expect(heard).toEqual(['1 sent', '2 aborted']);
  expect(AbortedError.is(requests[1]?.signal.reason)).toBe(true);
  expect(server.stats()).toMatchObject({ answersLost: 1, serverExchanges: 0 });
  await server.close();
  expect([heard.length, requests[0]?.signal.aborted]).toEqual([2, false]);
});

test('an answer that waits for its turn is sent, and gives no signal', async () => {
  const { network, heard, requests, answer } = await twoWaiting(1);
  answer();
  await network.run(network.clock.now() + 1000);
  expect(heard).toEqual(['1 sent', '2 sent']);
  expect(requests.map(({ signal }) => signal.aborted)).toEqual([false, false]);
});

test('an answer that waits for its turn when the endpoint is closed gives the signal', async () => {
  const { network, server, client, heard, requests, answer } = await twoWaiting(1);
  await client.close();
  answer();
  await network.run(network.clock.now() + 1);
  expect(heard).toEqual(['1 sent']);
  await server.close();
  expect(heard).toEqual(['1 sent', '2 aborted']);
  expect(EndpointClosedError.is(requests[1]?.signal.reason)).toBe(true);
});

test('an answer that waits too long for its turn gives the signal', async () => {
  const { network, client, heard, answer } = await twoWaiting(1, 5000);
  await client.close();
  answer();
  await network.run(network.clock.now() + 4999);
  expect(heard).toEqual(['1 sent']);
  await network.run(network.clock.now() + 1);
  expect(heard).toEqual(['1 sent', '2 aborted']);
});
