import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NotificationAttributes } from './notification-attributes.ts';
import { dueNotification, type NotificationState, noteValues, startNotifications } from './notification-rule.ts';
import { parsePath } from './path.ts';

const path = parsePath('/3303/0/5700');
const attributes = fc.record(
  { pmin: fc.nat(20), pmax: fc.nat(40), gt: fc.integer({ min: -5, max: 5 }), st: fc.nat(4) },
  { requiredKeys: [] },
);
const walk = fc.array(fc.tuple(fc.integer({ min: 1, max: 15_000 }), fc.integer({ min: -10, max: 10 })), {
  maxLength: 40,
});

test('no two notifications closer than pmin, none further apart than pmax, and what wakes is always ahead', () => {
  fc.assert(
    fc.property(attributes, walk, (given, steps) => {
      let now = 0;
      let state = startNotifications([{ path, value: 0 }], now);
      for (const [elapsed, value] of steps) {
        state = notifiedUntil(state, given, now, now + elapsed);
        now += elapsed;
        state = noteValues(state, given, [{ path, value }]);
      }
    }),
  );
});

/** Sends what is due from `now` on, before `until`, and checks each time. */
function notifiedUntil(
  state: NotificationState,
  given: NotificationAttributes,
  now: number,
  until: number,
): NotificationState {
  const { pmin = 0, pmax = 0 } = given;
  const due = dueNotification(state, given, now);
  if (!due.notify) {
    if (due.wakeAt === undefined) return state;
    expect(due.wakeAt).toBeGreaterThan(now);
    return due.wakeAt >= until ? state : notifiedUntil(state, given, due.wakeAt, until);
  }
  expect(now - state.notifiedAt).toBeGreaterThanOrEqual(pmin * 1000);
  if (pmax >= Math.max(pmin, 1)) expect(now - state.notifiedAt).toBeLessThanOrEqual(pmax * 1000);
  return notifiedUntil(startNotifications(state.seen, now), given, now, until);
}

test('without conditions a change is pending exactly if the value differs from what was notified', () => {
  const values = fc.constantFrom(0, 1, 2, 'a', true);
  fc.assert(
    fc.property(values, values, (notified, value) => {
      const state = noteValues(startNotifications([{ path, value: notified }], 0), {}, [{ path, value }]);
      expect(state.pendingChange).toBe(notified !== value);
    }),
  );
});
