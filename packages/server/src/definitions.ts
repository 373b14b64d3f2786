import type { ObjectInventory } from '@motestack/codecs';
import { impliedObjectVersion, type ObjectLookup, type ObjectSpec } from '@motestack/model';
import {
  AccessControl,
  ConnectivityMonitoring,
  ConnectivityStatistics,
  Device,
  FirmwareUpdate,
  Location,
  Security,
  Server,
  Temperature,
} from '@motestack/objects';
import type { Registration } from './registration/registration.ts';

/** An object definition, or its facts alone. */
export type Definition = { readonly definition: ObjectSpec } | ObjectSpec;

/** All definitions that a server knows, in all their versions: objects 0 to 7 and 3303, and those that the user adds. */
export class Definitions {
  readonly #specs = new Map<number, Map<string, ObjectSpec>>();
  /** @param added beyond the built-in ones; the same object and version replaces a built-in one */
  constructor(added: Iterable<Definition> = []) {
    for (const definition of builtIn) this.#add(definition);
    for (const definition of added) this.#add(definition);
  }

  /**
   * The definitions that count for one device: of each object the version that the device registered, or else the newest of the
   * same major version, since minor versions only add.
   *
   * @see LwM2M Core §7.2.2, §7.2.3 (object versions)
   */
  lookupFor({ lwm2mVersion, inventory }: Pick<Registration, 'lwm2mVersion' | 'inventory'>): ObjectLookup {
    return (objectId) => this.#find(objectId, lwm2mVersion, inventory);
  }

  #find(
    objectId: number,
    lwm2mVersion: Registration['lwm2mVersion'],
    inventory: ObjectInventory,
  ): ObjectSpec | undefined {
    const versions = this.#specs.get(objectId);
    if (versions === undefined) return undefined;
    const listed = inventory.objects.find((object) => object.objectId === objectId)?.version;
    const version = listed ?? impliedObjectVersion(lwm2mVersion, objectId);
    return versions.get(version) ?? newestOfMajor(versions, version);
  }

  #add(definition: Definition): void {
    const spec = 'definition' in definition ? definition.definition : definition;
    const versions = this.#specs.get(spec.id) ?? new Map<string, ObjectSpec>();
    this.#specs.set(spec.id, versions.set(spec.version ?? '1.0', spec));
  }
}

const builtIn: readonly Definition[] = [
  Security,
  Server,
  AccessControl,
  Device,
  ConnectivityMonitoring,
  FirmwareUpdate,
  Location,
  ConnectivityStatistics,
  Temperature,
];

function newestOfMajor(versions: ReadonlyMap<string, ObjectSpec>, version: string): ObjectSpec | undefined {
  const [major] = version.split('.');
  let newest: { minor: number; spec: ObjectSpec } | undefined;
  for (const [candidate, spec] of versions) {
    const [ownMajor, ownMinor] = candidate.split('.');
    const minor = Number(ownMinor);
    if (ownMajor === major && (newest === undefined || minor > newest.minor)) newest = { minor, spec };
  }
  return newest?.spec;
}
