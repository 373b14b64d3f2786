import type { ObjectInventory } from '@motestack/codecs';
import type { Awaitable } from '../awaitable.ts';

/**
 * Knows the object lists that Profile IDs stand for.
 *
 * @see LwM2M Core 1.2 §6.2.1: a device that names a profile may leave its object list out
 */
export interface ProfileStore {
  /** The object list of a profile. */
  find(profileId: string): Awaitable<ObjectInventory | undefined>;
  /** Told of a device that registered with one profile and with an object list. */
  learn?(profileId: string, inventory: ObjectInventory): Awaitable<void>;
}

/** How an {@link InMemoryProfileStore} begins. */
export interface InMemoryProfileStoreOptions {
  /** Profiles that are known from the beginning. */
  readonly profiles?: Iterable<readonly [string, ObjectInventory]> | undefined;
  /**
   * Profiles that are learned from registrations, at most; the first registration of a profile counts. Whoever may register
   * decides then what a profile says to others: let only devices in that you trust. Default 0: none is learned.
   */
  readonly learnedMax?: number | undefined;
}

/** Profiles in this process's memory. */
export class InMemoryProfileStore implements ProfileStore {
  readonly #profiles: Map<string, ObjectInventory>;
  #learnable: number;

  /** @throws {RangeError} `learnedMax` is no integer of 0 or more */
  constructor(options: InMemoryProfileStoreOptions = {}) {
    const { profiles = [], learnedMax = 0 } = options;
    if (!Number.isSafeInteger(learnedMax) || learnedMax < 0) throw new RangeError('learnedMax is 0 or more');
    this.#profiles = new Map(profiles);
    this.#learnable = learnedMax;
  }

  /** How many profiles are known. */
  get size(): number {
    return this.#profiles.size;
  }

  find(profileId: string): ObjectInventory | undefined {
    return this.#profiles.get(profileId);
  }

  learn(profileId: string, inventory: ObjectInventory): void {
    if (this.#learnable <= 0 || this.#profiles.has(profileId)) return;
    this.#learnable -= 1;
    this.#profiles.set(profileId, inventory);
  }
}

/**
 * The object list of several profiles together: every object and instance that one of them lists.
 *
 * @returns `undefined` where one of them is not known
 */
export async function inventoryOfProfiles(
  profileIds: readonly string[],
  store: ProfileStore,
): Promise<ObjectInventory | undefined> {
  let union: ObjectInventory | undefined;
  for (const id of profileIds) {
    const found = await store.find(id);
    if (found === undefined) return undefined;
    union = union === undefined ? found : unionOf(union, found);
  }
  return union;
}

function unionOf(left: ObjectInventory, right: ObjectInventory): ObjectInventory {
  const objects = new Map(left.objects.map((object) => [object.objectId, object]));
  for (const added of right.objects) {
    const known = objects.get(added.objectId);
    const instances = [...new Set([...(known?.instances ?? []), ...added.instances])].sort((a, b) => a - b);
    objects.set(added.objectId, { ...added, version: known?.version ?? added.version, instances });
  }
  const contentFormats = [...new Set([...left.contentFormats, ...right.contentFormats])];
  return {
    rootPath: left.rootPath,
    contentFormats,
    objects: [...objects.values()].sort((a, b) => a.objectId - b.objectId),
  };
}
