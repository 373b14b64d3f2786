import type { BootstrapNode } from '@motestack/codecs';
import type { LwM2mNode, Path } from '@motestack/model';
import type { ResourceContent } from '../device-management/tree-resource.ts';
import { type ResolvedAccount, resolveAccount, type ServerAccount } from '../server-account.ts';
import { securityAccountOf, securityContents, serverAccountOf } from './account-values.ts';
import type { ResolvedBootstrapAccount } from './bootstrap-account.ts';

/** A server that the client had before. */
export interface HeldAccount {
  /** The account. */
  readonly account: ResolvedAccount;
  /** Its instance of object 1. */
  readonly objectInstanceId: number;
  /** What that instance holds now. */
  readonly contents: ReadonlyMap<number, ResourceContent>;
}

/** A server that the client shall have. */
interface DraftedAccount {
  readonly account: ServerAccount & { readonly shortServerId: number };
  readonly objectInstanceId: number;
  /** Whether it is as it was before. */
  readonly isHeld: boolean;
}

/** What a bootstrap made of the accounts. */
export interface DraftedAccounts {
  readonly servers: readonly DraftedAccount[];
  /** The bootstrap server's own account where it was written; `undefined`: it is as it was. */
  readonly bootstrap: { readonly uri: string; readonly contents: ReadonlyMap<number, ResourceContent> } | undefined;
}

/** The configuration is one that no client could use: the answer to Bootstrap-Finish is 4.06 (LwM2M Core 1.1.1 §6.1.6). */
export class InconsistentAccountsError extends Error {
  override readonly name = 'InconsistentAccountsError';
}

interface DraftInstance {
  readonly contents: Map<number, ResourceContent>;
  /** What it was made of, as long as nothing was written into it. */
  held: ResolvedAccount | undefined;
}

const SHORT_SERVER_ID_MAX = 65_534;
const Resource = { IsBootstrap: 1, SecurityShortServerId: 10, ServerShortServerId: 0 } as const;

/**
 * Objects 0 and 1 while a bootstrap server works on them: a copy, so that what is broken off has changed nothing.
 *
 * @see LwM2M Core 1.1.1 §6.1.7
 */
export class AccountDraft {
  readonly #bootstrapInstance: number;
  readonly #security = new Map<number, DraftInstance>();
  readonly #servers = new Map<number, DraftInstance>();
  #isBootstrapWritten = false;

