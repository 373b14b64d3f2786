import { expect, test } from 'vitest';
import { encodeUintOption, Method, OptionNumber, opaqueOption } from '../wire/index.ts';
import { decodeMissingBlocks } from './missing-blocks.ts';
import { body, playedPeer, uploadOptions } from './q-block.fixture.ts';

const { Block2, ETag, QBlock1, QBlock2, RequestTag, Size1, Size2, UriPath } = OptionNumber;
const PAYLOAD = body(1, 40);
const RESET = 3;

/** Three blocks of 16 bytes, as requests of a PUT. */
const block = (number: number, token: number, type = 1) => ({
  type,
  code: Method.Put,
  token: [token],
  qBlocks: [[QBlock1, number, number < 2, 0]] as const,
  options: uploadOptions(7, 40),
  payload: PAYLOAD.subarray(number * 16, number * 16 + 16),
});

const setUp = (qBlock = {}) => {
  const runs: Uint8Array[] = [];
  const played = playedPeer(({ payload, method }) => {
    runs.push(payload);
    return method === 'GET' ? { code: 0x45, payload: PAYLOAD } : { code: 0x44 };
  }, qBlock);
  return { ...played, runs };
};

test('Q-Block1 without Request-Tag or Size1 gets 4.00 (RFC 9177 §4.3)', async () => {
  const { network, send, seen, runs } = setUp();
  send({ ...block(0, 1), options: [encodeUintOption(Size1, 40)] });
  send({ ...block(0, 2), options: [encodeUintOption(RequestTag, 7)] });
  await network.run(100);
  expect(seen).toEqual(['NON 4.00', 'NON 4.00']);
  expect(runs).toEqual([]);
});

test('Q-Block1 twice, SZX 7, and Q-Block beside Block get 4.02 (RFC 9177 §4.1)', async () => {
  const { network, send, seen, server } = setUp();
  const first = [QBlock1, 0, true, 0] as const;
  send({ ...block(0, 1), qBlocks: [first, first] });
  send({ ...block(0, 2), qBlocks: [[QBlock1, 0, true, 7]] });
  send({ ...block(0, 3), qBlocks: [first, [Block2, 0, false, 0]] });
  send({ ...block(0, 4), type: 0, qBlocks: [first, [Block2, 0, false, 0]] });
  await network.run(100);
  expect(seen).toEqual(['NON 4.02', 'NON 4.02', 'NON 4.02', 'ACK 4.02']);
  expect(server.qBlockStats()).toMatchObject({ qBlocksWrong: 4, qBlockUploads: 0 });
});

test('a block that does not fit what was said of the body gets 4.00', async () => {
  const { network, send, seen } = setUp();
  send(block(0, 1));
  send({ ...block(1, 2), payload: body(1, 15) });
  send({ ...block(1, 3), qBlocks: [[QBlock1, 1, false, 0]] });
  send({ ...block(1, 4), qBlocks: [[QBlock1, 3, false, 0]] });
  send({ ...block(1, 5), qBlocks: [[QBlock1, 0, true, 1]] });
  await network.run(100);
  expect(seen).toEqual(['NON 4.00', 'NON 4.00', 'NON 4.00', 'NON 4.00']);
});

test('missing blocks are asked for after 4, 8, 16 and 32 seconds, then the body is dropped (RFC 9177 §10.1.4)', async () => {
  const { network, send, messages, server } = setUp({ probingRateBytesPerSecond: 1 });
  send(block(0, 1));
  send(block(2, 2));
  const counts: number[] = [];
  for (const at of [4, 12, 28, 60]) {
    await network.run(at * 1000);
    counts.push(messages.length);
    await network.run(at * 1000 + 100);
    counts.push(messages.length);
  }
  expect(counts).toEqual([0, 1, 1, 2, 2, 3, 3, 4]);
  for (const { payload, token } of messages) expect([decodeMissingBlocks(payload), [...token]]).toEqual([[1], [2]]);
  expect(server.qBlockStats().qBlockUploads).toBe(1);
  await network.run(125_000);
  expect(messages).toHaveLength(4);
  expect(server.qBlockStats()).toMatchObject({ qBlockUploads: 0, qBlockUploadBytes: 0, qBlockBodiesGivenUp: 1 });
});

test('a Reset in answer to a report ends the body (RFC 9177 §4.3)', async () => {
  const { network, send, messages, server } = setUp();
  send(block(0, 1));
  await network.run(5000);
  const [report] = messages;
  expect(report?.code).toBe(0x88);
  send({ type: RESET, code: 0, token: [], messageId: report?.messageId ?? 0 });
  await network.run(6000);
  expect(server.qBlockStats()).toMatchObject({ qBlockUploads: 0, qBlockUploadBytes: 0 });
});

test('a block that came already is answered again, and the handler runs once (RFC 9177 §4.3)', async () => {
  const { network, send, seen, messages, runs } = setUp();
  for (const number of [0, 1, 1, 2]) send(block(number, number));
  await network.run(100);
  expect(seen).toEqual(['NON 2.04']);
  send(block(2, 9));
  await network.run(200);
  expect(seen).toEqual(['NON 2.04', 'NON 2.04']);
  expect([...(messages[1]?.token ?? [])]).toEqual([9]);
  expect(runs).toEqual([PAYLOAD]);
});

const get = (token: number, ...wanted: readonly (readonly [number, boolean])[]) => ({
  code: Method.Get,
  token: [token],
  qBlocks: wanted.map(([number, more]) => [QBlock2, number, more, 0] as const),
  options: [{ number: UriPath, value: Uint8Array.of(97) }],
});

test('Q-Block2 out of order, or one twice, gets 4.00 (RFC 9177 §4.4)', async () => {
  const { network, send, seen, runs } = setUp();
  send(get(1, [2, false], [1, false]));
  send(get(2, [1, false], [1, false]));
  await network.run(100);
  expect(seen).toEqual(['NON 4.00', 'NON 4.00']);
  expect(runs).toEqual([]);
});

test('missing blocks come from what is kept, with ETag and Size2, each once', async () => {
  const { network, send, seen, messages, runs } = setUp();
  send(get(1, [0, true]));
  await network.run(3000);
  send(get(2, [1, true], [2, false]));
  await network.run(4000);
  const all = ['NON 2.05 QB2:0/1/16', 'NON 2.05 QB2:1/1/16', 'NON 2.05 QB2:2/0/16'];
  expect(seen).toEqual([...all, ...all.slice(1)]);
  expect(messages.map(({ token }) => token[0])).toEqual([1, 1, 1, 2, 2]);
  expect(new Set(messages.map((message) => opaqueOption(message, ETag)?.join())).size).toBe(1);
  for (const message of messages) expect(opaqueOption(message, Size2)).toEqual(Uint8Array.of(40));
  expect(runs).toHaveLength(1);
});

test('the same blocks asked for again within NON_TIMEOUT do not go again: nobody is flooded by it', async () => {
  const { network, send, seen } = setUp();
  for (let token = 1; token <= 20; token++) send(get(token === 1 ? 1 : token, token === 1 ? [0, true] : [1, false]));
  await network.run(1000);
  expect(seen).toHaveLength(3);
});

test('a body that is not kept any more: the handler is asked for a GET, other methods get 4.08', async () => {
  const { network, send, seen, runs } = setUp();
  send(get(1, [1, false]));
  send({ ...get(2, [1, false]), code: Method.Post });
  await network.run(100);
  expect(seen.toSorted()).toEqual(['NON 2.05 QB2:1/1/16', 'NON 4.08']);
  expect(runs).toHaveLength(1);
});
