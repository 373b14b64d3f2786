import { describe, expect, test } from 'vitest';
import { SampleBuffer } from './sample-buffer.ts';

describe('SampleBuffer', () => {
  test('gives items in order, those that wait and those that come', async () => {
    const buffer = new SampleBuffer<number>({ max: 4 });
    buffer.push(1);
    buffer.push(2);
    expect(await buffer.next()).toEqual({ done: false, value: 1 });
    expect(await buffer.next()).toEqual({ done: false, value: 2 });
    const next = buffer.next();
    buffer.push(3);
    expect(await next).toEqual({ done: false, value: 3 });
  });

  test('holds as many as it says; of one more the oldest is dropped and counted', async () => {
    const buffer = new SampleBuffer<number>({ max: 2 });
    buffer.push(1);
    buffer.push(2);
    expect(buffer.dropped).toBe(0);
    buffer.push(3);
    expect(buffer.dropped).toBe(1);
    expect(buffer.length).toBe(2);
    expect(await buffer.next()).toEqual({ done: false, value: 2 });
  });

  test('ends after what waits', async () => {
    const buffer = new SampleBuffer<number>({ max: 2 });
    buffer.push(1);
    buffer.end();
    buffer.push(2);
    expect(await buffer.next()).toEqual({ done: false, value: 1 });
    expect(await buffer.next()).toEqual({ done: true, value: undefined });
  });

  test('throws its error once, after what waits', async () => {
    const buffer = new SampleBuffer<number>({ max: 2 });
    buffer.push(1);
    buffer.end(new Error('refused'));
    buffer.end(new Error('later'));
    expect(await buffer.next()).toEqual({ done: false, value: 1 });
    await expect(buffer.next()).rejects.toThrow('refused');
    expect(await buffer.next()).toEqual({ done: true, value: undefined });
  });

  test('ends and fails who waits already', async () => {
    const ended = new SampleBuffer<number>({ max: 2 });
    const last = ended.next();
    ended.end();
    expect(await last).toEqual({ done: true, value: undefined });
    const failed = new SampleBuffer<number>({ max: 2 });
    const never = failed.next();
    failed.end(new Error('lost'));
    await expect(never).rejects.toThrow('lost');
    expect(await failed.next()).toEqual({ done: true, value: undefined });
  });

  test('is for one consumer', async () => {
    const buffer = new SampleBuffer<number>({ max: 2 });
    const first = buffer.next();
    await expect(buffer.next()).rejects.toThrow(TypeError);
    buffer.push(1);
    expect(await first).toEqual({ done: false, value: 1 });
  });

  test('can be emptied', async () => {
    const buffer = new SampleBuffer<number>({ max: 2 });
    buffer.push(1);
    buffer.clear();
    buffer.end();
    expect(await buffer.next()).toEqual({ done: true, value: undefined });
  });
});
