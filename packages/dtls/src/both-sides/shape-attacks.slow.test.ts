import { describe, expect, test } from 'vitest';
import { attackedShapes } from './attacked-shapes.fixture.ts';
import { flipBits } from './bit-flips.fixture.ts';

describe.each(attackedShapes)('%s', (_name, options) => {
  test.each([0x01, 0x80])(
    'one bit changed in every byte of every datagram, mask %i',
    (mask) => {
      const { changed, ended } = flipBits(options, mask, 1);
      expect(changed).toBeGreaterThan(150);
      expect(ended).toBeGreaterThan(50);
    },
    600_000,
  );
});
