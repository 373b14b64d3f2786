import { describe, expect, test } from 'vitest';
import { copyOut } from './copy-out.ts';

describe('copyOut', () => {
  test.each([0, 1, 64, 65, 2048, 2049, 20_000])('%i bytes, apart from all others', (length) => {
    const working = new Uint8Array(length + 2).map((_, index) => index);
    const wanted = working.slice(1, length + 1);
    const copies = Array.from({ length: 20 }, () => copyOut(working, 1, length + 1));
    working.fill(0);
    for (const copy of copies) expect(Buffer.compare(copy, wanted)).toBe(0);
    copies[3]?.fill(255);
    for (const copy of copies.filter((_, index) => index !== 3)) expect(Buffer.compare(copy, wanted)).toBe(0);
  });
});
