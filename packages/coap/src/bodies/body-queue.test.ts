import { describe, expect, test } from 'vitest';
import { gathered } from '../scenarios/streaming-bodies.fixture.ts';
import { BodyQueue } from './body-queue.ts';

const chunk = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

function queue(bufferMax: number) {
  const told = { demands: 0, cancels: 0 };
  const init = {
    bufferMax,
    onDemand: () => void told.demands++,
    onCancel: () => void told.cancels++,
  };
  return { told, body: new BodyQueue(init) };
}

describe('demand', () => {
  test('more is asked for below bufferMax, and not at it', () => {
    const { told, body } = queue(4);
    body.push(chunk(1, 2, 3), false);
    expect(told.demands).toBe(1);
    body.push(chunk(4), false);
    expect(told.demands).toBe(1);
  });

  test('the reader who takes a chunk pays what is owed, once', async () => {
    const { told, body } = queue(2);
    const reader = body[Symbol.asyncIterator]();
    body.push(chunk(1, 2), false);
    expect(told.demands).toBe(0);
    expect(await reader.next()).toEqual({ done: false, value: chunk(1, 2) });
    expect(told.demands).toBe(1);
    void reader.next();
    expect(told.demands).toBe(1);
  });

  test('who waits gets the chunk itself, and the next is asked for at once', async () => {
    const { told, body } = queue(1);
    const waiting = body[Symbol.asyncIterator]().next();
    body.push(chunk(1, 2, 3), false);
    expect(told.demands).toBe(1);
    expect(await waiting).toEqual({ done: false, value: chunk(1, 2, 3) });
  });

  test('nothing is asked for behind the last chunk', async () => {
    const { told, body } = queue(100);
    body.push(chunk(1), true);
    expect(await gathered(body)).toEqual(chunk(1));
    expect(told).toEqual({ demands: 0, cancels: 0 });
  });
});

describe('the end', () => {
  test('an error comes behind what is here, once; then it is over', async () => {
    const { body } = queue(100);
    const reader = body[Symbol.asyncIterator]();
    body.push(chunk(1), false);
    body.fail(new Error('cut'));
    expect(await reader.next()).toEqual({ done: false, value: chunk(1) });
    await expect(reader.next()).rejects.toThrow('cut');
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('an error reaches who waits', async () => {
    const { body } = queue(100);
    const waiting = body[Symbol.asyncIterator]().next();
    body.fail(new Error('cut'));
    await expect(waiting).rejects.toThrow('cut');
  });

  test('who stops reading cancels; what still comes is dropped, and asked for', async () => {
    const { told, body } = queue(1);
    body.push(chunk(1, 2), false);
    for await (const _first of body) break;
    expect(told.cancels).toBe(1);
    const { demands } = told;
    body.push(chunk(3), false);
    expect(told.demands).toBe(demands + 1);
  });

  test('a reader who waits is let go by cancel', async () => {
    const { body } = queue(1);
    const waiting = body[Symbol.asyncIterator]().next();
    body.cancel();
    expect(await waiting).toEqual({ done: true, value: undefined });
  });
});

test('a body is read once, and chunk after chunk', async () => {
  const { body } = queue(1);
  const reader = body[Symbol.asyncIterator]();
  expect(() => body[Symbol.asyncIterator]()).toThrow(TypeError);
  void reader.next();
  await expect(reader.next()).rejects.toThrow('chunk after chunk');
});
