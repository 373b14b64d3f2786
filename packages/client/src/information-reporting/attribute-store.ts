import {
  type AttributeChanges,
  type AttributeLevels,
  applyAttributeChanges,
  isWithin,
  mergeAttributes,
  type NotificationAttributes,
  type Path,
  parsePath,
  pathKey,
} from '@motestack/model';

/** Default Minimum and Maximum Period of a server's account, `/1/x/2` and `/1/x/3`. */
export type DefaultPeriods = Pick<NotificationAttributes, 'pmin' | 'pmax'>;

/** The notification attributes that one server has attached. Those of servers are apart (LwM2M Core 1.1.1 §5.1.1). */
export class AttributeStore {
  readonly #attached = new Map<string, NotificationAttributes>();
  readonly #defaults: () => DefaultPeriods;

  /**
   * @param defaults asked each time that attributes are put in force
   */
  constructor(defaults: () => DefaultPeriods) {
    this.#defaults = defaults;
  }

  /** Attached at just this path. */
  at(path: Path): NotificationAttributes {
    return this.#attached.get(pathKey(path)) ?? {};
  }

  /**
   * Changes what is attached at a path.
   *
   * @throws {AttributeError} `inconsistent`, and nothing is changed
   */
  change(path: Path, changes: AttributeChanges): void {
    const attributes = applyAttributeChanges(this.at(path), changes);
    if (Object.keys(attributes).length === 0) this.#attached.delete(pathKey(path));
    else this.#attached.set(pathKey(path), attributes);
  }

  /** Attached at the path or inherited from above it; without the defaults of the account. */
  inForce(path: Path): NotificationAttributes {
    return mergeAttributes(this.#levels(path));
  }

  /**
   * What an observation of the path goes by: attached, inherited, or by default; in its stead what came with the Observe.
   *
   * @see LwM2M Core 1.2 §6.4.1: with parameters in the Observe, none that is attached counts
   */
  effective(path: Path, observeParameters?: NotificationAttributes): NotificationAttributes {
    const levels = { serverDefaults: this.#defaults(), ...this.#levels(path) };
    return mergeAttributes(observeParameters === undefined ? levels : { ...levels, observeParameters });
  }

  /**
   * What one path of an Observe-Composite goes by. Parameters of the request stand for the attached ones of their kind; `gt`
   * and the like still count.
   *
   * @see LwM2M Core 1.2 §6.4.4
   */
  effectiveInComposite(path: Path, observeParameters?: NotificationAttributes): NotificationAttributes {
    if (observeParameters === undefined) return this.effective(path);
    const { gt, lt, st, edge, hqmax } = this.inForce(path);
    const conditions = Object.entries({ gt, lt, st, edge, hqmax }).filter(([, value]) => value !== undefined);
    return mergeAttributes({
      serverDefaults: this.#defaults(),
      observeParameters: { ...Object.fromEntries(conditions), ...observeParameters },
    });
  }

  /** Forgets what is attached at a path and below. */
  forget(path: Path): void {
    for (const key of this.#attached.keys()) if (isWithin(parsePath(key), path)) this.#attached.delete(key);
  }

  #levels(path: Path): AttributeLevels {
    const { objectId, objectInstanceId, resourceId, resourceInstanceId } = path;
    if (objectId === undefined) return {};
    const object = this.at({ objectId });
    if (objectInstanceId === undefined) return { object };
    const objectInstance = this.at({ objectId, objectInstanceId });
    if (resourceId === undefined) return { object, objectInstance };
    const resource = this.at({ objectId, objectInstanceId, resourceId });
    if (resourceInstanceId === undefined) return { object, objectInstance, resource };
    return { object, objectInstance, resource, resourceInstance: this.at(path) };
  }
}
