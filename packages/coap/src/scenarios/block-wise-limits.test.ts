import { expect, test } from 'vitest';
import { bytesOf, endpoint, OTHER_PEER, PEER, request, told } from '../endpoint/endpoint.fixture.ts';
import { encodeStringOption, Method, OptionNumber } from '../wire/index.ts';
import { answerTo, asker, blockOptions, blocksIn, lastSent } from './block-wise.fixture.ts';

const path = (segment: string) => encodeStringOption(OptionNumber.UriPath, segment);
const body = (length: number) => new Uint8Array(length).fill(7);

test.each([
  [64, ''],
  [65, '1:0/1/64'],
])('blockSzx of 2: a request of %i bytes', (length, expected) => {
  const core = endpoint({ blockSzx: 2 });
  expect(blocksIn(lastSent(core.request(request({ code: Method.Put, payload: body(length) }), 0)))).toBe(expected);
});

test.each([
  [64, ''],
  [65, '2:0/1/64'],
])('blockSzx of 2: an answer of %i bytes', (length, expected) => {
  const ask = asker(endpoint({ blockSzx: 2 }), () => ({ payload: body(length) }));
  expect(blocksIn(ask({}))).toBe(expected);
});

test('bodyTimeoutMs: just before it a transfer goes on, at it no more', () => {
  const core = endpoint({ bodyTimeoutMs: 5000 });
  let effects = core.request(request({ code: Method.Put, payload: body(9000) }), 0);
  for (const [blockNumber, now] of [1000, 2000, 3000].entries()) {
    effects = answerTo(core, effects, { code: 0x5f, options: blockOptions(`1:${blockNumber}/1/1024`) }, now);
  }
  expect(told(core.handleTimeout(4999))).toEqual([]);
  expect(core.stats()).toMatchObject({ transfers: 1, bodyTimeouts: 0 });
  expect(told(core.handleTimeout(5000))).toEqual(['failed 1 timeout']);
  expect(core.stats()).toMatchObject({ transfers: 0, bodyTimeouts: 1, clientExchanges: 0, transmissions: 0 });
});

test('assembliesMax of 2: two peers begin a body each, a third is told 5.03', () => {
  const core = endpoint({ assembliesMax: 2 });
  const ask = asker(core, () => ({}));
  const begin = (peer: string) =>
    ask({ code: Method.Put, options: blockOptions('1:0/1/16'), payload: body(16) }, 0, peer).code;
  expect([PEER, OTHER_PEER, '192.0.2.3:5683'].map(begin)).toEqual([0x5f, 0x5f, 0xa3]);
  expect(core.stats()).toMatchObject({ assemblies: 2, assembliesFull: 1, assembliesEvicted: 0 });
});

test.each([
  [2048, 0x5f, 1, 2048],
  [2047, 0x8d, 0, 0],
])('assemblyBytesMax of %i: the memory of one short body', (assemblyBytesMax, code, assemblies, assemblyBytes) => {
  const core = endpoint({ assemblyBytesMax });
  const ask = asker(core, () => ({}));
  const reply = ask({ code: Method.Put, options: blockOptions('1:0/1/16'), payload: body(16) });
  expect(reply.code).toBe(code);
  expect(core.stats()).toMatchObject({ assemblies, assemblyBytes, assemblyMemoryFull: 1 - assemblies });
});

test('the next block is waited for so long as EXCHANGE_LIFETIME', () => {
  const core = endpoint();
  const ask = asker(core, () => ({}));
  ask({ code: Method.Put, options: blockOptions('1:0/1/16'), payload: body(16) });
  core.handleTimeout(246_999);
  expect(core.stats()).toMatchObject({ assemblies: 1, assembliesExpired: 0 });
  core.handleTimeout(247_000);
  expect(core.stats()).toMatchObject({ assemblies: 0, assembliesExpired: 1, assemblyBytes: 0 });
});

