import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExecuteArgumentsError, formatExecuteArguments, parseExecuteArguments } from './execute-arguments.ts';

interface ExecuteVector {
  readonly id: string;
  readonly kind: 'valid' | 'invalid';
  readonly text: string;
  readonly arguments?: Readonly<Record<string, string | null>>;
}

const { executeArguments } = vectors<{ executeArguments: ExecuteVector[] }>('link-format');
const valid = executeArguments.filter(({ kind }) => kind === 'valid');

describe('parseExecuteArguments', () => {
  test.each(valid)('$id: $text', ({ text, arguments: expected = {} }) => {
    const parsed = parseExecuteArguments(text);
    expect(Object.fromEntries(Object.entries(parsed).map(([digit, value]) => [digit, value ?? null]))).toEqual(
      expected,
    );
    expect(parseExecuteArguments(formatExecuteArguments(parsed))).toStrictEqual(parsed);
  });

  test.each(executeArguments.filter(({ kind }) => kind === 'invalid'))('$id: $text is refused', ({ text }) => {
    expect(() => parseExecuteArguments(text)).toThrow(ExecuteArgumentsError);
  });

  test.each([
    ['1,', 'bad-argument', 1],
    [',1', 'bad-argument', 0],
    ['10', 'bad-argument', 1],
    ["1='a", 'bad-argument', 4],
    ['1=', 'bad-argument', 2],
    ["1='\u00e9'", 'bad-argument', 3],
    ["1='a'2", 'bad-argument', 5],
    ["1='a',1", 'duplicate-argument', 6],
    ['٣', 'bad-argument', 0],
  ])('%j is %s at %i', (text, code, offset) => {
    expect(() => parseExecuteArguments(text)).toThrow(expect.objectContaining({ code, offset }));
  });

  test.each(valid)('every beginning of $text is read or refused', ({ text }) => {
    for (let end = 0; end < text.length; end++) expectReadOrRefused(text.slice(0, end));
  });

  test('any text is read or refused', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9=',ab\\" !]{0,24}$/)), expectReadOrRefused));
  });

  test('the error is known by its name', () => {
    expect(ExecuteArgumentsError.is(new ExecuteArgumentsError('bad-argument', 0))).toBe(true);
    expect(ExecuteArgumentsError.is(new Error('bad-argument'))).toBe(false);
  });
});

describe('formatExecuteArguments', () => {
  test('digits ascend', () => expect(formatExecuteArguments({ 7: undefined, 0: 'a' })).toBe("0='a',7"));

  test.each([{ 10: 'a' }, { [-1]: undefined }, { 1: "it's" }, { 1: 'a b' }, { 1: 'é' }])('%o is refused', (args) => {
    expect(() => formatExecuteArguments(args)).toThrow(RangeError);
  });

  test('what is written is read again', () => {
    const value = fc.stringMatching(/^[!#-&(-[\]-~]*$/);
    const args = fc.dictionary(fc.nat(9).map(String), fc.option(value, { nil: undefined }));
    fc.assert(
      fc.property(args, (some) => {
        expect(parseExecuteArguments(formatExecuteArguments(some))).toStrictEqual({ ...some });
      }),
    );
  });
});

function expectReadOrRefused(text: string): void {
  try {
    expect(parseExecuteArguments(formatExecuteArguments(parseExecuteArguments(text)))).toEqual(
      parseExecuteArguments(text),
    );
  } catch (error) {
    if (!ExecuteArgumentsError.is(error)) throw error;
  }
}
