import type { LwM2mNode } from './lwm2m-node.ts';
import type { NotificationAttributes } from './notification-attributes.ts';
import { comparePaths } from './path.ts';
import type { ResourceValue } from './resource-value.ts';

/**
 * What is remembered of one observation, from one notification to the next. It is plain data: keep it, replace it by what the
 * functions here return, never change it.
 *
 * The life of an observation:
 * 1. `startNotifications(nodes, now)` when the answer to Observe leaves, and again after each notification, with what was sent.
 * 2. `state = noteValues(state, attributes, nodes)` whenever the values may have changed.
 * 3. `dueNotification(state, attributes, now)` after 2, after attributes changed, and at `wakeAt`: it says whether to notify now,
 *    and when to ask again if not.
 */
export interface NotificationState {
  /** What the last notification said, or the answer to Observe. */
  readonly notified: readonly LwM2mNode[];
  /** What was seen last, notified or not. */
  readonly seen: readonly LwM2mNode[];
  /** When the last notification left, monotonic milliseconds. */
  readonly notifiedAt: number;
  /** A condition was met since then. It stays so even if the value goes back, until a notification leaves. */
  readonly pendingChange: boolean;
}

/** Whether to notify, and if not, when to ask again. */
export type NotificationDecision =
  | {
      /** Notify now, with the values of now. */
      readonly notify: true;
      /** A condition was met, or the maximum period is over. */
      readonly reason: 'change' | 'pmax';
    }
  | {
      /** Not now. */
      readonly notify: false;
      /** Ask again at this time, monotonic milliseconds. `undefined`: when the values change. */
      readonly wakeAt: number | undefined;
    };

/** The condition that was met; `change` where no condition is attached. */
export type ChangeReason = 'gt' | 'lt' | 'st' | 'edge' | 'change';

/**
 * How `gt` and `lt` are read. `crossing` (1.0, 1.1 and 1.2.2, most devices): in both directions. `directional` (1.2.0): `gt` only
 * upwards, `lt` only downwards.
 */
export type ThresholdReading = 'crossing' | 'directional';

/**
 * The state after an answer to Observe, or a notification, has left.
 *
 * @param nodes what it said: the observed resource, its instances, or all that was read of an instance or object
 * @param now monotonic milliseconds
 */
export function startNotifications(nodes: readonly LwM2mNode[], now: number): NotificationState {
  return { notified: nodes, seen: nodes, notifiedAt: now, pendingChange: false };
}

/**
 * The state after a look at the observed values. Looking twice at the same values changes nothing.
 *
 * @param attributes those in force, see {@link mergeAttributes}
 * @param nodes the values of now, in the same order as before; a node that is new or gone counts as a change
 */
export function noteValues(
  state: NotificationState,
  attributes: NotificationAttributes,
  nodes: readonly LwM2mNode[],
  reading: ThresholdReading = 'crossing',
): NotificationState {
  const pendingChange = state.pendingChange || isChange(state, attributes, nodes, reading);
  return { ...state, seen: nodes, pendingChange };
}

/**
 * Whether to notify now: once a condition was met and `pmin` is over, or once `pmax` is over. A change within `pmin` goes out when
 * `pmin` ends; both periods begin anew with each notification. A `pmax` of 0, or less than `pmin`, is ignored.
 *
 * @param attributes those in force, see {@link mergeAttributes}
 * @param now monotonic milliseconds
 * @see LwM2M Core 1.2 §5.1.2, §6.4.2
 */
export function dueNotification(
  state: NotificationState,
  { pmin = 0, pmax = 0 }: Pick<NotificationAttributes, 'pmin' | 'pmax'>,
  now: number,
): NotificationDecision {
  const changeAt = state.pendingChange ? state.notifiedAt + pmin * MS_PER_SECOND : undefined;
  const pmaxAt = pmax > 0 && pmax >= pmin ? state.notifiedAt + pmax * MS_PER_SECOND : undefined;
  if (changeAt !== undefined && now >= changeAt) return { notify: true, reason: 'change' };
  if (pmaxAt !== undefined && now >= pmaxAt) return { notify: true, reason: 'pmax' };
  // pmin <= pmax wherever both count, so that a change never waits for pmax.
  return { notify: false, wakeAt: changeAt ?? pmaxAt };
}

