/** From here on an out-of-order id is looked for in a set, not in the list. */
const LIST_LENGTH_MAX = 32;

/** The ids met in one container: finds the one that comes twice. Ascending ids, the usual case, cost a comparison. */
export class UniqueIds {
  #largest = -1;
  readonly #list: number[] = [];
  #set: Set<number> | undefined;

  /**
   * @param id the next id
   * @returns whether it is the first of its kind
   */
  add(id: number): boolean {
    if (id > this.#largest) this.#largest = id;
    else if (this.#has(id)) return false;
    this.#list.push(id);
    this.#set?.add(id);
    return true;
  }

  #has(id: number): boolean {
    if (this.#list.length <= LIST_LENGTH_MAX) return this.#list.includes(id);
    this.#set ??= new Set(this.#list);
    return this.#set.has(id);
  }
}
