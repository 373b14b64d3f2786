import type { Sample } from './sample.ts';

/** What a device reported of something that is observed. */
export interface Notification {
  /** What is observed, as text: one path, or those of an `observeComposite`. */
  readonly paths: readonly string[];
  /** What came, the oldest first: one sample, or a history. Of several paths, each value is a list with one item for each path. */
  readonly samples: readonly Sample<unknown>[];
}
