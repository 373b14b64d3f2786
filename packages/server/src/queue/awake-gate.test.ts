import { AbortSource } from '@motestack/coap';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AwakeGate, GateError, type GateOptions } from './awake-gate.ts';

const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

/** Enters under a name, and notes what becomes of it. */
function visitor(gate: AwakeGate, log: string[]): (name: string, options?: GateOptions) => void {
  return (name, options = {}) => {
    gate.enter(options).then(
      (release) => {
        log.push(name);
        releases.set(name, release);
      },
      (error: unknown) => log.push(`${name} ${error instanceof GateError ? error.refusal : 'failed'}`),
    );
  };
}
const releases = new Map<string, () => void>();
const leave = (name: string): void => releases.get(name)?.();

describe('AwakeGate', () => {
  test('one at a time while the device is awake, in the order in which they came', async () => {
    const gate = new AwakeGate(10, true);
    const log: string[] = [];
    const enter = visitor(gate, log);
    for (const name of ['a', 'b', 'c']) enter(name);
    await settled();
    expect(log).toEqual(['a']);
    leave('a');
    await settled();
    leave('a');
    await settled();
    expect(log).toEqual(['a', 'b']);
    leave('b');
    await settled();
    expect(log).toEqual(['a', 'b', 'c']);
  });

  test('nobody gets in while it sleeps; waking lets in by priority, then age', async () => {
    const gate = new AwakeGate(10, false);
    const log: string[] = [];
    const enter = visitor(gate, log);
    enter('low', { priority: -1 });
    enter('first');
    enter('second');
    enter('high', { priority: 5 });
    await settled();
    expect(log).toEqual([]);
    gate.wake();
    for (const name of ['high', 'first', 'second', 'low']) {
      await settled();
      expect(log.at(-1)).toBe(name);
      leave(name);
    }
    expect(gate.waiting).toBe(0);
  });

  test('what is under way when it falls asleep ends; the next one waits', async () => {
    const gate = new AwakeGate(10, true);
    const log: string[] = [];
    const enter = visitor(gate, log);
    enter('a');
    enter('b');
    enter('hasty', { whenAsleep: 'reject' });
    await settled();
    gate.sleep();
    leave('a');
    await settled();
    expect(log).toEqual(['a', 'hasty asleep']);
    gate.wake();
    await settled();
    expect(log.at(-1)).toBe('b');
  });

  test('refuses: asleep, full, aborted before and while waiting, ended', async () => {
    const gate = new AwakeGate(2, false);
    const log: string[] = [];
    const enter = visitor(gate, log);
    const source = new AbortSource();
    enter('hasty', { whenAsleep: 'reject' });
    enter('patient', { signal: source.signal });
    enter('last');
    enter('too many');
    source.abort('enough');
    enter('late', { signal: source.signal });
    await settled();
    gate.end();
    await settled();
    expect(new Set(log)).toEqual(
      new Set(['hasty asleep', 'too many full', 'patient aborted', 'late aborted', 'last ended']),
    );
    expect(gate.waiting).toBe(0);
  });

  test('whatever happens, one at a time, and all leave in the end', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('enter' as const), priority: fc.integer({ min: -2, max: 2 }) }),
      fc.record({ kind: fc.constantFrom('wake' as const, 'sleep' as const, 'leave' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const gate = new AwakeGate(100, false);
        const inside: (() => void)[] = [];
        let entered = 0;
        let came = 0;
        for (const next of steps) {
          if (next.kind === 'enter') {
            came++;
            void gate.enter({ priority: next.priority }).then((release) => {
              entered++;
              inside.push(release);
            });
          } else if (next.kind === 'leave') inside.pop()?.();
          else gate[next.kind]();
          await settled();
          expect(inside.length).toBeLessThanOrEqual(1);
        }
        gate.wake();
        for (let turn = 0; turn <= came; turn++) {
          await settled();
          inside.pop()?.();
        }
        expect(entered).toBe(came);
      }),
      { numRuns: 60 },
    );
  });
});
