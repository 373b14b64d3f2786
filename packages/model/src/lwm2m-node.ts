import type { Path } from './path.ts';
import type { ResourceValue } from './resource-value.ts';

/** One thing at a path: what payloads decode to and are encoded from. */
export interface LwM2mNode {
  /** Where it stands. */
  readonly path: Path;
  /**
   * The value of a resource or resource instance. `undefined`: the node exists and holds nothing (an empty instance, a
   * multiple resource without instances) or, in a list of paths, is only named.
   */
  readonly value?: ResourceValue | undefined;
  /** When it was measured: seconds since 1970, may be fractional. */
  readonly time?: number | undefined;
}
