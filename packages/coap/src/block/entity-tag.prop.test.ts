import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entityTagOf } from './entity-tag.ts';

const body = fc.uint8Array({ maxLength: 300 });

test('eight bytes, the same for the same bytes', () => {
  fc.assert(
    fc.property(body, (bytes) => {
      expect(entityTagOf(bytes)).toHaveLength(8);
      expect(entityTagOf(bytes.slice())).toEqual(entityTagOf(bytes));
    }),
  );
});

test('one changed byte changes it', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 300 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (bytes, at, by) => {
        const changed = bytes.map((byte, index) => (index === at % bytes.length ? byte ^ by : byte));
        expect(entityTagOf(changed)).not.toEqual(entityTagOf(bytes));
      },
    ),
  );
});

test('so does one byte more, and two places changed for each other', () => {
  fc.assert(
    fc.property(body, fc.nat({ max: 255 }), fc.nat({ max: 255 }), (bytes, one, other) => {
      expect(entityTagOf(Uint8Array.of(...bytes, one))).not.toEqual(entityTagOf(bytes));
      fc.pre(one !== other);
      const there = Uint8Array.of(...bytes, one, other);
      expect(entityTagOf(there)).not.toEqual(entityTagOf(Uint8Array.of(...bytes, other, one)));
    }),
  );
});
