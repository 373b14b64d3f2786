import { describe, expect, test } from 'vitest';
import { endpoint, request, told } from '../endpoint/endpoint.fixture.ts';
import { encodeUintOption, Method, OptionNumber, uintOption } from '../wire/index.ts';
import { answerTo, asker, blockOptions, blocksIn, lastSent } from './block-wise.fixture.ts';

const { Size1, Size2, ETag } = OptionNumber;
const body = (length: number) => new Uint8Array(length).fill(7);
const put = (length: number, code: number = Method.Put) => request({ code, payload: body(length) });
const CONTINUE = 0x5f;
const INCOMPLETE = 0x88;
const TOO_LARGE = 0x8d;

/** A client whose first block of a request of 3000 bytes was acknowledged. */
function begun(code: number, acknowledged = { code: CONTINUE, options: blockOptions('1:0/1/1024') }) {
  const core = endpoint();
  const effects = answerTo(core, core.request(put(3000, code), 0), acknowledged);
  expect(blocksIn(lastSent(effects))).toBe('1:1/1/1024');
  return { core, effects };
}

describe('4.08 (RFC 7959 §2.9.2)', () => {
  test.each([Method.Put, Method.Post])('method %i begins again once; the second 4.08 is the answer', (code) => {
    const { core, effects } = begun(code);
    const again = answerTo(core, effects, { code: INCOMPLETE });
    expect([blocksIn(lastSent(again)), told(again)]).toEqual(['1:0/1/1024', []]);
    expect(uintOption(lastSent(again), Size1)).toBe(3000);
    const next = answerTo(core, again, { code: CONTINUE, options: blockOptions('1:0/1/1024') });
    const last = answerTo(core, next, { code: INCOMPLETE });
    expect(last.events).toMatchObject([{ kind: 'response', message: { code: INCOMPLETE } }]);
    expect(core.stats()).toMatchObject({ bodyRestarts: 1, transfers: 0, clientExchanges: 0 });
  });

  test.each([
    [Method.Put, 1],
    [Method.Post, 0],
    [Method.Patch, 0],
  ])('method %i of which blocks were acted on begins again %i times', (code, restarts) => {
    const { core, effects } = begun(code, { code: 0x44, options: blockOptions('1:0/0/1024') });
    const after = answerTo(core, effects, { code: INCOMPLETE });
    expect(told(after)).toEqual(restarts === 1 ? [] : ['response 1']);
    expect(core.stats().bodyRestarts).toBe(restarts);
  });

  test('all blocks carry the token of the first, and those after it another one', () => {
    const { core, effects } = begun(Method.Put);
    const third = answerTo(core, effects, { code: CONTINUE, options: blockOptions('1:1/1/1024') });
    expect(lastSent(third).token).toEqual(lastSent(effects).token);
    const again = answerTo(core, third, { code: INCOMPLETE });
    const next = answerTo(core, again, { code: CONTINUE, options: blockOptions('1:0/1/1024') });
    expect(lastSent(next).token).toEqual(lastSent(again).token);
    expect(lastSent(again).token).not.toEqual(lastSent(third).token);
  });

  test('to the first block it is the answer', () => {
    const core = endpoint();
    expect(told(answerTo(core, core.request(put(3000), 0), { code: INCOMPLETE }))).toEqual(['response 1']);
  });
});

