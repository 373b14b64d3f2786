import { expect, test } from 'vitest';
import { Vigil } from './vigil.ts';

/** A vigil with a clock that stands until it is moved, and turns that come when they are asked for. */
function newVigil() {
  let now = 0;
  const turns: (() => void)[] = [];
  const vigil = new Vigil({ now: () => now, nextTurn: (callback) => void turns.push(callback) });
  const turn = (): void => {
    for (const callback of turns.splice(0)) callback();
  };
  const round = (ms: number, peer = 'a'): void => {
    now += ms;
    vigil.heard(peer);
    vigil.rest();
    turn();
  };
  const rounds = (count: number, ms: number, peer?: string): void => {
    for (let index = 0; index < count; index++) round(ms, peer);
  };
  const wait = (ms: number): void => {
    now += ms;
    turn();
  };
  vigil.rest();
  return { vigil, rounds, wait, turns };
}

// The first one finds out who it is.
const ENOUGH = 33;

test('after 32 short rounds with one peer the loop stays awake, for half a millisecond', () => {
  const { vigil, rounds, wait } = newVigil();
  rounds(ENOUGH - 1, 0.1);
  expect(vigil.isAwake).toBe(false);
  rounds(1, 0.1);
  expect(vigil.isAwake).toBe(true);
  wait(0.49);
  expect(vigil.isAwake).toBe(true);
  wait(0.02);
  expect(vigil.isAwake).toBe(false);
});

test('rounds as long as the window keep nobody awake', () => {
  const { vigil, rounds } = newVigil();
  rounds(10 * ENOUGH, 0.5);
  expect(vigil.isAwake).toBe(false);
});

test('two peers that take turns keep nobody awake', () => {
  const { vigil, rounds } = newVigil();
  for (let index = 0; index < 10 * ENOUGH; index++) rounds(1, 0.1, index % 2 === 0 ? 'a' : 'b');
  expect(vigil.isAwake).toBe(false);
});

test('datagrams of one turn are one round', () => {
  const { vigil, rounds } = newVigil();
  rounds(2, 0.1);
  for (let index = 0; index < 10 * ENOUGH; index++) vigil.heard('a');
  expect(vigil.isAwake).toBe(false);
});

test('what is polled in vain costs a window for 16 rounds at most', () => {
  const { vigil, rounds, wait } = newVigil();
  rounds(10 * ENOUGH, 0.1);
  let vain = 0;
  for (let index = 0; index < 20; index++) {
    if (vigil.isAwake) vain++;
    wait(1);
    rounds(1, 0);
  }
  expect(vain).toBe(3);
  rounds(ENOUGH, 0.1);
  expect(vigil.isAwake).toBe(true);
});

test('nothing waits for a turn while nobody is awake', () => {
  const { rounds, wait, turns } = newVigil();
  rounds(10 * ENOUGH, 0.1);
  wait(1);
  expect(turns).toEqual([]);
});
