import { describe, expect, test } from 'vitest';
import type { BodyPart } from '../block/outgoing-body.ts';
import { encodeRequestInit } from '../client/coap-request-init.ts';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import { endpoint, observeOption, request, told } from '../endpoint/endpoint.fixture.ts';
import type { EndpointCore } from '../endpoint/endpoint-core.ts';
import { BodyChangedError } from '../errors.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { hasOption, Method, OptionNumber } from '../wire/index.ts';
import { answerTo, asker, blockOptions, blocksIn, lastSent } from './block-wise.fixture.ts';
import { bodyBytes, chunksOf, gathered, sourceOf } from './streaming-bodies.fixture.ts';

const { RequestTag, Block1 } = OptionNumber;
const path = ['a'];
const body = bodyBytes(1, 5000);

describe('a download goes on from a block (startBlock)', () => {
  test.each(['whole', 'stream'] as const)('%s, from bytes that are kept and from a source', async (responseBody) => {
    for (const payload of [body, sourceOf(body, { eTag: Uint8Array.of(7) })]) {
      const made = pair(() => ({ code: 0x45, payload, eTag: Uint8Array.of(7) }));
      const ask = async () => {
        const init = { method: 'GET' as const, path, startBlock: 3 };
        const response = await made.client.request(SERVER, init, { responseBody });
        return { tag: response.eTag, rest: await gathered(response.body) };
      };
      expect(await made.network.settle(ask())).toEqual({ tag: Uint8Array.of(7), rest: body.subarray(3072) });
    }
  });

  test('its first block is the one that is asked for, or an error', () => {
    const core = endpoint({ nstart: 9 });
    const ask = (id: number) => core.request(request({ id, startBlock: 2 }), 0);
    expect(blocksIn(lastSent(ask(1)))).toBe('2:2/0/1024');
    const part = (words: string) => ({ options: blockOptions(words), payload: new Uint8Array(1024) });
    expect(told(answerTo(core, ask(2), part('2:0/1/1024')))).toEqual(['failed 2 protocol']);
    expect(told(answerTo(core, ask(3), { payload: new Uint8Array(9) }))).toEqual(['failed 3 protocol']);
    expect(told(answerTo(core, ask(4), { code: 0x84 }))).toEqual(['response 4']);
    expect(blocksIn(lastSent(answerTo(core, ask(5), part('2:2/1/1024'))))).toBe('2:3/0/1024');
    // Smaller blocks from the same place.
    const smaller = { options: blockOptions('2:32/1/64'), payload: new Uint8Array(64) };
    expect(blocksIn(lastSent(answerTo(core, ask(6), smaller)))).toBe('2:33/0/64');
  });

  test('of an iterable that is gone: 4.08, since it cannot be read from the middle', async () => {
    const made = pair(() => ({ code: 0x45, payload: chunksOf(body, 1000) }));
    const asked = made.client.request(SERVER, { method: 'GET', path, startBlock: 2 });
    expect((await made.network.settle(asked)).code).toBe(0x88);
  });

  test.each([5, 100])('number %i of a body of five blocks: 4.00', async (startBlock) => {
    for (const payload of [body, sourceOf(body), sourceOf(body, { size: false })]) {
      const made = pair(() => ({ code: 0x45, payload }));
      const asked = made.client.request(SERVER, { method: 'GET', path, startBlock });
      expect((await made.network.settle(asked)).code).toBe(0x80);
    }
  });
});

test('a single block by Block2 in the options: nothing is joined', async () => {
  const made = pair(() => ({ code: 0x45, payload: sourceOf(body) }));
  const init = { method: 'GET' as const, path, options: blockOptions('2:2/0/512') };
  const response = await made.network.settle(made.client.request(SERVER, init));
  expect(response.payload).toEqual(body.subarray(1024, 1536));
  expect(made.server.stats()).toMatchObject({ responseBodies: 0, answerStreams: 0 });
});

