import type { LwM2mNode, ObjectLookup, Path } from '@motestack/model';
import { valueFromNodes } from '../device-management/values-from-nodes.ts';
import type { Sample } from './sample.ts';

/** How nodes become samples. */
export interface SampleSettings {
  /** What is observed. */
  readonly at: Path;
  /** The definitions that count. */
  readonly lookup: ObjectLookup;
  /** May integers be `bigint`s? */
  readonly bigint: boolean;
  /** When the notification came in. */
  readonly receivedAt: Date;
}

/**
 * Makes samples of the nodes of one answer or notification: one for each time of measurement, the oldest first, and what has no
 * time, being of now, last.
 *
 * @see RFC 8428 §4.5.3 (times); LwM2M Core §7.4.4 (a notification may bring a history)
 * @throws {UnusableContentError} as `valueFromNodes`
 */
export function samplesOf<Value>(nodes: readonly LwM2mNode[], settings: SampleSettings): Sample<Value>[] {
  const { at, lookup, bigint, receivedAt } = settings;
  const byTime = new Map<number | undefined, LwM2mNode[]>();
  for (const node of nodes) {
    const own = byTime.get(node.time);
    if (own === undefined) byTime.set(node.time, [node]);
    else own.push(node);
  }
  if (byTime.size === 0) byTime.set(undefined, []);
  return [...byTime]
    .sort(([a = Number.POSITIVE_INFINITY], [b = Number.POSITIVE_INFINITY]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([time, own]) => ({
      value: valueFromNodes(at, own, lookup, bigint) as Value,
      time: time === undefined ? undefined : new Date(time * 1000),
      receivedAt,
    }));
}
