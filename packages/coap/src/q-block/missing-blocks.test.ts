import { DecodeError, fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { decodeMissingBlocks, encodeMissingBlocks, MISSING_BLOCKS_MAX } from './missing-blocks.ts';

const VALID: [string, number[]][] = [
  ['00', [0]],
  ['0109', [1, 9]],
  ['171818', [23, 24]],
  ['18ff190100', [255, 256]],
  ['19ffff1a00010000', [65_535, 65_536]],
  ['1a000fffff', [1_048_575]],
];

describe('missing blocks (RFC 9177 §5)', () => {
  test.each(VALID)('%s', (hex, blockNumbers) => {
    expect(decodeMissingBlocks(fromHex(hex))).toEqual(blockNumbers);
    expect(toHex(encodeMissingBlocks(blockNumbers))).toBe(hex);
  });

  test.each([
    ['01010109', [1, 9], 'duplicates are ignored'],
    ['1801190009', [1, 9], 'numbers longer than they need be'],
  ])('%s is read, too: %s', (hex, blockNumbers) => {
    expect(decodeMissingBlocks(fromHex(hex))).toEqual(blockNumbers);
  });

  test.each([
    ['', 'missing', 0],
    ['18', 'truncated', 1],
    ['011a0000ff', 'truncated', 5],
    ['0901', 'bad-value', 1],
    ['1a00100000', 'bad-value', 0],
    ['1b0000000000000001', 'bad-value', 0],
    ['0120', 'bad-type', 1],
    ['8101', 'bad-type', 0],
    ['1c', 'bad-type', 0],
    ['01f6', 'bad-type', 1],
  ])('%s is refused: %s', (hex, code, offset) => {
    expect(() => decodeMissingBlocks(fromHex(hex))).toThrow(expect.objectContaining({ code, offset }));
  });

  test('every prefix is decoded or refused', () => {
    const bytes = encodeMissingBlocks([1, 30, 300, 70_000]);
    for (let end = 0; end < bytes.length; end++) {
      try {
        expect(decodeMissingBlocks(bytes.subarray(0, end)).length).toBeGreaterThan(0);
      } catch (error) {
        expect(DecodeError.is(error)).toBe(true);
      }
    }
  });

  test('at most MISSING_BLOCKS_MAX', () => {
    const most = Array.from({ length: MISSING_BLOCKS_MAX }, (_, number) => number);
    expect(decodeMissingBlocks(encodeMissingBlocks(most))).toEqual(most);
    const tooMany = encodeMissingBlocks([...most, MISSING_BLOCKS_MAX]);
    expect(() => decodeMissingBlocks(tooMany)).toThrow(expect.objectContaining({ code: 'too-many' }));
  });

  test.each([[[]], [[2, 1]], [[1, 1]], [[-1]], [[1.5]], [[1_048_576]]])('%j is not written', (blockNumbers) => {
    expect(() => encodeMissingBlocks(blockNumbers)).toThrow(RangeError);
  });
});
