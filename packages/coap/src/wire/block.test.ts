import { fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BERT_SZX,
  BLOCK_NUMBER_MAX,
  type Block,
  blockOffset,
  blockUnitBytes,
  decodeBlock,
  encodeBlock,
  nextBlockNumber,
} from './block.ts';
import { decodeUint } from './uint.ts';

interface Row {
  id: string;
  kind: 'valid' | 'invalid';
  hex: string;
  uint?: number;
  canonical?: boolean;
  decoded?: { num: number; more: boolean; szx: number; size: number | null; offset: number };
}
interface ReliableStep {
  num: number;
  more: boolean;
  payload: number;
}
interface Step {
  req?: ReliableStep | string | null;
  rsp?: ReliableStep | string;
  nextNum?: number;
  total?: number;
}
interface Trace {
  id: string;
  title: string;
  steps: Step[];
}

const { blockOption, blockTraces } = vectors<{ blockOption: Row[]; blockTraces: Trace[] }>('coap-messages');
const valid = blockOption.filter((row) => row.kind === 'valid');
const invalid = blockOption.filter((row) => row.kind === 'invalid');

describe('decodeBlock', () => {
  test.each(valid)('$id', ({ hex, uint, decoded, canonical }) => {
    const block = decodeBlock(fromHex(hex));
    expect(decodeUint(fromHex(hex))).toBe(uint);
    expect(block).toEqual({ blockNumber: decoded?.num, more: decoded?.more, szx: decoded?.szx });
    expect(blockOffset(block)).toBe(decoded?.offset);
    if (block.szx !== BERT_SZX) expect(blockUnitBytes(block.szx)).toBe(decoded?.size);
    if (canonical !== false) expect(toHex(encodeBlock(block))).toBe(hex);
  });

  test.each(invalid)('$id', ({ hex }) => {
    expect(() => decodeBlock(fromHex(hex))).toThrow(expect.objectContaining({ code: 'too-long', offset: 3 }));
  });

  test('every row is used', () => {
    expect(valid.length + invalid.length).toBe(blockOption.length);
  });

  test('every value of up to three bytes says itself again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3 }), (value) => {
        const block = decodeBlock(value);
        expect(decodeUint(encodeBlock(block))).toBe(decodeUint(value));
      }),
    );
  });
});

describe('encodeBlock', () => {
  test('the highest number fits, one more does not', () => {
    expect(toHex(encodeBlock({ blockNumber: BLOCK_NUMBER_MAX, more: true, szx: 6 }))).toBe('fffffe');
  });

  test.each<Block>([
    { blockNumber: BLOCK_NUMBER_MAX + 1, more: false, szx: 0 },
    { blockNumber: -1, more: false, szx: 0 },
    { blockNumber: 0.5, more: false, szx: 0 },
    { blockNumber: 0, more: false, szx: 8 },
    { blockNumber: 0, more: false, szx: -1 },
  ])('%o is refused', (block) => {
    expect(() => encodeBlock(block)).toThrow(RangeError);
  });
});

/** `2:1/0/128`: option, number, more, size. An answer may hold two. */
function parseBlocks(text: string): { option: string; block: Block }[] {
  return text.split(' ').map((one) => {
    const [option = '', number, more, size] = one.split(/[:/]/);
    return {
      option,
      block: { blockNumber: Number(number), more: more === '1', szx: Math.log2(Number(size)) - 4 },
    };
  });
}

describe('block numbers of BERT', () => {
  const traces = blockTraces.filter(({ id }) => id.startsWith('bert'));
  test.each(traces)('$title', ({ steps }) => {
    for (const { req, rsp, nextNum, total } of steps) {
      const step = (req ?? rsp) as ReliableStep;
      const block = { blockNumber: step.num, more: step.more, szx: BERT_SZX };
      if (nextNum !== undefined) expect(nextBlockNumber(block, step.payload)).toBe(nextNum);
      if (total !== undefined) expect(blockOffset(block) + step.payload).toBe(total);
    }
    expect(steps.at(-1)).toHaveProperty('total');
  });
});

describe('block numbers', () => {
  const traces = blockTraces.filter(({ id }) => !id.startsWith('bert'));

  /** The sequence as printed leaves out the steps between these two. */
  const leftOut = new Set(['block2-early 1 to 2']);

  test.each(traces)('$title', ({ id, steps }) => {
    for (const [index, { req, rsp }] of steps.entries()) {
      const next = steps[index + 1]?.req;
      if (typeof next !== 'string' || leftOut.has(`${id} ${index} to ${index + 1}`)) continue;
      const [wanted] = parseBlocks(next);
      // What the next request continues: the block that was sent, or the one that was answered.
      const sent = typeof req === 'string' ? parseBlocks(req) : [];
      const answered = parseBlocks(rsp as string);
      const done = (wanted?.option === '1' ? sent : answered).find(({ option }) => option === wanted?.option);
      if (wanted === undefined || done === undefined) throw new Error('the steps do not follow');
      const bytes = blockUnitBytes(done.block.szx);
      expect(nextBlockNumber(done.block, bytes, wanted.block.szx)).toBe(wanted.block.blockNumber);
    }
    expect(steps.length).toBeGreaterThan(2);
  });

  test('a block that ends within a unit has no next one', () => {
    expect(() => nextBlockNumber({ blockNumber: 0, more: true, szx: 2 }, 65)).toThrow(RangeError);
    expect(() => nextBlockNumber({ blockNumber: 1, more: true, szx: 0 }, 16, 6)).toThrow(RangeError);
  });
});
