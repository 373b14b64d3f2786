import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { registrationTransitions } from './registration-transitions.fixture.ts';

const DOCUMENT = new URL('../../../../docs/registration.md', import.meta.url);

/** The arrows of the diagram, one for each input. */
function drawnTransitions(): readonly string[] {
  const arrows = readFileSync(DOCUMENT, 'utf8').matchAll(/^ {4}(\w+ --> \w+): (.+)$/gm);
  return [...arrows].flatMap(([, arrow = '', inputs = '']) => inputs.split(', ').map((input) => `${arrow}: ${input}`));
}

test('the diagram in docs/registration.md draws the transitions of the machine, all of them and no others', () => {
  const drawn = drawnTransitions();
  expect(new Set(drawn)).toEqual(registrationTransitions());
  expect(drawn).toHaveLength(new Set(drawn).size);
});

test('every state that is drawn is explained', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  const names = new Set(drawnTransitions().flatMap((line) => line.split(/ --> |: /)));
  for (const name of names) expect(document).toMatch(new RegExp(`^\\|.*\`${name}\`.*\\|`, 'm'));
});
