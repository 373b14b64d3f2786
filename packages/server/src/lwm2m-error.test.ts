import { TimeoutError as CoapTimeoutError } from '@motestack/coap';
import { describe, expect, test } from 'vitest';
import { LwM2mError, ResponseError, TimeoutError } from './lwm2m-error.ts';

const detail = { operation: 'Read', endpoint: 'node', path: '/3/0/9' } as const;

describe('LwM2mError', () => {
  test('says what, where and on whom', () => {
    expect(new TimeoutError('no answer', detail).message).toBe('Read /3/0/9 of node: no answer');
    expect(new TimeoutError('no answer', { ...detail, path: undefined }).message).toBe('Read of node: no answer');
    expect(new TimeoutError('no answer', { operation: 'Event', endpoint: undefined, path: undefined }).message).toBe(
      'Event: no answer',
    );
  });

  test('keeps its cause, and has none of its own making', () => {
    const cause = new Error('inner');
    expect(new TimeoutError('no answer', { ...detail, cause }).cause).toBe(cause);
    expect('cause' in new TimeoutError('no answer', detail)).toBe(false);
  });

  test('has the frames of where the caller called, under its own message', () => {
    const calledFrom = new Error('called from');
    calledFrom.stack = 'Error: called from\n    at caller (app.ts:1:2)';
    expect(new TimeoutError('no answer', { ...detail, calledFrom }).stack).toBe(
      'TimeoutError: Read /3/0/9 of node: no answer\n    at caller (app.ts:1:2)',
    );
    calledFrom.stack = 'a platform with another form';
    expect(new TimeoutError('no answer', { ...detail, calledFrom }).stack).toContain('no answer');
  });

  test('is known across copies of the package, and not taken for an error of another one', () => {
    const copy = Object.assign(new Error('elsewhere'), {
      name: 'ResponseError',
      code: 'response',
      operation: 'Read',
      endpoint: 'a',
    });
    expect(ResponseError.is(copy)).toBe(true);
    expect(LwM2mError.is(copy)).toBe(true);
    expect(TimeoutError.is(new CoapTimeoutError('below'))).toBe(false);
    expect(LwM2mError.is(new CoapTimeoutError('below'))).toBe(false);
    expect(LwM2mError.is(undefined)).toBe(false);
  });
});
