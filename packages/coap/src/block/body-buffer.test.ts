import { expect, test } from 'vitest';
import { BodyBuffer } from './body-buffer.ts';

test('keeps what was appended, and nothing of the memory beyond it', () => {
  const buffer = new BodyBuffer();
  for (let block = 0; block < 5; block++) buffer.append(new Uint8Array(1024).fill(block));
  const whole = buffer.whole();
  expect([buffer.length, whole.length, whole.buffer.byteLength, whole[1023], whole[1024]]).toEqual([
    5120, 5120, 5120, 0, 1,
  ]);
  expect(buffer.holds(1024, new Uint8Array(1024).fill(1))).toBe(true);
  expect(buffer.holds(1024, new Uint8Array(1024).fill(2))).toBe(false);
  expect(buffer.holds(4096, new Uint8Array(1025).fill(4))).toBe(false);
});