test.each([
  ['responseBodiesPerPeerMax', { responseBodiesPerPeerMax: 3 }],
  ['responseBodiesMax', { responseBodiesMax: 3 }],
  ['responseBodyBytesMax', { responseBodyBytesMax: 300 }],
])('%s that holds three bodies of 100 bytes', (_name, parameters) => {
  const core = endpoint({ blockSzx: 0, ...parameters });
  const ask = asker(core, () => ({ payload: body(100) }));
  for (const segment of ['a', 'b', 'c']) ask({ options: [path(segment)] });
  for (const segment of ['a', 'b', 'c']) ask({ options: [path(segment), ...blockOptions('2:1/0/16')] });
  expect(core.stats()).toMatchObject({ responseBodies: 3, responseBodiesEvicted: 0, responseBodiesAskedAgain: 0 });
});

test.each([
  ['responseBodiesPerPeerMax', { responseBodiesPerPeerMax: 2 }],
  ['responseBodiesMax', { responseBodiesMax: 2 }],
  ['responseBodyBytesMax', { responseBodyBytesMax: 299 }],
])('%s that holds two: the oldest of three gives way', (_name, parameters) => {
  const core = endpoint({ blockSzx: 0, ...parameters });
  const ask = asker(core, () => ({ payload: body(100) }));
  for (const segment of ['a', 'b', 'c']) ask({ options: [path(segment)] });
  expect(core.stats()).toMatchObject({ responseBodies: 2, responseBodyBytes: 200, responseBodiesEvicted: 1 });
  for (const segment of ['b', 'c']) ask({ options: [path(segment), ...blockOptions('2:1/0/16')] });
  expect(core.stats().responseBodiesAskedAgain).toBe(0);
  ask({ options: [path('a'), ...blockOptions('2:1/0/16')] });
  expect(core.stats().responseBodiesAskedAgain).toBe(1);
});

test('responseBodiesPerPeerMax is of each peer', () => {
  const core = endpoint({ blockSzx: 0, responseBodiesPerPeerMax: 1 });
  const ask = asker(core, () => ({ payload: body(100) }));
  for (const peer of [PEER, OTHER_PEER]) ask({}, 0, peer);
  expect(core.stats()).toMatchObject({ responseBodies: 2, responseBodiesEvicted: 0 });
});

test.each([
  [100, 1, 0],
  [99, 0, 1],
])('responseBodyBytesMax of %i: a body of 100 bytes', (responseBodyBytesMax, responseBodies, evicted) => {
  const core = endpoint({ blockSzx: 0, responseBodyBytesMax });
  asker(core, () => ({ payload: body(100) }))({});
  expect(core.stats()).toMatchObject({ responseBodies, responseBodiesEvicted: evicted });
});

test('queueWaitMaxMs: a block that waits for its turn goes on waiting, until bodyTimeoutMs; a request of one message does not', () => {
  const core = endpoint({ queueWaitMaxMs: 1000, bodyTimeoutMs: 2500 });
  core.request(request({ id: 1 }), 0);
  core.request(request({ id: 2, code: Method.Put, payload: body(3000) }), 0);
  core.request(request({ id: 3 }), 0);
  expect(told(core.handleTimeout(1000))).toEqual(['failed 3 timeout']);
  expect(told(core.handleTimeout(2000))).toEqual([]);
  expect(core.stats()).toMatchObject({ transfers: 1, transmissions: 2 });
  expect(told(core.handleTimeout(2500))).toEqual(['failed 2 timeout']);
  expect(core.stats()).toMatchObject({ transfers: 0, transmissions: 1 });
});

test('a later block of an answer is kept for no duplicate: it is cut again (RFC 7252 §4.5)', () => {
  const core = endpoint({ blockSzx: 0 });
  const ask = asker(core, () => ({ payload: body(100) }));
  ask({});
  const held = core.stats().duplicateBytes;
  const bytes = bytesOf({ messageId: 4000, token: Uint8Array.of(9), options: blockOptions('2:1/0/16') });
  const first = core.handleDatagram(PEER, bytes, 0);
  const again = core.handleDatagram(PEER, bytes, 0);
  expect(lastSent(again).payload).toEqual(lastSent(first).payload);
  expect([again.events, core.stats().duplicates, core.stats().duplicateBytes]).toEqual([[], 0, held]);
});