describe('4.13 (RFC 7959 §2.9.3)', () => {
  test.each([
    ['a smaller block begins again in that size', '1:0/1/256', ['1:0/1/256', []]],
    ['a block of the same size is the answer', '1:0/1/1024', [undefined, ['response 1']]],
  ])('%s', (_name, hint, expected) => {
    const core = endpoint();
    const effects = answerTo(core, core.request(put(3000), 0), { code: TOO_LARGE, options: blockOptions(hint) });
    const sentBlock = effects.transmits.length === 0 ? undefined : blocksIn(lastSent(effects));
    expect([sentBlock, told(effects)]).toEqual(expected);
  });

  test('in the middle of a body: again from its start, in the smaller size', () => {
    const { core, effects } = begun(Method.Put);
    const again = answerTo(core, effects, { code: TOO_LARGE, options: blockOptions('1:1/1/64') });
    expect(blocksIn(lastSent(again))).toBe('1:0/1/64');
    expect(lastSent(again).payload).toEqual(body(64));
  });

  test.each([
    ['no hint', 1000, [], '1:0/1/512'],
    ['Block1', 1000, blockOptions('1:0/0/64'), '1:0/1/64'],
    ['Size1 that it fits', 1000, [encodeUintOption(Size1, 1000)], '1:0/1/512'],
    ['Size1 that it does not fit', 1000, [encodeUintOption(Size1, 999)], undefined],
    ['a body of the smallest block and one byte', 17, [], '1:0/1/16'],
    ['a body of the smallest block', 16, [], undefined],
  ])('to a request of one message, %s', (_name, length, options, expected) => {
    const core = endpoint();
    const effects = answerTo(core, core.request(put(length), 0), { code: TOO_LARGE, options });
    expect(told(effects)).toEqual(expected === undefined ? ['response 1'] : []);
    if (expected !== undefined) expect(blocksIn(lastSent(effects))).toBe(expected);
    else expect(effects.events).toMatchObject([{ message: { code: TOO_LARGE } }]);
  });
});

describe('Size1 and Size2 (RFC 7959 §4)', () => {
  test('Size1 goes with the first block alone', () => {
    const core = endpoint();
    const first = core.request(put(2000), 0);
    expect(uintOption(lastSent(first), Size1)).toBe(2000);
    const second = answerTo(core, first, { code: CONTINUE, options: blockOptions('1:0/1/1024') });
    expect(uintOption(lastSent(second), Size1)).toBeUndefined();
  });

  test.each([
    [2048, CONTINUE, undefined],
    [2049, TOO_LARGE, 2048],
  ])('a request that announces %i of 2048 bytes', (size, code, limit) => {
    const ask = asker(endpoint({ bodyBytesMax: 2048 }), () => ({}));
    const options = [...blockOptions('1:0/1/16'), encodeUintOption(Size1, size)];
    const reply = ask({ code: Method.Put, options, payload: body(16) });
    expect([reply.code, uintOption(reply, Size1)]).toEqual([code, limit]);
  });

  test.each([
    [2048, []],
    [2049, ['failed 1 body-too-large']],
  ])('a response that announces %i of 2048 bytes', (size, expected) => {
    const core = endpoint({ bodyBytesMax: 2048 });
    const options = [...blockOptions('2:0/1/16'), encodeUintOption(Size2, size)];
    expect(told(answerTo(core, core.request(request(), 0), { options, payload: body(16) }))).toEqual(expected);
  });

  test('a response is announced with its first block alone', () => {
    const ask = asker(endpoint(), () => ({ payload: body(3000) }));
    expect(uintOption(ask({}), Size2)).toBe(3000);
    expect(uintOption(ask({ options: blockOptions('2:1/0/1024') }), Size2)).toBeUndefined();
  });
});

test.each([0, 1, 3])('bodyRestartsMax of %i: a response that changed so often, and once more', (bodyRestartsMax) => {
  const core = endpoint({ bodyRestartsMax });
  const tag = (version: number) => ({ number: ETag, value: Uint8Array.of(version) });
  const part = (words: string, version: number) => ({
    options: [tag(version), ...blockOptions(words)],
    payload: body(16),
  });
  let effects = answerTo(core, core.request(request(), 0), part('2:0/1/16', 0));
  for (let version = 1; version <= bodyRestartsMax; version++) {
    effects = answerTo(core, effects, part('2:1/1/16', version));
    expect([told(effects), blocksIn(lastSent(effects))]).toEqual([[], '']);
    effects = answerTo(core, effects, part('2:0/1/16', version));
  }
  effects = answerTo(core, effects, part('2:1/1/16', 99));
  expect(told(effects)).toEqual(['failed 1 body-changed']);
  expect(core.stats()).toMatchObject({ bodyRestarts: bodyRestartsMax, transfers: 0 });
});
