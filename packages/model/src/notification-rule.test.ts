import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import type { LwM2mNode } from './lwm2m-node.ts';
import { mergeAttributes, type NotificationAttributes } from './notification-attributes.ts';
import {
  areEqualValues,
  changeReasons,
  dueNotification,
  type NotificationState,
  noteValues,
  startNotifications,
} from './notification-rule.ts';
import { parsePath } from './path.ts';
import type { ResourceValue } from './resource-value.ts';

interface ConditionVector {
  readonly id: string;
  readonly attributes: NotificationAttributes & { readonly edge?: unknown };
  readonly lastNotified: number | boolean;
  readonly value: number | boolean;
  readonly crossing: readonly string[];
  readonly directional: readonly string[];
}

interface TimelineVector {
  readonly id: string;
  readonly title: string;
  readonly attributes: NotificationAttributes;
  readonly initial: number;
  readonly events: readonly (readonly [number, number])[];
  readonly until: number;
  readonly notifications: readonly (readonly [number, number])[];
}

const { conditions, timelines } = vectors<{ conditions: ConditionVector[]; timelines: TimelineVector[] }>('notify');
const path = parsePath('/3303/0/5700');
const holding = (value: ResourceValue): LwM2mNode[] => [{ path, value }];

describe('changeReasons', () => {
  test.each(conditions)('$id: $lastNotified to $value with $attributes', (vector) => {
    const { edge, ...others } = vector.attributes;
    const attributes = edge === undefined ? others : { ...others, edge: Boolean(edge) };
    const { lastNotified: last, value } = vector;
    expect(changeReasons(attributes, last, last, value)).toEqual(vector.crossing);
    expect(changeReasons(attributes, last, last, value, 'directional')).toEqual(vector.directional);
  });

  test('st measures from what was notified, gt, lt and edge from what was seen', () => {
    expect(changeReasons({ st: 10 }, 0, 9, 10)).toEqual(['st']);
    expect(changeReasons({ st: 10 }, 0, 12, 9)).toEqual([]);
    expect(changeReasons({ gt: 45 }, 40, 50, 51)).toEqual([]);
    expect(changeReasons({ edge: true }, true, false, true)).toEqual(['edge']);
  });

  test('a step of 0 is any change, and no change is none', () => {
    expect(changeReasons({ st: 0 }, 1, 1, 1)).toEqual([]);
    expect(changeReasons({ st: 0 }, 1, 1, 1.5)).toEqual(['st']);
  });

  test('integers beyond 2^53 are compared exactly', () => {
    const big = 2n ** 60n;
    expect(changeReasons({ st: 2 }, big, big, big + 1n)).toEqual([]);
    expect(changeReasons({ st: 2 }, big, big, big - 2n)).toEqual(['st']);
    expect(changeReasons({ gt: 5 }, 4n, 4n, 6)).toEqual(['gt']);
  });

  test('a condition on numbers says nothing about other values', () => {
    expect(changeReasons({ gt: 1 }, 'a', 'a', 'b')).toEqual([]);
    expect(changeReasons({ edge: true }, 0, 0, 1)).toEqual([]);
    expect(changeReasons({ gt: 1 }, undefined, undefined, 5)).toEqual([]);
  });
});

describe('areEqualValues', () => {
  const some: readonly ResourceValue[] = [
    0,
    1,
    1n,
    '',
    '1',
    true,
    false,
    Number.NaN,
    new Uint8Array(0),
    Uint8Array.of(1),
    Uint8Array.of(2),
    new Date(0),
    new Date(1),
    { objectId: 1, objectInstanceId: 2 },
    { objectId: 1, objectInstanceId: 3 },
  ];

  test('each is equal to a copy of itself and to nothing else', () => {
    for (const [index, a] of some.entries()) {
      for (const [other, b] of some.map(copied).entries())
        expect(areEqualValues(a, b), `${a} ${b}`).toBe(index === other);
      expect(areEqualValues(a, undefined)).toBe(false);
    }
    expect(areEqualValues(undefined, undefined)).toBe(true);
  });
});

