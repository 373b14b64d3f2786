import { formatPath, isWithin, type LwM2mNode, type ObjectLookup, parsePath } from '@motestack/model';
import { isExact, type Target } from '../device-management/device-management.ts';
import { valueFromNodes } from '../device-management/values-from-nodes.ts';
import type { ReadablePath, ReadResult } from '../registered-device.ts';
import type { Sample } from './sample.ts';
import { samplesOf } from './samples-of.ts';

/** What a Send is read with. */
export interface SendReportParts {
  /** The records as they came, in their order. */
  readonly nodes: readonly LwM2mNode[];
  /** The definitions that count for the device. */
  readonly lookup: ObjectLookup;
  /** When it came in. */
  readonly receivedAt: Date;
}

/**
 * What a device sent on its own.
 *
 * @see LwM2M Core §6.4.6 (Send)
 * @example
 * server.on('send', (device, report) => {
 *   for (const { value, time } of report.samples(Temperature.sensorValue)) console.log(device.endpoint, time, value);
 * });
 */
export class SendReport {
  /** The records as they came, in their order; times are seconds since 1970. */
  readonly nodes: readonly LwM2mNode[];
  /** When it came in. */
  readonly receivedAt: Date;
  readonly #lookup: ObjectLookup;

  /** @hidden */
  constructor({ nodes, lookup, receivedAt }: SendReportParts) {
    this.nodes = nodes;
    this.receivedAt = receivedAt;
    this.#lookup = lookup;
  }

  /** The paths of resources and resource instances that values came of, each once, in their order. */
  get paths(): readonly string[] {
    return [...new Set(this.nodes.map(({ path }) => formatPath(path)))];
  }

  /**
   * What came of a path: one sample for each time, the oldest first; none where the device sent nothing of it.
   *
   * @throws {UnusableContentError} values that do not make up what the definition says
   */
  samples<const P extends ReadablePath>(path: P): readonly Sample<ReadResult<P>>[] {
    const target: Target = path;
    const at = parsePath(String(path));
    const own = this.nodes.filter((node) => isWithin(node.path, at));
    if (own.length === 0) return [];
    const definition = typeof target === 'string' ? undefined : target.definition;
    const lookup: ObjectLookup = (id) => this.#lookup(id) ?? (definition?.id === id ? definition : undefined);
    const exact = isExact(target, {});
    return samplesOf(own, (nodes) => valueFromNodes(at, nodes, lookup, exact) as ReadResult<P>, this.receivedAt);
  }

  /** The newest of {@link samples}' values; `undefined` where the device sent nothing of the path. */
  value<const P extends ReadablePath>(path: P): ReadResult<P> | undefined {
    return this.samples(path).at(-1)?.value;
  }
}