test.each([
  ['bytes', () => body.subarray(2048)],
  ['an iterable', () => chunksOf(body.subarray(2048), 700)],
])('an upload of %s goes on where it stopped, at a server that still has the rest', async (_name, rest) => {
  const received: Uint8Array[] = [];
  const made = pair(
    ({ payload }) => {
      received.push(payload);
      return { code: 0x44 };
    },
    { delayMs: [500, 500] },
  );
  const { network, client, server } = made;
  // The tag says that it is the same body.
  const options = [{ number: RequestTag, value: Uint8Array.of(9) }];
  const controller = new AbortController();
  const first = client.request(SERVER, { method: 'PUT', path, options, payload: body }, { signal: controller.signal });
  const outcome = expect(first).rejects.toThrow('aborted');
  while (server.stats().blocksIn < 2) await network.run(network.clock.now() + 100);
  controller.abort();
  await outcome;
  const init = { method: 'PUT' as const, path, options, payload: rest(), startBlock: 2, payloadSize: body.length };
  expect((await network.settle(client.request(SERVER, init))).code).toBe(0x44);
  expect(received).toEqual([body]);
});

test.each([
  ['startBlock', -1],
  ['startBlock', 2 ** 20],
  ['payloadSize', 1.5],
  ['payloadSize', 2 ** 32],
])('a %s of %d is refused', (name, value) => {
  expect(() => encodeRequestInit({ method: 'PUT', [name]: value })).toThrow(name);
});

const provideUpload = (core: EndpointCore, part: BodyPart) =>
  core.run(0, (step) => core.transfers?.provideUpload(1, part, step));

describe('sizes become smaller in the middle', () => {
  test('of an upload that is streamed: the producer goes on where the blocks before ended', async () => {
    const core = endpoint();
    const { upload } = encodeRequestInit({ method: 'PUT', payload: chunksOf(body, 10) });
    let effects = core.request(request({ code: Method.Put, upload }), 0);
    const part = (offset: number, length: number) => ({
      payload: body.subarray(offset, offset + length),
      isLast: false,
    });
    expect(effects.events).toEqual([{ kind: 'upload-wanted', id: 1, offset: 0, length: 1024 }]);
    effects = provideUpload(core, part(0, 1024));
    expect(blocksIn(lastSent(effects))).toBe('1:0/1/1024');
    effects = answerTo(core, effects, { code: 0x5f, options: blockOptions('1:0/1/256') });
    expect(effects.events).toEqual([{ kind: 'upload-wanted', id: 1, offset: 1024, length: 256 }]);
    effects = provideUpload(core, part(1024, 256));
    expect(blocksIn(lastSent(effects))).toBe('1:4/1/256');
  });

  test.each([
    ['again from its start, while that is the block under way', '1:0/1/256', 0x8d, ['upload-wanted 1']],
    ['4.08 in answer to its first block is the response', '1:0/1/1024', 0x88, ['response 1']],
  ])('an iterable: %s', (_name, words, code, expected) => {
    const core = endpoint();
    const { upload } = encodeRequestInit({ method: 'PUT', payload: chunksOf(body, 10) });
    core.request(request({ code: Method.Put, upload }), 0);
    const sent = provideUpload(core, { payload: body.subarray(0, 1024), isLast: false });
    expect(told(answerTo(core, sent, { code, options: blockOptions(words) }))).toEqual(expected);
  });

  test.each([0x88, 0x8d])('%i in the middle of an iterable is the response; a source begins again', (code) => {
    for (const [payload, expected] of [
      [chunksOf(body, 10), 'response 1'],
      [sourceOf(body), 'upload-wanted 1'],
    ] as const) {
      const core = endpoint();
      const { upload } = encodeRequestInit({ method: 'PUT', payload });
      core.request(request({ code: Method.Put, upload }), 0);
      const first = provideUpload(core, { payload: body.subarray(0, 1024), isLast: false });
      answerTo(core, first, { code: 0x5f, options: blockOptions('1:0/1/1024') });
      const second = provideUpload(core, { payload: body.subarray(1024, 2048), isLast: false });
      expect(told(answerTo(core, second, { code, options: blockOptions('1:1/1/64') }))).toEqual([expected]);
    }
  });

  test('of an answer from a source: each block is read in the size that is asked for', () => {
    const wanted: number[][] = [];
    const core = endpoint();
    const ask = asker(core, () => ({ payload: body }));
    expect([blocksIn(ask({})), blocksIn(ask({ options: blockOptions('2:4/0/256') }))]).toEqual([
      '2:0/1/1024',
      '2:4/1/256',
    ]);
    const source = {
      size: body.length,
      read: (offset: number, length: number) => {
        wanted.push([offset, length]);
        return body.subarray(offset, offset + length);
      },
    };
    const made = pair(() => ({ code: 0x45, payload: source }));
    const init = { method: 'GET' as const, path, options: blockOptions('2:4/0/256') };
    return made.network.settle(made.client.request(SERVER, init)).then(() => expect(wanted).toEqual([[1024, 256]]));
  });
});

