import {
  type AccessControlInstance,
  type AccessOperation,
  BOOTSTRAP_OWNER,
  isAccessAllowed,
  isAccessControlManaged,
  isWithin,
  OBJECT_LEVEL,
  type ObjectSpec,
  type Path,
  pathLevel,
  resourcesById,
} from '@motestack/model';
import { AccessControl as AccessControl10 } from '@motestack/objects/2/1.0';
import { AccessControl as AccessControl11 } from '@motestack/objects/2/1.1';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { type AccessEntry, accessRightsOf, resolveEntry } from './access-entry.ts';
import { instancePath, isSecurityObject, type ObjectTree, sortedIds, type TreeInstance } from './object-tree.ts';
import { isInstances, type ResourceContent, sortedInstances, type TreeResource } from './tree-resource.ts';

/** Object 2: Access Control. */
const ACCESS_CONTROL = 2;

/** Resources of object 2. */
const Resource = { ObjectId: 0, ObjectInstanceId: 1, Acl: 2, Owner: 3 } as const;

/** What an application says about rights. */
export interface AccessControlOptions {
  /** Rights on objects (`C`, Create, alone) and object instances. */
  readonly entries?: readonly AccessEntry[];
  /** For instances that no entry names. Default: the server whose account stands first owns them, others have no right. */
  readonly defaults?: Omit<AccessEntry, 'path'>;
}

/** What a server may do. */
export interface ServerAccess {
  /** Whether rights allow it; whether the target can do it is another question. */
  isAllowed(operation: AccessOperation, path: Path): boolean;
  /** The server has created an instance: it is its owner. */
  created(path: Path): void;
}

/** What the rights of a client are made of. */
export interface AccessControlInit {
  readonly tree: ObjectTree;
  readonly lwm2mVersion: LwM2mVersion;
  readonly options: AccessControlOptions | undefined;
  /** The Short Server IDs of the client's accounts, in their order. */
  servers(): readonly number[];
}

/**
 * The instances of object 2 and what follows from them. With one server, and nothing said about rights, there are none: that
 * server may do everything.
 *
 * @see LwM2M Core 1.1.1 §8 (Access Control)
 */
export class AccessControl {
  readonly #init: AccessControlInit;
  readonly #spec: ObjectSpec;
  readonly #entries: ReadonlyMap<string, AccessEntry>;
  #isAdopted = false;

  /** @throws {TypeError} for an entry that is none */
  constructor(init: AccessControlInit) {
    this.#init = init;
    this.#spec = init.lwm2mVersion === '1.2' ? AccessControl11.definition : AccessControl10.definition;
    this.#entries = new Map((init.options?.entries ?? []).map((entry) => [resolveEntry(entry)[0], entry]));
  }

  /** Whether object 2 is there. */
  get isInstantiated(): boolean {
    return this.#isAdopted || this.#init.options !== undefined || this.#init.servers().length > 1;
  }

  /** The rights of one server. */
  of(shortServerId: number): ServerAccess {
    return {
      isAllowed: (operation, path) => this.#isAllowed(shortServerId, operation, path),
      created: (path) => this.#addInstance(path, { owner: shortServerId }),
    };
  }

  /**
   * Makes object 2 fit what there is: an instance for each object that an entry names and for each object instance, none
   * for what is gone.
   *
   * @returns whether that changed anything
   */
  update(): boolean {
    if (!this.isInstantiated) return false;
    const { tree } = this.#init;
    let isChanged = false;
    for (const { objectId, objectInstanceId, treeInstance } of this.#all()) {
      const isHere = objectInstanceId === OBJECT_LEVEL || tree.instance({ objectId, objectInstanceId }) !== undefined;
      if (!isHere) isChanged = tree.removeInstance(instancePath(treeInstance)) || isChanged;
    }
    for (const path of this.#protected()) {
      if (this.#about(path) !== undefined) continue;
      this.#addInstance(path, this.#entryFor(path));
      isChanged = true;
    }
    return isChanged;
  }

  /** Adds an instance as a bootstrap server wrote it (Core 1.1.1 §6.1.7.5). */
  adopt(objectInstanceId: number, contents: ReadonlyMap<number, ResourceContent>): void {
    this.#isAdopted = true;
    this.#put(objectInstanceId, contents);
  }

  #isAllowed(shortServerId: number, operation: AccessOperation, path: Path): boolean {
    const serverAccounts = this.#init.servers().length;
    if (serverAccounts <= 1) return true;
    const instances = this.#all();
    if (path.objectId !== ACCESS_CONTROL) {
      return isAccessAllowed({ serverAccounts, instances }, shortServerId, operation, path);
    }
    // Everybody may see the rights, and the owner alone may change them (Core 1.1.1 §8.1.2).
    if (operation === 'create' || operation === 'delete' || operation === 'execute') return false;
    if (operation !== 'write') return true;
    const entry = instances.find(({ treeInstance }) => isWithin(path, instancePath(treeInstance)));
    return entry !== undefined && isAccessControlManaged(entry, shortServerId);
  }

