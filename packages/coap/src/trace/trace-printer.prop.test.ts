import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, encodeStringOption, encodeUintOption } from '../wire/index.ts';
import { tracePrinter } from './trace-printer.ts';

test('any message makes one line of printable characters', () => {
  const option = fc.oneof(
    fc.record({ number: fc.integer({ min: 0, max: 300 }), value: fc.uint8Array({ maxLength: 20 }) }),
    fc.string({ maxLength: 20 }).map((text) => encodeStringOption(11, text)),
    fc.integer({ min: 0, max: 2 ** 24 }).map((value) => encodeUintOption(23, value)),
  );
  const message = fc.record({
    type: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    code: fc.integer({ min: 1, max: 255 }),
    messageId: fc.integer({ min: 0, max: 65_535 }),
    token: fc.uint8Array({ maxLength: 8 }),
    options: fc.array(option, { maxLength: 6 }),
    payload: fc.uint8Array({ maxLength: 4 }),
  });
  fc.assert(
    fc.property(message, (value) => {
      const lines: string[] = [];
      const bytes = encodeMessage(value);
      const about = { peer: 'p', at: 0, byteLength: bytes.length, isRepeated: false };
      tracePrinter((line) => lines.push(line)).outgoing?.(decodeMessage(bytes), about);
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^[\x20-\x7e→…]+$/);
    }),
  );
});
