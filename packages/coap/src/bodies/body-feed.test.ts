import { describe, expect, test } from 'vitest';
import { bodyBytes, chunksOf, sourceOf } from '../scenarios/streaming-bodies.fixture.ts';
import { openFeed } from './body-feed.ts';

const body = bodyBytes(1, 100);

describe('a body that can be read anywhere', () => {
  test('that answers at once is not waited for', () => {
    const part = openFeed(sourceOf(body), undefined).read(32, 16);
    expect(part).toEqual({ payload: body.subarray(32, 48), isLast: false });
  });

  test('that is shorter than it says is an error', () => {
    const feed = openFeed({ read: (offset, length) => body.subarray(offset, offset + length) }, 101);
    expect(() => feed.read(96, 16)).toThrow('shorter than its 101 bytes');
  });

  test('gives no more than was asked for, whatever its source returns', () => {
    const feed = openFeed({ size: 100, read: () => body }, undefined);
    expect(feed.read(0, 16)).toEqual({ payload: body.subarray(0, 16), isLast: false });
  });

  test.each([
    ['nothing', undefined],
    ['a text', 'abc'],
  ])('whose source returns %s is an error', async (_name, value) => {
    const read = () => Promise.resolve(value as unknown as Uint8Array);
    await expect(openFeed({ size: 100, read }, undefined).read(0, 16)).rejects.toThrow(TypeError);
  });
});

describe('a body that is read once', () => {
  test('gives at once what is left of a chunk', async () => {
    const feed = openFeed(chunksOf(body, 50), undefined);
    await feed.read(0, 16);
    expect(feed.read(16, 16)).toEqual({ payload: body.subarray(16, 32), isLast: false });
  });

  test('cannot be read from its start again: 4.08', async () => {
    const feed = openFeed(chunksOf(body, 10), undefined);
    await feed.read(0, 16);
    await feed.read(16, 16);
    expect(() => feed.read(0, 16)).toThrow(expect.objectContaining({ responseCode: 0x88 }));
  });

  test.each([[99], [101]])('of another length than the %i bytes it was said to have is an error', async (size) => {
    const feed = openFeed(chunksOf(body, 40), size);
    await expect(Promise.resolve(feed.read(0, 128))).rejects.toThrow(`not the ${size} bytes`);
  });

  test('ends its producer when it is closed, once', async () => {
    const produced = { chunks: 0, isClosed: false };
    const feed = openFeed(chunksOf(body, 10, produced), undefined);
    await feed.read(0, 16);
    feed.close();
    feed.close();
    await Promise.resolve();
    expect(produced).toEqual({ chunks: 2, isClosed: true });
  });

  test('passes on what its producer throws', async () => {
    const failing = {
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
        yield body;
        throw new Error('the disk is gone');
      },
    };
    await expect(Promise.resolve(openFeed(failing, undefined).read(0, 128))).rejects.toThrow('the disk is gone');
  });
});
