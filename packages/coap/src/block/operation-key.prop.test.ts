import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Option } from '../wire/index.ts';
import { operationKey } from './operation-key.ts';

/** Those of which a key is made: Uri-Host, ETag, Uri-Path, Content-Format, Uri-Query, Request-Tag. */
const COUNTED = [3, 4, 11, 12, 15, 292];
/** If-None-Match, Observe, Block2, Block1, Size2, Size1. */
const LEFT_OUT = [5, 6, 23, 27, 28, 60];

/** Values that look like parts of a key. */
const value = fc.oneof(
  fc.constantFrom('', ' ', '1', ' 11:1:', '11:0: 11:0:').map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0))),
  fc.uint8Array({ maxLength: 3 }),
);
const optionOf = (...numbers: number[]): fc.Arbitrary<Option> =>
  fc.record({ number: fc.constantFrom(...numbers), value });
const operation = fc.record({
  peer: fc.constantFrom('192.0.2.1:5683', '192.0.2.1:56831'),
  code: fc.constantFrom(1, 3),
  counted: fc.array(optionOf(3, 11, 292), { maxLength: 3 }),
});
const keyOf = ({ peer, code, counted }: { peer: string; code: number; counted: readonly Option[] }): string =>
  operationKey(peer, code, counted);

/** The same by other means. */
function modelOf({ peer, code, counted }: { peer: string; code: number; counted: readonly Option[] }): string {
  const sorted = counted.toSorted((left, right) => left.number - right.number);
  return JSON.stringify([peer, code, sorted.map((option) => [option.number, [...option.value]])]);
}

test('two operations have the same key if, and only if, they are the same', () => {
  fc.assert(
    fc.property(operation, operation, (one, other) => {
      expect(keyOf(one) === keyOf(other)).toBe(modelOf(one) === modelOf(other));
    }),
    { numRuns: 1000 },
  );
});

test('options that differ between the blocks of one operation, or say nothing of it, do not count', () => {
  const counted = fc.array(optionOf(...COUNTED), { maxLength: 5 });
  const others = fc.array(optionOf(...LEFT_OUT), { maxLength: 5 });
  fc.assert(
    fc.property(counted, others, fc.nat(), (own, more, at) => {
      const index = at % (own.length + 1);
      const mixed = [...own.slice(0, index), ...more, ...own.slice(index)];
      expect(operationKey('peer', 3, mixed)).toBe(operationKey('peer', 3, own));
    }),
  );
});

test('each of the others counts', () => {
  fc.assert(
    fc.property(fc.constantFrom(...COUNTED), value, (number, bytes) => {
      expect(operationKey('peer', 3, [{ number, value: bytes }])).not.toBe(operationKey('peer', 3, []));
    }),
  );
});

test('no value can pass for two options', () => {
  fc.assert(
    fc.property(optionOf(...COUNTED), (second) => {
      const first = { number: 3, value: new Uint8Array(0) };
      const key = operationKey('peer', 3, [first, second]);
      // What the key says of the second, as a value of the first.
      const forged = key.slice(operationKey('peer', 3, [first]).length);
      const bytes = Uint8Array.from(forged, (char) => char.charCodeAt(0));
      expect(operationKey('peer', 3, [{ number: 3, value: bytes }])).not.toBe(key);
    }),
  );
});
