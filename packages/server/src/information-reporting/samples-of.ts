import type { LwM2mNode } from '@motestack/model';
import type { Sample } from './sample.ts';

/**
 * Makes samples of the nodes of one answer or notification: one for each time of measurement, the oldest first, and what has no
 * time, being of now, last.
 *
 * @param toValue makes the value of the nodes of one time
 * @param receivedAt when the notification came in
 * @see RFC 8428 §4.5.3 (times); LwM2M Core §7.4.4 (a notification may bring a history)
 * @throws what `toValue` throws
 */
export function samplesOf<Value>(
  nodes: readonly LwM2mNode[],
  toValue: (nodes: readonly LwM2mNode[]) => Value,
  receivedAt: Date,
): Sample<Value>[] {
  const [first] = nodes;
  if (nodes.length === 1 || nodes.every(({ time }) => time === first?.time)) {
    return [{ value: toValue(nodes), time: dateOf(first?.time), receivedAt }];
  }
  const byTime = new Map<number | undefined, LwM2mNode[]>();
  for (const node of nodes) {
    const own = byTime.get(node.time);
    if (own === undefined) byTime.set(node.time, [node]);
    else own.push(node);
  }
  return [...byTime]
    .sort(([a = Number.POSITIVE_INFINITY], [b = Number.POSITIVE_INFINITY]) => a - b)
    .map(([time, own]) => ({ value: toValue(own), time: dateOf(time), receivedAt }));
}

function dateOf(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}