test('FETCH of two blocks that observes: what asks for the rest of a notification repeats the Request-Tag', async () => {
  const relations: ObserverRelation[] = [];
  const made = pair((incoming) => {
    if (incoming.observe === 0) relations.push(incoming.acceptObserver());
    return { code: 0x45, payload: bodyBytes(3, 2000) };
  });
  const seen: number[] = [];
  const callbacks = {
    onNotification: ({ payload }: { payload: Uint8Array }) => seen.push(payload.length),
    onEnd: () => undefined,
  };
  // One that was given up makes the next one need a tag (RFC 9175 §3.5.1).
  const gone = new AbortController();
  const first = made.client.request(SERVER, { method: 'FETCH', path, payload: body }, { signal: gone.signal });
  gone.abort();
  await first.catch(() => undefined);
  const init = { method: 'FETCH' as const, path, payload: bodyBytes(2, 1500) };
  const observation = await made.network.settle(made.client.observe(SERVER, init, callbacks));
  expect(observation.response.payload).toEqual(bodyBytes(3, 2000));
  relations[0]?.notify({ code: 0x45, payload: bodyBytes(4, 3000) });
  await made.network.run(made.network.clock.now() + 10_000);
  expect(seen).toEqual([3000]);
  expect(made.server.stats().blocksUnmatched).toBe(0);
});

test('a tagged FETCH: all of its blocks, and those of its answer, have the tag', () => {
  const core = endpoint({ nstart: 2 });
  const put = (id: number) =>
    core.request(request({ id, code: Method.Fetch, payload: body.subarray(0, 1500), purpose: 'observe' }), 0);
  expect(hasOption(lastSent(put(1)), RequestTag)).toBe(false);
  let effects = put(2);
  expect(hasOption(lastSent(effects), RequestTag)).toBe(true);
  effects = answerTo(core, effects, { code: 0x5f, options: blockOptions('1:0/1/1024') });
  const answer = { options: [observeOption(5), ...blockOptions('2:0/1/64 1:1/0/1024')], payload: new Uint8Array(64) };
  const follow = lastSent(answerTo(core, effects, answer));
  expect([hasOption(follow, RequestTag), hasOption(follow, Block1), blocksIn(follow)]).toEqual([
    true,
    false,
    '2:1/0/64',
  ]);
});

test('a source that changed: a body that is joined is fetched again, until bodyRestartsMax', async () => {
  let version = 0;
  const made = pair(() => ({ code: 0x45, payload: sourceOf(body, { eTag: Uint8Array.of(++version) }) }));
  const asked = made.client.request(SERVER, { method: 'GET', path });
  await expect(made.network.settle(asked)).rejects.toSatisfy(BodyChangedError.is);
  expect(made.client.stats().bodyRestarts).toBe(3);
});
