import { expect, test } from 'vitest';
import { SERVER } from '../coap-endpoint.fixture.ts';
import { body, type QBlockPair, qBlockPair, words } from './q-block.fixture.ts';

/** Loses messages by their words, each once. */
function lose({ network }: QBlockPair, ...lost: string[]): void {
  network.drop(({ bytes }) => {
    const index = lost.indexOf(words(bytes));
    if (index >= 0) lost.splice(index, 1);
    return index >= 0;
  });
}

const lines = (seen: readonly string[]) => seen.filter((line) => !line.endsWith(' lost'));

test('blocks of a request that are lost are reported when the next set begins (RFC 9177 §10.1.3)', async () => {
  const received: Uint8Array[] = [];
  const made = qBlockPair(({ payload }) => {
    received.push(payload);
    return { code: 0x44 };
  });
  lose(made, 'NON 0.03 QB1:1/1/1024', 'NON 0.03 QB1:9/1/1024', 'NON 0.03 QB1:10/1/1024');
  const init = { method: 'PUT', path: ['path'], payload: body(1, 13_000), confirmable: false } as const;
  await made.network.settle(made.client.request(SERVER, init));
  expect(received).toEqual([init.payload]);
  expect(lines(made.seen).slice(8)).toEqual([
    '> NON 0.03 QB1:11/1/1024',
    '> NON 0.03 QB1:12/0/1024',
    '< NON 4.08 [1,9]',
    '> NON 0.03 QB1:1/1/1024',
    '> NON 0.03 QB1:9/1/1024',
    '< NON 2.31',
    '< NON 4.08 [10]',
    '> NON 0.03 QB1:10/1/1024',
    '< NON 2.04',
  ]);
});

test('blocks of a response that are lost are asked for when the next set begins (RFC 9177 §10.2.3)', async () => {
  const payload = body(2, 10_300);
  const made = qBlockPair(() => ({ code: 0x45, payload }));
  lose(made, 'NON 2.05 QB2:1/1/1024', 'NON 2.05 QB2:9/1/1024', 'NON 2.05 QB2:1/1/1024');
  const asked = made.client.request(SERVER, { method: 'GET', path: ['path'], confirmable: false });
  expect((await made.network.settle(asked)).payload).toEqual(payload);
  expect(lines(made.seen).slice(9)).toEqual([
    '< NON 2.05 QB2:10/0/1024',
    '> NON 0.01 QB2:1/0/1024 QB2:9/0/1024',
    '< NON 2.05 QB2:9/1/1024',
    '> NON 0.01 QB2:1/0/1024',
    '< NON 2.05 QB2:1/1/1024',
  ]);
});

test('an answer that is lost comes again when the last block goes once more', async () => {
  let runs = 0;
  const made = qBlockPair(() => ({ code: 0x44, payload: body(++runs, 1500) }));
  lose(made, 'NON 2.04 QB2:0/1/1024', 'NON 2.04 QB2:1/0/1024');
  const init = { method: 'POST', path: ['path'], payload: body(3, 1500), confirmable: false } as const;
  expect((await made.network.settle(made.client.request(SERVER, init))).payload).toEqual(body(1, 1500));
  expect(runs).toBe(1);
  expect(made.network.clock.now()).toBe(8020);
});

test('a blocked observer is found out by the Confirmable body that it does not acknowledge', async () => {
  const relations: { readonly notify: (answer: { code: number; payload: Uint8Array }) => void }[] = [];
  const ended: number[] = [];
  const made = qBlockPair((request) => {
    const relation = request.acceptObserver();
    relations.push(relation);
    relation.signal.addEventListener('abort', () => ended.push(made.network.clock.now()));
    return { code: 0x45, payload: body(0, 1500) };
  });
  const callbacks = { onNotification: () => undefined, onEnd: () => undefined };
  await made.network.settle(made.client.observe(SERVER, { method: 'GET', path: ['path'] }, callbacks));
  made.network.drop(({ from }) => from !== SERVER);
  // Each is newer than the one before, which is still under way: they do not begin its time anew.
  for (let number = 1; number <= 20; number++) {
    relations[0]?.notify({ code: 0x45, payload: body(number, 1500) });
    await made.network.run(made.network.clock.now() + 5000);
  }
  expect(ended).toHaveLength(1);
  expect(made.server.qBlockStats()).toMatchObject({ qBlockObservers: 0 });
});