  /**
   * @param bootstrap the account of the bootstrap server, which no delete takes away
   * @param held the servers that the client has
   */
  constructor(bootstrap: ResolvedBootstrapAccount, held: readonly HeldAccount[]) {
    const { objectInstanceId, uri, security } = bootstrap;
    this.#bootstrapInstance = objectInstanceId;
    this.#security.set(objectInstanceId, { contents: securityContents(uri, true, security), held: undefined });
    let id = 0;
    for (const { account, objectInstanceId: serverInstance, contents } of held) {
      while (this.#security.has(id)) id += 1;
      const own = securityContents(account.uri, false, account.security, account.shortServerId);
      this.#security.set(id, { contents: own, held: account });
      this.#servers.set(serverInstance, { contents: new Map(contents), held: account });
    }
  }

  /** The instances of object 0 and 1 for a Bootstrap-Discover. @param objectId 0, 1, or both */
  nodes(objectId?: number): readonly BootstrapNode[] {
    const objects = [
      [0, this.#security],
      [1, this.#servers],
    ] as const;
    return objects
      .filter(([id]) => objectId === undefined || objectId === id)
      .flatMap(([id, instances]) =>
        [...instances].sort(([a], [b]) => a - b).map(([instance, { contents }]) => discovered(id, instance, contents)),
      );
  }

  /** What object 1, or one instance of it, holds; `undefined`: that instance is not there. */
  serverNodes(objectInstanceId?: number): readonly LwM2mNode[] | undefined {
    if (objectInstanceId !== undefined && !this.#servers.has(objectInstanceId)) return undefined;
    return [...this.#servers]
      .filter(([id]) => objectInstanceId === undefined || id === objectInstanceId)
      .flatMap(([id, { contents }]) => nodesOf({ objectId: 1, objectInstanceId: id }, contents));
  }

  /** Writes a whole instance, or some of its resources. @param replaces whether what is not named goes */
  write(path: Path, written: ReadonlyMap<number, ResourceContent>, replaces: boolean): void {
    const { objectId, objectInstanceId = 0 } = path;
    const instances = objectId === 0 ? this.#security : this.#servers;
    const present = replaces ? undefined : instances.get(objectInstanceId);
    const contents = new Map([...(present?.contents ?? []), ...written]);
    instances.set(objectInstanceId, { contents, held: undefined });
    if (objectId === 0 && objectInstanceId === this.#bootstrapInstance) this.#isBootstrapWritten = true;
  }

  /** Deletes an instance, or all of the object; the account of the bootstrap server stays. @returns whether that was all */
  delete(objectId: 0 | 1, objectInstanceId?: number): boolean {
    const instances = objectId === 0 ? this.#security : this.#servers;
    const isOwn = (id: number): boolean =>
      objectId === 0 && instances.get(id)?.contents.get(Resource.IsBootstrap) === true;
    if (objectInstanceId !== undefined && isOwn(objectInstanceId)) return false;
    for (const id of objectInstanceId === undefined ? [...instances.keys()] : [objectInstanceId])
      if (!isOwn(id)) instances.delete(id);
    return true;
  }

  /**
   * What the accounts are now.
   *
   * @throws {InconsistentAccountsError} for an instance without its counterpart, two with one Short Server ID, no server at all, two
   *   accounts of bootstrap servers, or values that are none
   * @see LwM2M Core 1.1.1 §6.1.6
   */
  accounts(): DraftedAccounts {
    const pairs = this.#pairs();
    const servers = pairs.map(({ security, server, objectInstanceId }): DraftedAccount => {
      const { held } = security;
      const isHeld = held !== undefined && held === server.held;
      const shortServerId = Number(server.contents.get(Resource.ServerShortServerId));
      if (isHeld) return { account: held, objectInstanceId, isHeld };
      const known = held === undefined ? asInconsistent(() => securityAccountOf(security.contents)) : held;
      const { uri, security: credentials } = known;
      const own = { uri, shortServerId, ...(credentials === undefined ? {} : { security: credentials }) };
      const account = { ...serverAccountOf(own, server.contents), shortServerId };
      asInconsistent(() => resolveAccount(account));
      return { account, objectInstanceId, isHeld };
    });
    return { servers, bootstrap: this.#bootstrap() };
  }

  #pairs(): readonly { security: DraftInstance; server: DraftInstance; objectInstanceId: number }[] {
    const own = [...this.#security.values()].filter(({ contents }) => contents.get(Resource.IsBootstrap) === true);
    if (own.length > 1) throw new InconsistentAccountsError('there are two accounts of bootstrap servers');
    const bySsid = new Map<number, DraftInstance>();
    for (const instance of this.#security.values()) {
      if (instance.contents.get(Resource.IsBootstrap) === true) continue;
      const id = shortServerIdOf(instance, Resource.SecurityShortServerId);
      if (bySsid.has(id))
        throw new InconsistentAccountsError(`two instances of object 0 have the short server id ${id}`);
      bySsid.set(id, instance);
    }
    const pairs = [...this.#servers]
      .sort(([a], [b]) => a - b)
      .map(([objectInstanceId, server]) => {
        const id = shortServerIdOf(server, Resource.ServerShortServerId);
        const security = bySsid.get(id);
        if (security === undefined)
          throw new InconsistentAccountsError(`object 0 has nothing for the short server id ${id}`);
        bySsid.delete(id);
        return { security, server, objectInstanceId };
      });
    const [alone] = bySsid.keys();
    if (alone !== undefined)
      throw new InconsistentAccountsError(`object 1 has nothing for the short server id ${alone}`);
    if (pairs.length === 0) throw new InconsistentAccountsError('there is no server');
    return pairs;
  }

  #bootstrap(): DraftedAccounts['bootstrap'] {
    const contents = this.#security.get(this.#bootstrapInstance)?.contents;
    if (!this.#isBootstrapWritten || contents === undefined) return undefined;
    const { uri } = asInconsistent(() => securityAccountOf(contents));
    return { uri, contents };
  }
}

/** The account of the bootstrap server shows neither its short server id, since it has none, nor its URI. */
function discovered(
  objectId: 0 | 1,
  objectInstanceId: number,
  contents: ReadonlyMap<number, ResourceContent>,
): BootstrapNode {
  const path = { objectId, objectInstanceId };
  if (objectId === 0 && contents.get(Resource.IsBootstrap) === true) return { path };
  const id = contents.get(objectId === 0 ? Resource.SecurityShortServerId : Resource.ServerShortServerId);
  const uri = objectId === 0 ? contents.get(0) : undefined;
  return {
    path,
    ...(typeof id === 'number' ? { shortServerId: id } : {}),
    ...(typeof uri === 'string' ? { uri } : {}),
  };
}

/** The nodes of an instance. */
export function nodesOf(instance: Path, contents: ReadonlyMap<number, ResourceContent>): readonly LwM2mNode[] {
  return [...contents].flatMap(([resourceId, content]): readonly LwM2mNode[] => {
    const path = { ...instance, resourceId };
    if (!(content instanceof Map))
      return [{ path, value: content as Exclude<ResourceContent, ReadonlyMap<number, unknown>> }];
    return [...content].map(([resourceInstanceId, value]) => ({ path: { ...path, resourceInstanceId }, value }));
  });
}

function shortServerIdOf({ contents }: DraftInstance, resourceId: number): number {
  const id = contents.get(resourceId);
  if (typeof id === 'number' && Number.isInteger(id) && id >= 1 && id <= SHORT_SERVER_ID_MAX) return id;
  throw new InconsistentAccountsError('an instance of object 0 or 1 has no short server id');
}

function asInconsistent<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw new InconsistentAccountsError(cause instanceof Error ? cause.message : 'a value is none', { cause });
  }
}