  /** What rights are about: objects that an entry names, and all instances but those of security and of object 2. */
  #protected(): readonly Path[] {
    const objects = [...this.#entries.values()].map(({ path }) => resolveEntry({ path })[2]);
    const { tree } = this.#init;
    const instances = tree
      .objects()
      .flatMap(({ spec, instances: ids }) =>
        isSecurityObject(spec.id) || spec.id === ACCESS_CONTROL
          ? []
          : sortedIds(ids).map((objectInstanceId): Path => ({ objectId: spec.id, objectInstanceId })),
      );
    return [...objects.filter((path) => pathLevel(path) === 'object'), ...instances];
  }

  /** A server owns its own account, and may do what it likes there. */
  #entryFor(path: Path): Omit<AccessEntry, 'path'> {
    const stated = this.#entries.get(keyOf(path));
    if (stated !== undefined) return stated;
    if (pathLevel(path) === 'object') return {};
    const { tree, options } = this.#init;
    const own = path.objectId === 1 ? tree.instance(path)?.resources.get(0) : undefined;
    if (own?.kind === 'kept' && typeof own.content === 'number') return { owner: own.content };
    const { defaults = {} } = options ?? {};
    const [first = BOOTSTRAP_OWNER] = this.#init.servers();
    return { owner: first, ...defaults };
  }

  #addInstance(path: Path, entry: Omit<AccessEntry, 'path'>): void {
    if (!this.isInstantiated || this.#about(path) !== undefined) return;
    const { tree } = this.#init;
    const taken = tree.object(ACCESS_CONTROL)?.instances;
    let objectInstanceId = 0;
    while (taken?.has(objectInstanceId)) objectInstanceId += 1;
    const { objectId = 0 } = path;
    const contents = new Map<number, ResourceContent>([
      [Resource.ObjectId, objectId],
      [Resource.ObjectInstanceId, path.objectInstanceId ?? OBJECT_LEVEL],
      [Resource.Acl, sortedInstances(accessRightsOf(entry))],
      [Resource.Owner, path.objectInstanceId === undefined ? BOOTSTRAP_OWNER : (entry.owner ?? BOOTSTRAP_OWNER)],
    ]);
    this.#put(objectInstanceId, contents);
  }

  #put(objectInstanceId: number, contents: ReadonlyMap<number, ResourceContent>): void {
    const resources = [...resourcesById(this.#spec)].map(([id, { spec }]): [number, TreeResource] => [
      id,
      { kind: 'kept', spec, content: contents.get(id) },
    ]);
    this.#init.tree.addInstance(this.#spec, {
      objectId: ACCESS_CONTROL,
      objectInstanceId,
      resources: new Map(resources),
    });
  }

  #about(path: Path): TreeInstance | undefined {
    const { objectId, objectInstanceId = OBJECT_LEVEL } = path;
    const found = this.#all().find((one) => one.objectId === objectId && one.objectInstanceId === objectInstanceId);
    return found?.treeInstance;
  }

  #all(): readonly (AccessControlInstance & { readonly treeInstance: TreeInstance })[] {
    const { instances = new Map<number, TreeInstance>() } = this.#init.tree.object(ACCESS_CONTROL) ?? {};
    return [...instances.values()].map((treeInstance) => ({ ...accessControlInstance(treeInstance), treeInstance }));
  }
}

function accessControlInstance({ resources }: TreeInstance): AccessControlInstance {
  const content = (id: number): ResourceContent | undefined => {
    const resource = resources.get(id);
    return resource?.kind === 'kept' ? resource.content : undefined;
  };
  const acl = content(Resource.Acl);
  return {
    objectId: Number(content(Resource.ObjectId)),
    objectInstanceId: Number(content(Resource.ObjectInstanceId)),
    ...(isInstances(acl) ? { acl: Object.fromEntries([...acl].map(([id, rights]) => [id, Number(rights)])) } : {}),
    accessControlOwner: Number(content(Resource.Owner)),
  };
}

function keyOf({ objectId, objectInstanceId }: Path): string {
  return objectInstanceId === undefined ? `/${objectId}` : `/${objectId}/${objectInstanceId}`;
}
