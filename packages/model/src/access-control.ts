import type { Path } from './path.ts';

/** The bits of an ACL entry (object 2, resource 2); a value is the sum of what it grants. */
export const AccessRight = {
  /** Read, Observe and Write-Attributes. */
  Read: 1,
  /** Write. */
  Write: 2,
  /** Execute. */
  Execute: 4,
  /** Delete. */
  Delete: 8,
  /** Create: counts for an object as a whole alone. */
  Create: 16,
} as const;

/** What a server may ask for. */
export type AccessOperation =
  | 'read'
  | 'observe'
  | 'write'
  | 'write-attributes'
  | 'execute'
  | 'delete'
  | 'create'
  | 'discover';

/** One instance of object 2; the values of `AccessControl` of `@motestack/objects` fit. */
export interface AccessControlInstance {
  /** `/2/x/0`: the object that it is about. */
  readonly objectId: number;
  /** `/2/x/1`: the instance that it is about; {@link OBJECT_LEVEL} for the object as a whole. */
  readonly objectInstanceId: number;
  /** `/2/x/2`: sums of {@link AccessRight} by short server id; 0 is for servers that have no entry. */
  readonly acl?: Readonly<Record<number, number>>;
  /** `/2/x/3`: the short server id of the owner; {@link BOOTSTRAP_OWNER} if only a bootstrap may change it. */
  readonly accessControlOwner: number;
}

/** The instance id of an access control that is about an object as a whole (Create). */
export const OBJECT_LEVEL = 65_535;

/** The owner of an access control that only the bootstrap interface may change. */
export const BOOTSTRAP_OWNER = 65_535;

/** What decides who may do what on a device. */
export interface AccessControlState {
  /** How many server accounts the device has: with a single one access control is off. */
  readonly serverAccounts: number;
  /** The instances of object 2. */
  readonly instances: Iterable<AccessControlInstance>;
}

/**
 * What a server may do on what an access control is about: the sum of its {@link AccessRight}s. An own entry counts before
 * all else; an owner without one has all rights but Create; others have those of entry 0.
 *
 * @param instance `undefined` where there is none: nothing is granted
 * @param shortServerId 1 to 65534
 * @see LwM2M Core 1.2 §8.2.1 (Obtaining Access Right)
 */
export function accessRights(instance: AccessControlInstance | undefined, shortServerId: number): number {
  if (instance === undefined) return 0;
  const { acl = {}, accessControlOwner, objectInstanceId } = instance;
  // Create is granted to servers by name, and to nobody by default (§8.2.1, first paragraph).
  const isForObject = objectInstanceId === OBJECT_LEVEL;
  const { Read, Write, Execute, Delete, Create } = AccessRight;
  const granted = isForObject ? Create : Read | Write | Execute | Delete;
  if (Object.hasOwn(acl, shortServerId)) return (acl[shortServerId] ?? 0) & granted;
  if (isForObject) return 0;
  return accessControlOwner === shortServerId ? granted : (acl[0] ?? 0) & granted;
}

/**
 * Whether a server may do something, as far as access control goes. What is not allowed is answered with 4.01; whether the
 * resource supports the operation is another question, and comes second (4.05).
 *
 * At an object as a whole, a Read or Observe is allowed if one of the instances may be read, and gives those alone: ask again
 * for each. A Write-Composite needs the right on every path.
 *
 * @param state the device's server accounts and instances of object 2
 * @param shortServerId who asks
 * @param operation what for
 * @param path where; resources have the rights of their object instance
 * @see LwM2M Core 1.2 §8.2 (Authorization)
 */
export function isAccessAllowed(
  state: AccessControlState,
  shortServerId: number,
  operation: AccessOperation,
  path: Path,
): boolean {
  if (state.serverAccounts === 1 || operation === 'discover') return true;
  const about = [...state.instances].filter(({ objectId }) => objectId === path.objectId);
  const atInstance = (id: number): AccessControlInstance | undefined =>
    about.find(({ objectInstanceId }) => objectInstanceId === id);
  const right = RIGHT_FOR[operation];
  if (operation === 'create') return (accessRights(atInstance(OBJECT_LEVEL), shortServerId) & right) !== 0;
  if (path.objectInstanceId !== undefined)
    return (accessRights(atInstance(path.objectInstanceId), shortServerId) & right) !== 0;
  // §8.2.4: Write-Attributes on an object is performed; Write, Execute and Delete are not for objects.
  if (operation === 'write-attributes') return path.objectId !== undefined;
  return right === AccessRight.Read && about.some((instance) => (accessRights(instance, shortServerId) & right) !== 0);
}

/**
 * Whether a server may change an instance of object 2 itself: its owner may.
 *
 * @see LwM2M Core 1.2 §8.1.2 (Access Control Object Management)
 */
export function isAccessControlManaged(instance: AccessControlInstance, shortServerId: number): boolean {
  return instance.accessControlOwner === shortServerId && shortServerId !== BOOTSTRAP_OWNER;
}

/** LwM2M Core 1.2 §8.2, table "Minimum Access Right". */
const RIGHT_FOR: Readonly<Record<Exclude<AccessOperation, 'discover'>, number>> = {
  read: AccessRight.Read,
  observe: AccessRight.Read,
  'write-attributes': AccessRight.Read,
  write: AccessRight.Write,
  execute: AccessRight.Execute,
  delete: AccessRight.Delete,
  create: AccessRight.Create,
};
