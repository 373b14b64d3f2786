import { expect, test } from 'vitest';
import { DdfError } from './ddf-error.ts';
import { ddfText, VALVE } from './ddf-text.fixture.ts';
import { parseDdf } from './parse-ddf.ts';

const RUNS = 10_000_000;
/** Numerical Recipes' generator: the same changes in each run. */
const random = (state: number): number => (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
const PARTS = [
  '',
  '<',
  '>',
  '/',
  '&',
  ';',
  '"',
  "'",
  '=',
  ' ',
  '\n',
  '--',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?',
  '&#',
  '\u0000',
  '<Item ID="1">',
  '</Item>',
  '<!DOCTYPE',
];

// One short file, so that each part of it is met often.
const valve = ddfText({ ...VALVE, resources: VALVE.resources.slice(0, 1) });

test(`${RUNS} changed files are read or refused`, () => {
  // Half of the time would go into stacks that nobody reads.
  Error.stackTraceLimit = 0;
  const counts = { read: 0, refused: 0 };
  let state = 1;
  const next = (below: number): number => {
    state = random(state);
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let run = 0; run < RUNS; run++) {
    const at = next(valve.length);
    const changed = valve.slice(0, at) + (PARTS[next(PARTS.length)] ?? '') + valve.slice(at + next(12));
    try {
      parseDdf(changed);
      counts.read++;
    } catch (error) {
      if (!DdfError.is(error)) throw new Error(`change ${run} at ${at}`, { cause: error });
      counts.refused++;
    }
  }
  expect(counts.read).toBeGreaterThan(RUNS / 20);
  expect(counts.refused).toBeGreaterThan(RUNS / 20);
});