describe('dueNotification', () => {
  test.each(timelines)('$id: $title', ({ attributes, initial, events, until, notifications }) => {
    expect(replay(attributes, initial, events, until)).toEqual(notifications);
  });

  test('nothing to do: nothing to wait for', () => {
    const state = startNotifications(holding(1), 5000);
    expect(dueNotification(state, {}, 1e9)).toEqual({ notify: false, wakeAt: undefined });
  });

  test('attributes may change on the way', () => {
    const state = noteValues(startNotifications(holding(1), 0), { pmin: 10 }, holding(2));
    expect(dueNotification(state, { pmin: 10 }, 4000)).toEqual({ notify: false, wakeAt: 10_000 });
    expect(dueNotification(state, { pmin: 4 }, 4000)).toEqual({ notify: true, reason: 'change' });
    expect(dueNotification({ ...state, pendingChange: false }, { pmax: 4 }, 4000)).toEqual({
      notify: true,
      reason: 'pmax',
    });
    expect(dueNotification({ ...state, pendingChange: false }, { pmax: 4 }, 3999)).toEqual({
      notify: false,
      wakeAt: 4000,
    });
  });

  test('pmax of 0 or below pmin is ignored, though nobody merged the attributes', () => {
    const state = startNotifications(holding(1), 0);
    expect(dueNotification(state, { pmax: 0 }, 1e9)).toEqual({ notify: false, wakeAt: undefined });
    expect(dueNotification(state, { pmin: 5, pmax: 4 }, 1e9)).toEqual({ notify: false, wakeAt: undefined });
  });
});

describe('noteValues', () => {
  const two = (first: number, second: number): LwM2mNode[] => [
    { path: parsePath('/3/0/7/0'), value: first },
    { path: parsePath('/3/0/7/1'), value: second },
  ];

  test('each instance of a multiple resource meets the conditions for itself', () => {
    const state = startNotifications(two(1, 50), 0);
    expect(noteValues(state, { gt: 45 }, two(2, 60)).pendingChange).toBe(false);
    expect(noteValues(state, { gt: 45 }, two(46, 50)).pendingChange).toBe(true);
    expect(noteValues(state, { gt: 45 }, two(1, 45)).pendingChange).toBe(true);
  });

  test('a node that came or went is a change under any condition', () => {
    const state = startNotifications(two(1, 2), 0);
    expect(noteValues(state, { gt: 45 }, two(1, 2).slice(0, 1)).pendingChange).toBe(true);
    expect(noteValues(state, { gt: 45 }, [...two(1, 2), { path, value: 1 }]).pendingChange).toBe(true);
    const [first, second] = two(1, 2);
    const moved = [first, { ...second, path }].filter((node): node is LwM2mNode => node !== undefined);
    expect(noteValues(state, { gt: 45 }, moved).pendingChange).toBe(true);
  });

  test('a time alone is no change', () => {
    const state = startNotifications([{ path, value: 1, time: 1 }], 0);
    expect(noteValues(state, {}, [{ path, value: 1, time: 2 }]).pendingChange).toBe(false);
  });

  test('looking twice changes nothing, and a slow drift adds up to a step', () => {
    let state = startNotifications(holding(20), 0);
    for (const value of [21, 22, 23, 23, 24]) state = noteValues(state, { st: 5 }, holding(value));
    expect(state.pendingChange).toBe(false);
    expect(noteValues(state, { st: 5 }, holding(25)).pendingChange).toBe(true);
  });

  test('each rising edge notifies, though what was notified was true each time', () => {
    let state: NotificationState = startNotifications(holding(true), 0);
    state = noteValues(state, { edge: true }, holding(false));
    expect(state.pendingChange).toBe(false);
    expect(noteValues(state, { edge: true }, holding(true)).pendingChange).toBe(true);
  });

  test('directional thresholds know the way that the value took', () => {
    let state = startNotifications(holding(50), 0);
    state = noteValues(state, { gt: 45 }, holding(40), 'directional');
    expect(state.pendingChange).toBe(false);
    expect(noteValues(state, { gt: 45 }, holding(46), 'directional').pendingChange).toBe(true);
  });
});

function copied(value: ResourceValue): ResourceValue {
  return typeof value === 'object' ? structuredClone(value) : value;
}

/** Plays a timeline as a client would: looks at each event and whenever it was told to wake. */
function replay(
  attributes: NotificationAttributes,
  initial: number,
  events: TimelineVector['events'],
  until: number,
): [number, number][] {
  const merged = mergeAttributes({ resource: attributes });
  const notifications: [number, number][] = [];
  let value = initial;
  let state = startNotifications(holding(initial), 0);
  const settle = (now: number): number | undefined => {
    const due = dueNotification(state, merged, now);
    if (!due.notify) return due.wakeAt;
    notifications.push([now / 1000, value]);
    state = startNotifications(holding(value), now);
    return settle(now);
  };
  const remaining = events.map(([seconds, next]) => ({ at: seconds * 1000, next }));
  for (let wakeAt = settle(0); ; ) {
    const event = remaining[0];
    const now = Math.min(wakeAt ?? Number.POSITIVE_INFINITY, event?.at ?? Number.POSITIVE_INFINITY);
    if (now > until * 1000) return notifications;
    if (event !== undefined && event.at === now) {
      value = event.next;
      state = noteValues(state, merged, holding(value));
      remaining.shift();
    }
    wakeAt = settle(now);
  }
}
