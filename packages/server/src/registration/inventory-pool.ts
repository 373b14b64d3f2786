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
  readonly #byText = new Map<string, ObjectInventory>();

  /** How many are remembered. */
  get size(): number {
    return this.#byText.size;
  }

  /**
   * Gives the list that these bytes made before, or else makes it.
   *
   * @param decode makes it; what it throws passes through, and nothing is remembered
   */
  read(payload: Uint8Array, decode: (payload: Uint8Array) => ObjectInventory): ObjectInventory {
    if (payload.length > PAYLOAD_BYTES_MAX) return compact(decode(payload));
    // One character for each byte: a key, not a text.
    const key = String.fromCharCode(...payload);
    const known = this.#byText.get(key);
    if (known !== undefined) return known;
    const made = compact(decode(payload));
    if (this.#byText.size >= INVENTORIES_MAX) this.#forgetOldest();
    this.#byText.set(key, made);
    return made;
  }

  #forgetOldest(): void {
    for (const key of this.#byText.keys()) {
      this.#byText.delete(key);
      return;
    }
  }
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
