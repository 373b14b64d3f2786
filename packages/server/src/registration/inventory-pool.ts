import type { ObjectInventory } from '@motestack/codecs';

/** Object lists that are remembered. */
const INVENTORIES_MAX = 512;
/** Longer lists are not remembered, bytes. */
const PAYLOAD_BYTES_MAX = 2_048;

/**
 * Object lists by the bytes that they came in. Devices of one kind list the same objects: they share one list in memory, and
 * it is read once. Lists of more kinds than `INVENTORIES_MAX` are not shared, and nothing else changes.
 */
export class InventoryPool {
  /** By a number made of the bytes; of two with one number the newer is remembered. */
  readonly #known = new Map<number, { readonly payload: Uint8Array; readonly inventory: ObjectInventory }>();

  /** How many are remembered. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * Gives the list that these bytes made before, or else makes it.
   *
   * @param decode makes it; what it throws passes through, and nothing is remembered
   */
  read(payload: Uint8Array, decode: (payload: Uint8Array) => ObjectInventory): ObjectInventory {
    if (payload.length > PAYLOAD_BYTES_MAX) return compact(decode(payload));
    const number = numberOf(payload);
    const known = this.#known.get(number);
    if (known !== undefined && isSame(known.payload, payload)) return known.inventory;
    const inventory = compact(decode(payload));
    if (known === undefined && this.#known.size >= INVENTORIES_MAX) this.#forgetOldest();
    this.#known.set(number, { payload: payload.slice(), inventory });
    return inventory;
  }

  #forgetOldest(): void {
    for (const number of this.#known.keys()) {
      this.#known.delete(number);
      return;
    }
  }
}

/** The 32 bits of FNV-1a: spread well, and no secret. Who finds two lists with one number keeps one of them from being shared. */
function numberOf(bytes: Uint8Array): number {
  let number = 0x811c9dc5;
  for (const byte of bytes) number = Math.imul(number ^ byte, 0x01000193);
  return number;
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false;
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return true;
}

/** The same list, with what many lists have in common shared: that an object has one instance, with a small id. */
function compact({ rootPath, contentFormats, objects }: ObjectInventory): ObjectInventory {
  return {
    rootPath,
    contentFormats: contentFormats.slice(),
    objects: objects.map(({ objectId, version, instances }) => {
      const [only] = instances;
      const shared = instances.length === 1 && only !== undefined ? SINGLE_INSTANCES[only] : undefined;
      return { objectId, version, instances: shared ?? instances };
    }),
  };
}

const SINGLE_INSTANCES: readonly (readonly number[])[] = Array.from({ length: 16 }, (_, id) => [id]);
