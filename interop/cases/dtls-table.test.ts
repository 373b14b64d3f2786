import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { agreementsTable } from '../dtls/agreements-table.ts';
import { places } from '../src/places.ts';

test('the table of DTLS peers in CONFORMANCE.md is what these cases run', () => {
  expect(readFileSync(join(places.root, 'CONFORMANCE.md'), 'utf8')).toContain(agreementsTable());
});
