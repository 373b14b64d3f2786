import type { Instant } from '../effects.ts';
import type { EndpointStep } from './endpoint-event.ts';

/** A step in which nothing happened yet. */
export function newStep(now: Instant): EndpointStep {
  return { now, transmits: [], events: [], told: [] };
}

/**
 * Adds to a list that holds one item as a rule: made with it, it takes a fifth of the memory of one that is added to.
 *
 * @returns the list from now on
 */
export function withAdded<T>(list: T[], item: T): T[] {
  if (list.length === 0) return [item];
  list.push(item);
  return list;
}
