import { DecodeError } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { parseJsonExactly } from './json-reader.ts';

const NESTING_MAX = 8;
const parse = (text: string): unknown => parseJsonExactly(text, NESTING_MAX);

describe('parseJsonExactly', () => {
  test.each([
    'null',
    ' true ',
    'false',
    '0',
    '-0',
    '-12.5e-3',
    '1E400',
    '"a\\u00fc\\n\\"\\\\ü水"',
    '""',
    '[]',
    '{}',
    '[1,[2,{"a":[]}]]',
    '{"a":1,"b":{"c":null},"a":2}',
    '\t\r\n[ 1 , 2 ]',
    '9007199254740991',
    '0.12345678901234567890',
    '"1234567890123456789"',
  ])('%s is what JSON.parse makes of it', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  test.each([
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['18446744073709551616', 18446744073709551616n],
    ['1'.repeat(40), BigInt('1'.repeat(40))],
    ['1'.repeat(41), Number('1'.repeat(41))],
    ['9007199254740993.0', 9007199254740992],
  ])('%s', (text, value) => {
    expect(parse(text)).toBe(value);
  });

  test.each([
    ['', 'truncated', 0],
    ['[', 'truncated', 1],
    ['[1', 'truncated', 2],
    ['{"a"', 'truncated', 4],
    ['"a', 'truncated', 2],
    ['"\\', 'truncated', 3],
    ['tru', 'bad-syntax', 0],
    ['nul', 'bad-syntax', 0],
    ['[1,]', 'bad-syntax', 3],
    ['{"a":1,}', 'bad-syntax', 7],
    ['{a:1}', 'bad-syntax', 1],
    ['{"a" 1}', 'bad-syntax', 5],
    ['[1 2]', 'bad-syntax', 3],
    ['{"a":1 "b":2}', 'bad-syntax', 7],
    ['01', 'trailing-bytes', 1],
    ['+1', 'bad-syntax', 0],
    ['.5', 'bad-syntax', 0],
    ['NaN', 'bad-syntax', 0],
    ['"a\nb"', 'bad-syntax', 2],
    ['"\\x"', 'bad-syntax', 0],
    ['1 2', 'trailing-bytes', 2],
  ])('%j is refused: %s at %i', (text, code, offset) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => parse(text)).toThrow(expect.objectContaining({ name: 'DecodeError', code, offset }));
  });

  test('nesting at the limit and one past it', () => {
    expect(() => parse('['.repeat(NESTING_MAX) + ']'.repeat(NESTING_MAX))).not.toThrow();
    expect(() => parse('['.repeat(NESTING_MAX + 1))).toThrow(expect.objectContaining({ code: 'too-deep' }));
    expect(() => parse('{"a":'.repeat(NESTING_MAX + 1))).toThrow(expect.objectContaining({ code: 'too-deep' }));
  });

  test('a member called __proto__ is a member like any other', () => {
    const parsed = parse('{"__proto__":{"v":1}}') as object;
    expect(Object.keys(parsed)).toEqual(['__proto__']);
    expect('v' in parsed).toBe(false);
  });

  test('the cause of a bad escape is kept', () => {
    try {
      parse('"\\u12"');
      expect.unreachable();
    } catch (error) {
      expect(DecodeError.is(error) && error.cause).toBeInstanceOf(SyntaxError);
    }
  });
});
