import { isWithin, type LwM2mNode, type NamedResource, type Path, resourcesById } from '@motestack/model';
import type { DecodeSettings } from '../payload-context.ts';
import { receivedNode } from '../values/received-node.ts';
import { valueFromWire, type WireValue } from '../values/typed-value.ts';
import { NameReader } from './name-reader.ts';
import { PackResolver } from './pack-resolver.ts';
import { ABSOLUTE_TIME_LEAST, type PackMode, type SenmlRecord } from './senml-record.ts';

/** Makes nodes of the records of one pack, one after the other. */
export class NodeMaker {
  readonly #settings: DecodeSettings;
  readonly #mode: PackMode;
  readonly #resolver: PackResolver;
  readonly #names: NameReader;
  /** The object of the last node, and its resources: a pack is about one or few. */
  #objectId: number | undefined;
  #resources: ReadonlyMap<number, NamedResource> | undefined;

  /**
   * @param settings the path that was asked and the definitions; `singleForMultiple` and `linkAsString` count here: Leshan
   *   writes an object link as `vs`, where LwM2M Core 1.1.1 §7.4.4 has `vlo` for it
   * @param mode what the pack is for
   */
  constructor(settings: DecodeSettings, mode: PackMode) {
    this.#settings = settings;
    this.#mode = mode;
    this.#resolver = new PackResolver({ mode, nowSeconds: settings.nowSeconds, names: 'unchecked' });
    this.#names = new NameReader(settings);
  }

  /**
   * Makes a node of the next record.
   *
   * @param record as it was read
   * @param offset where it begins, for errors
   * @returns the node; without a value for a record of a Fetch Pack, and for the `null` of a Patch Pack. `undefined` for a
   *   record that says nothing about a resource's value: base fields or a sum alone
   * @throws {DecodeError} as `PackResolver.resolve`
   * @throws {ContentError} `unexpected-path`, `wrong-type`, `out-of-range`
   */
  node(record: SenmlRecord, offset: number): LwM2mNode | undefined {
    const { name, value, time } = record;
    const absolute = time === undefined || time >= ABSOLUTE_TIME_LEAST;
    const told = name !== undefined && name !== '' && value !== undefined && value !== null;
    if (told && absolute && this.#mode === 'senml') {
      const baseName = this.#resolver.baseNameIfPlain(record);
      if (baseName !== undefined) return this.#valueNode(this.#names.path(baseName, name), value, time);
    }
    const resolved = this.#resolver.resolve(record, offset);
    if (resolved === undefined || (this.#mode === 'senml' && resolved.value === undefined)) return undefined;
    const path = this.#names.path('', resolved.name);
    return this.#received(path, resolved.value ?? undefined, resolved.time);
  }

  #valueNode(path: Path, value: WireValue, time: number | undefined): LwM2mNode {
    const { objectId, resourceId, resourceInstanceId } = path;
    if (objectId !== this.#objectId) {
      const object = objectId === undefined ? undefined : this.#settings.lookup(objectId);
      this.#objectId = objectId;
      this.#resources = object === undefined ? undefined : resourcesById(object);
    }
    const spec = resourceId === undefined ? undefined : this.#resources?.get(resourceId)?.spec;
    const whole = spec !== undefined && (spec.multiple !== true || resourceInstanceId !== undefined);
    // What is not as it is mostly is left to the function for all formats, with its leniencies and errors.
    if (!whole || spec.type === '' || spec.type === 'Objlnk' || !isWithin(path, this.#settings.path)) {
      return this.#received(path, value, time);
    }
    const typed = valueFromWire(spec.type, value, path);
    return time === undefined ? { path, value: typed } : { path, value: typed, time };
  }

  #received(path: Path, value: WireValue | undefined, time: number | undefined): LwM2mNode {
    return receivedNode({ path, value, time, textLinks: this.#settings.leniency.linkAsString }, this.#settings);
  }
}
