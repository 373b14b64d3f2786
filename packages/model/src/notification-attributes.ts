import type { ResourceSpec } from './object-spec.ts';
import type { Path } from './path.ts';

/**
 * What a server may attach to a path, to say when it wants to be notified.
 *
 * @see LwM2M Core 1.2 §5.1.2
 */
export interface NotificationAttributes {
  /** Minimum period: seconds between two notifications, at least. */
  readonly pmin?: number;
  /** Maximum period: seconds between two notifications, at most; 0, or less than `pmin`, is ignored. */
  readonly pmax?: number;
  /** Greater than: notify when the value crosses this. */
  readonly gt?: number;
  /** Less than: notify when the value crosses this. */
  readonly lt?: number;
  /** Step: notify when the value differs by this much, or more, from the last one notified; 0 or more. */
  readonly st?: number;
  /** Minimum evaluation period: seconds between two looks at the value, at least. */
  readonly epmin?: number;
  /** Maximum evaluation period: seconds between two looks at the value, at most. */
  readonly epmax?: number;
  /** Edge of a Boolean: `true` notifies when it becomes true, `false` when it becomes false. */
  readonly edge?: boolean;
  /** Whether notifications are Confirmable. */
  readonly con?: boolean;
  /** Maximum historical queue: how many values are kept while the server cannot be reached. */
  readonly hqmax?: number;
}

/** What a Write-Attributes asks for: a value sets, `undefined` unsets at that level, an absent name leaves alone. */
export type AttributeChanges = {
  readonly [Name in keyof NotificationAttributes]?: NotificationAttributes[Name] | undefined;
};

/**
 * `bad-integer`, `bad-number`, `bad-bit`: the value is not of the attribute's form; `empty-parameter`: nothing between two `&`;
 * `unknown-attribute`: no attribute that may be written; `duplicate-attribute`: written twice in one request;
 * `inconsistent`: values that exclude each other; `not-applicable`: not for this path or type.
 */
export type AttributeErrorCode =
  | 'bad-integer'
  | 'bad-number'
  | 'bad-bit'
  | 'empty-parameter'
  | 'unknown-attribute'
  | 'duplicate-attribute'
  | 'inconsistent'
  | 'not-applicable';

/** Attributes that cannot be taken. What a server is told is 4.00. */
export class AttributeError extends Error {
  override readonly name = 'AttributeError';
  /** What is wrong. */
  readonly code: AttributeErrorCode;
  /** The attribute, or the parameter as it came, cut to 32 characters. */
  readonly attribute: string;

