import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { CLIENT, pair, SERVER } from '../coap-endpoint.fixture.ts';
import { endpoint, request } from '../endpoint/endpoint.fixture.ts';
import { defaultEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { decodeMessage, formatCode, hasOption, OptionNumber, parseCode } from '../wire/index.ts';
import { answerTo, asker, blockOptions, blocksIn, lastSent } from './block-wise.fixture.ts';

interface Step {
  readonly req?: string | null;
  readonly rsp: string;
  readonly code?: string;
}
interface Trace {
  readonly id: string;
  readonly title: string;
  readonly steps: readonly Step[];
}

const { blockTraces } = vectors<{ blockTraces: Trace[] }>('coap-messages');
/** BERT is for reliable transports. */
const traces = blockTraces.filter(({ id }) => !id.startsWith('bert'));

/** How long the last block is. */
const REST_BYTES = 10;

/** The block of one of the two options, out of its words. */
function block(words: string | null | undefined, option: string) {
  const word = (words ?? '').split(' ').find((each) => each.startsWith(`${option}:`));
  if (word === undefined) return undefined;
  const [, blockNumber, more, size] = word.split(/[:/]/).map(Number);
  return { blockNumber: blockNumber ?? 0, more: more === 1, size: size ?? 0, word };
}

/** The length of the body whose last block this is. */
function lengthOf(last: ReturnType<typeof block>): number {
  return last === undefined ? 0 : last.blockNumber * last.size + REST_BYTES;
}

/** What a block carries. */
function payloadOf(part: ReturnType<typeof block>): Uint8Array {
  return new Uint8Array(part === undefined ? 0 : part.more ? part.size : REST_BYTES).fill(part?.blockNumber ?? 0);
}

const methodOf = (id: string): number => (id.startsWith('block2') ? 1 : id === 'block1-block2' ? 2 : 3);
const szxOf = (size: number): number => Math.log2(size) - 4;

describe('as a server', () => {
  // Single blocks are never acted on here: the handler gets the whole.
  const served = traces.filter(({ id }) => id !== 'block1-stateless');

  test.each(served)('$title', ({ id, steps }) => {
    const [first, last] = [steps[0]?.rsp, steps.at(-1)];
    const preferred = (block(first, '2') ?? block(first, '1'))?.size ?? 1024;
    const core = endpoint({ blockSzx: szxOf(preferred) });
    const bodies: number[] = [];
    const ask = asker(core, ({ payload }) => {
      bodies.push(payload.length);
      return { code: parseCode(last?.code ?? '2.05'), payload: new Uint8Array(lengthOf(block(last?.rsp, '2'))) };
    });
    for (const { req, rsp, code = '2.05' } of steps) {
      const options = req == null ? [] : blockOptions(req);
      const reply = ask({ code: methodOf(id), options, payload: payloadOf(block(req, '1')) });
      expect([formatCode(reply.code), blocksIn(reply)]).toEqual([code, rsp.split(' ').toSorted().join(' ')]);
      const answered = block(rsp, '2');
      if (answered !== undefined) expect(reply.payload.length).toBe(answered.more ? answered.size : REST_BYTES);
    }
    const uploaded = steps.map(({ req }) => block(req, '1')).findLast((part) => part !== undefined);
    expect(bodies).toEqual([lengthOf(uploaded)]);
  });
});

describe('as a client', () => {
  // The size is agreed on at the first block here, never later.
  const asked = traces.filter(({ id }) => id !== 'block2-late');

  /** The sequence as printed leaves out two steps. */
  const between: Step[] = ['2', '3'].map((number) => ({ req: `2:${number}/0/64`, rsp: `2:${number}/1/64` }));

  test.each(asked)('$title', ({ id, steps }) => {
    const all = id === 'block2-early' ? [...steps.slice(0, 2), ...between, ...steps.slice(2)] : steps;
    const begun = block(all[0]?.req, '1') ?? block(all[0]?.req, '2');
    const core = endpoint({ blockSzx: begun === undefined ? 6 : szxOf(begun.size) });
    const sentLast = all.map(({ req }) => block(req, '1')).findLast((part) => part !== undefined);
    const payload = new Uint8Array(lengthOf(sentLast));
    let effects = core.request(request({ code: methodOf(id), payload }), 0);
    for (const { req, rsp, code = '2.05' } of all) {
      const message = lastSent(effects);
      // With its last block a POST says, besides, which size it wants for the answer.
      for (const word of (req ?? '').split(' ')) expect(blocksIn(message)).toContain(word);
      const part = block(req, '1');
      if (part !== undefined) expect(message.payload.length).toBe(part.more ? part.size : REST_BYTES);
      const answer = { code: parseCode(code), options: blockOptions(rsp), payload: payloadOf(block(rsp, '2')) };
      effects = answerTo(core, effects, answer);
    }
    expect(effects.transmits).toEqual([]);
    const [event] = effects.events;
    if (event?.kind !== 'response') throw new Error('no response');
    expect(event.message.payload.length).toBe(lengthOf(block(all.at(-1)?.rsp, '2')));
    expect(core.stats().transfers).toBe(0);
  });
});

test('every trace is used', () => {
  expect(traces.length).toBeGreaterThanOrEqual(7);
});

test('If-None-Match stands in the first block alone, and counts for the whole (RFC 7959 §2.10)', async () => {
  const seen: (readonly number[])[] = [];
  const made = pair(
    ({ options }) => {
      seen.push(options.map(({ number }) => number).filter((number) => number === OptionNumber.IfNoneMatch));
      return { code: 0x44 };
    },
    {},
    { criticalOptions: [...defaultEndpointParameters.criticalOptions, OptionNumber.IfNoneMatch] },
  );
  const inBlocks: boolean[] = [];
  made.network.tap(({ from, bytes }) => {
    if (from === CLIENT) inBlocks.push(hasOption(decodeMessage(bytes), OptionNumber.IfNoneMatch));
  });
  const options = [{ number: OptionNumber.IfNoneMatch, value: new Uint8Array(0) }];
  const asked = made.client.request(SERVER, { method: 'PUT', path: ['a'], options, payload: new Uint8Array(2500) });
  expect((await made.network.settle(asked)).code).toBe(0x44);
  expect(seen).toEqual([[OptionNumber.IfNoneMatch]]);
  expect(inBlocks).toEqual([true, false, false]);
});
