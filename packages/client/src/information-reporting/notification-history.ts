import { ContentFormat } from '@motestack/codecs';
import type { LwM2mNode } from '@motestack/model';

interface KeptNotification {
  readonly nodes: readonly LwM2mNode[];
  readonly time: number;
}

/** The formats whose records say when they were true. */
const TIMED_FORMATS: readonly number[] = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson];

/**
 * Notifications that are kept while the server cannot be reached (`/1/x/6`), the newest of them.
 *
 * In SenML all of them go out as one notification with the time of each value. Other formats have no times, and the newest
 * takes the place of the others.
 *
 * @see LwM2M Core 1.1.1 object 1 resource 6; Core 1.2 §5.1.2 (hqmax), §7.4.4 (SenML with times)
 */
export class NotificationHistory {
  readonly #isTimed: boolean;
  #kept: KeptNotification[] = [];

  constructor(contentFormat: number) {
    this.#isTimed = TIMED_FORMATS.includes(contentFormat);
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.length;
  }

  /** Keeps one, at most `max` of them. */
  keep(nodes: readonly LwM2mNode[], time: number, max: number): void {
    this.#kept.push({ nodes, time });
    const most = this.#isTimed ? max : Math.min(max, 1);
    if (this.#kept.length > most) this.#kept.splice(0, this.#kept.length - most);
  }

  /** All that is to be told now, the oldest first; nothing is kept afterwards. */
  take(): readonly LwM2mNode[] {
    const kept = this.#kept;
    this.#kept = [];
    if (!this.#isTimed) return kept.at(-1)?.nodes ?? [];
    return kept.flatMap(({ nodes, time }) => nodes.map((node) => (node.time === undefined ? { ...node, time } : node)));
  }
}
