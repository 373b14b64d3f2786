import { describe, expect, test } from 'vitest';
import { DecodeError } from './decode-error.ts';

describe('DecodeError', () => {
  test('carries its data in fields and says them in its message', () => {
    const cause = new Error('why');
    const error = new DecodeError('truncated', { offset: 7, section: 'RFC 7252 §3', cause });
    expect(error).toMatchObject({ name: 'DecodeError', code: 'truncated', offset: 7, section: 'RFC 7252 §3', cause });
    expect(error.message).toBe('truncated at byte 7 (RFC 7252 §3)');
    expect(new DecodeError('truncated', { offset: 0, section: '' })).not.toHaveProperty('cause');
  });

  test('is knows its own', () => {
    expect(DecodeError.is(new DecodeError('truncated', { offset: 0, section: '' }))).toBe(true);
  });

  test('is knows an error of another installed copy', () => {
    class OtherCopy extends Error {
      override readonly name = 'DecodeError';
      readonly code = 'truncated';
      readonly offset = 0;
      readonly section = '';
    }
    expect(DecodeError.is(new OtherCopy())).toBe(true);
  });

  test.each([undefined, null, 'DecodeError', {}, new Error('x'), new RangeError('x')])('is refuses %s', (value) => {
    expect(DecodeError.is(value)).toBe(false);
  });

  test('is refuses an error that only has the name', () => {
    const impostor = new Error('x');
    impostor.name = 'DecodeError';
    expect(DecodeError.is(impostor)).toBe(false);
  });
});