  /**
   * @param code what is wrong
   * @param attribute which attribute
   * @param rule the rule that is broken, for people
   */
  constructor(code: AttributeErrorCode, attribute: string, rule = 'LwM2M Core 1.2 §5.1.2') {
    const shown = attribute.slice(0, SHOWN_LENGTH_MAX);
    super(`${code}: ${JSON.stringify(shown)} (${rule})`);
    this.code = code;
    this.attribute = shown;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is AttributeError {
    return value instanceof Error && value.name === 'AttributeError';
  }
}

/**
 * Applies a Write-Attributes to what is attached at one path.
 *
 * @param attached what is attached there so far
 * @param changes what is asked for
 * @returns what is attached from now on
 * @throws {AttributeError} `inconsistent`, and nothing is changed
 */
export function applyAttributeChanges(
  attached: NotificationAttributes,
  changes: AttributeChanges,
): NotificationAttributes {
  const entries = Object.entries({ ...attached, ...changes }).filter(([, value]) => value !== undefined);
  const applied: NotificationAttributes = Object.fromEntries(entries);
  checkAttributes(applied);
  return applied;
}

/**
 * Checks that attributes of one path go together: `lt < gt`, `lt + 2 × st < gt`, `epmin < epmax`. A `pmax` below `pmin` is
 * no error, it is ignored (see {@link mergeAttributes}).
 *
 * @throws {AttributeError} `inconsistent`
 * @see LwM2M Core 1.2 §5.1.2
 */
export function checkAttributes({ lt, gt, st, epmin, epmax }: NotificationAttributes): void {
  if (lt !== undefined && gt !== undefined) {
    if (lt >= gt) throw new AttributeError('inconsistent', 'lt', 'lt < gt, LwM2M Core 1.2 §5.1.2');
    if (st !== undefined && lt + 2 * st >= gt) {
      throw new AttributeError('inconsistent', 'st', 'lt + 2 × st < gt, LwM2M Core 1.2 §5.1.2');
    }
  }
  if (epmin !== undefined && epmax !== undefined && epmin >= epmax) {
    throw new AttributeError('inconsistent', 'epmin', 'epmin < epmax, LwM2M Core 1.2 §5.1.2');
  }
}

/**
 * Checks that attributes may be attached to a path: `gt`, `lt` and `st` belong to a number, `edge` to a Boolean, each at a
 * resource or resource instance that a server may read; the others go anywhere but the root.
 *
 * @param attributes what is to be attached; only the names that are set count
 * @param path where
 * @param spec the facts of the resource, if they are known; without them the type is not checked
 * @throws {AttributeError} `not-applicable`
 * @see LwM2M Core 1.2 §5.1.2, column "Attachment"
 */
export function checkAttributesApply(
  attributes: AttributeChanges,
  path: Path,
  spec: Pick<ResourceSpec, 'type' | 'operations'> | undefined,
): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined) continue;
    if (path.objectId === undefined) throw new AttributeError('not-applicable', name);
    const types = TYPES_OF_CONDITION.get(name);
    if (types === undefined) continue;
    if (path.resourceId === undefined) throw new AttributeError('not-applicable', name);
    if (spec === undefined) continue;
    const readable = spec.operations === 'R' || spec.operations === 'RW';
    if (!(readable && types.includes(spec.type))) throw new AttributeError('not-applicable', name);
  }
}

/**
 * The attributes that count, from weakest to strongest.
 *
 * @see LwM2M Core 1.2 §5.1.1
 */
export interface AttributeLevels {
  /** Default Minimum and Maximum Period of the server's account: `/1/x/2` and `/1/x/3`. */
  readonly serverDefaults?: Pick<NotificationAttributes, 'pmin' | 'pmax'>;
  /** Attached to the object. */
  readonly object?: NotificationAttributes;
  /** Attached to the object instance. */
  readonly objectInstance?: NotificationAttributes;
  /** Attached to the resource. */
  readonly resource?: NotificationAttributes;
  /** Attached to the resource instance. */
  readonly resourceInstance?: NotificationAttributes;
  /** Given with the Observe itself (1.2): they replace all that is attached. */
  readonly observeParameters?: NotificationAttributes;
}

/**
 * The attributes that are in force for an observation: for each name the deepest level counts. Levels below the observed path
 * are not to be given.
 *
 * @returns without a `pmax` that is 0 or less than `pmin`, since it is ignored
 * @see LwM2M Core 1.2 §5.1.1 (precedence), §5.1.2 (pmax), §6.4.1 (parameters of Observe)
 */
export function mergeAttributes(levels: AttributeLevels): NotificationAttributes {
  const { serverDefaults, object, objectInstance, resource, resourceInstance, observeParameters } = levels;
  const { pmax, ...others } =
    observeParameters === undefined
      ? { ...serverDefaults, ...object, ...objectInstance, ...resource, ...resourceInstance }
      : { ...serverDefaults, ...observeParameters };
  if (pmax === undefined || pmax <= 0 || pmax < (others.pmin ?? 0)) return others;
  return { ...others, pmax };
}

const SHOWN_LENGTH_MAX = 32;

const NUMERIC: readonly string[] = ['Integer', 'Unsigned Integer', 'Float'];
const TYPES_OF_CONDITION: ReadonlyMap<string, readonly string[]> = /* @__PURE__ */ new Map([
  ['gt', NUMERIC],
  ['lt', NUMERIC],
  ['st', NUMERIC],
  ['edge', ['Boolean']],
]);