/**
 * The conditions that one value meets. With none of `gt`, `lt`, `st` and `edge` attached, any change is one.
 *
 * @param notified the value that was notified last; `st` measures from it
 * @param seen the value before this one; `gt`, `lt` and `edge` look at the way from it. Often the same as `notified`
 * @param value the value of now
 * @returns in the order of {@link ChangeReason}; empty: no reason to notify
 * @see LwM2M Core 1.2 §5.1.2; a value equal to a threshold is neither above nor below it
 */
export function changeReasons(
  attributes: NotificationAttributes,
  notified: ResourceValue | undefined,
  seen: ResourceValue | undefined,
  value: ResourceValue | undefined,
  reading: ThresholdReading = 'crossing',
): ChangeReason[] {
  const { gt, lt, st, edge } = attributes;
  if (gt === undefined && lt === undefined && st === undefined && edge === undefined) {
    return areEqualValues(notified, value) && areEqualValues(seen, value) ? [] : ['change'];
  }
  const reasons: ChangeReason[] = [];
  if (isNumber(seen) && isNumber(value)) {
    if (gt !== undefined && isCrossed(seen > gt, value > gt, reading)) reasons.push('gt');
    if (lt !== undefined && isCrossed(seen < lt, value < lt, reading)) reasons.push('lt');
  }
  if (st !== undefined && isNumber(notified) && isNumber(value) && isStep(notified, value, st)) reasons.push('st');
  if (edge !== undefined && typeof value === 'boolean' && seen === !edge && value === edge) reasons.push('edge');
  return reasons;
}

/** Whether two values are the same: octets by content, times and links by what they say. */
export function areEqualValues(a: ResourceValue | undefined, b: ResourceValue | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return a === b;
  if ('objectId' in a) {
    return 'objectId' in b && a.objectId === b.objectId && a.objectInstanceId === b.objectInstanceId;
  }
  if ('objectId' in b) return false;
  if ('length' in a) return 'length' in b && a.length === b.length && a.every((octet, index) => octet === b[index]);
  return !('length' in b) && a.getTime() === b.getTime();
}

const MS_PER_SECOND = 1000;

function isChange(
  state: NotificationState,
  attributes: NotificationAttributes,
  nodes: readonly LwM2mNode[],
  reading: ThresholdReading,
): boolean {
  // A node that came or went is a change under every condition: no threshold speaks of it.
  if (!haveSamePaths(state.seen, nodes)) return true;
  // Since no change is pending, what was seen has the paths of what was notified.
  return nodes.some(({ value }, index) => {
    const { notified, seen } = state;
    return changeReasons(attributes, notified[index]?.value, seen[index]?.value, value, reading).length > 0;
  });
}

function haveSamePaths(a: readonly LwM2mNode[], b: readonly LwM2mNode[]): boolean {
  return (
    a === b ||
    (a.length === b.length &&
      a.every(({ path }, index) => {
        const other = b[index];
        return other !== undefined && comparePaths(path, other.path) === 0;
      }))
  );
}

function isCrossed(before: boolean, after: boolean, reading: ThresholdReading): boolean {
  return before !== after && (after || reading === 'crossing');
}

function isNumber(value: ResourceValue | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Changed by `st` at least (LwM2M Core 1.2 §5.1.2), exact beyond 2^53 when both are bigints. A step of 0 is any change. */
function isStep(notified: number | bigint, value: number | bigint, st: number): boolean {
  if (notified === value) return false;
  if (typeof notified === 'bigint' && typeof value === 'bigint') {
    const step = value > notified ? value - notified : notified - value;
    return step >= st;
  }
  return Math.abs(Number(value) - Number(notified)) >= st;
}
