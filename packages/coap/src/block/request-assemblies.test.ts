import { expect, test } from 'vitest';
import { endpoint } from '../endpoint/endpoint.fixture.ts';
import { asker, blockOptions } from '../scenarios/block-wise.fixture.ts';

const CONTINUE = 0x5f;
const INCOMPLETE = 0x88;

/** A server, and the bodies that its handler got; each block is a message of its own. */
function server() {
  const core = endpoint();
  const bodies: string[] = [];
  const ask = asker(core, ({ payload }) => {
    bodies.push(String.fromCharCode(...payload));
    return { code: 0x44 };
  });
  const send = (words: string, letter: string, length = 16): number =>
    ask({ code: 3, options: blockOptions(words), payload: new Uint8Array(length).fill(letter.charCodeAt(0)) }).code;
  return { core, bodies, send };
}

test('a block that is here already is acknowledged again, and counts once', () => {
  const { bodies, send } = server();
  expect([send('1:0/1/16', 'a'), send('1:1/1/16', 'b'), send('1:1/1/16', 'b')]).toEqual([CONTINUE, CONTINUE, CONTINUE]);
  expect(send('1:2/0/16', 'c', 3)).toBe(0x44);
  expect(bodies).toEqual([`${'a'.repeat(16)}${'b'.repeat(16)}ccc`]);
});

test.each([
  ['leaves one out', '1:3/1/16', 'd'],
  ['is the last and leaves one out', '1:3/0/16', 'd'],
  ['is here with other bytes', '1:1/1/16', 'x'],
])('a block that %s gets 4.08, and the body can still be completed (RFC 7959 §2.9.2)', (_name, words, letter) => {
  const { core, bodies, send } = server();
  expect([send('1:0/1/16', 'a'), send('1:1/1/16', 'b'), send(words, letter)]).toEqual([CONTINUE, CONTINUE, INCOMPLETE]);
  expect([bodies, core.stats().blocksUnmatched]).toEqual([[], 1]);
  expect(send('1:2/0/16', 'c', 3)).toBe(0x44);
  expect(bodies).toEqual([`${'a'.repeat(16)}${'b'.repeat(16)}ccc`]);
});

test('number 0 begins anew (RFC 7959 §2.5)', () => {
  const { core, bodies, send } = server();
  expect([send('1:0/1/16', 'a'), send('1:0/1/16', 'x'), send('1:1/0/16', 'y', 2)]).toEqual([CONTINUE, CONTINUE, 0x44]);
  expect(bodies).toEqual([`${'x'.repeat(16)}yy`]);
  expect(core.stats()).toMatchObject({ assembliesReplaced: 1, assemblies: 0, assemblyBytes: 0 });
});
