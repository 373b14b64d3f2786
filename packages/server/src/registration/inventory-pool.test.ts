import { encodeUtf8 } from '@motestack/bytes';
import { decodeObjectLinks } from '@motestack/codecs';
import { describe, expect, test } from 'vitest';
import { InventoryPool } from './inventory-pool.ts';

describe('InventoryPool', () => {
  const read = (pool: InventoryPool, links: string) => pool.read(encodeUtf8(links), decodeObjectLinks);

  test('gives the same list for the same bytes, and what the decoder gives for any', () => {
    const pool = new InventoryPool();
    const first = read(pool, '</>;ct="110 112",</1/0>,</3/0>,</3303/20>,</3303/2>');
    expect(first).toEqual(decodeObjectLinks(encodeUtf8('</>;ct="110 112",</1/0>,</3/0>,</3303/20>,</3303/2>')));
    expect(read(pool, '</>;ct="110 112",</1/0>,</3/0>,</3303/20>,</3303/2>')).toBe(first);
    expect(read(pool, '</1/0>')).not.toBe(first);
    expect(pool.size).toBe(2);
  });

  test('remembers 512 lists and lets the oldest go, and none of more than 2,048 bytes', () => {
    const pool = new InventoryPool();
    const first = read(pool, '</0/1>,</1/0>');
    for (let id = 0; id < 511; id++) read(pool, `</${id + 1000}/0>`);
    expect([pool.size, read(pool, '</0/1>,</1/0>') === first]).toEqual([512, true]);
    read(pool, '</9999/0>');
    expect([pool.size, read(pool, '</0/1>,</1/0>') === first]).toEqual([512, false]);
    const long = `</1/0>,${Array.from({ length: 200 }, (_, id) => `</3303/${id + 100}>`).join()}`;
    expect(long.length).toBeGreaterThan(2_048);
    expect(read(pool, long)).not.toBe(read(pool, long));
  });

  test('what cannot be read is not remembered', () => {
    const pool = new InventoryPool();
    expect(() => read(pool, '<')).toThrow();
    expect(pool.size).toBe(0);
  });
});
