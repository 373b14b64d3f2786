const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPENING: readonly number[] = [0x5b, 0x7b];
const CLOSING: readonly number[] = [0x5d, 0x7d];

/**
 * Finds where a JSON object or array ends in UTF-8 that comes in pieces, in time linear in it. It looks at brackets and
 * quotes alone: the decoder of the item refuses what is no JSON.
 *
 * @see RFC 8259 §4, §5, §7
 */
export class JsonItemScanner {
  /** How many objects and arrays are open; the caller holds it to its limit. */
  nesting = 0;
  #inString = false;
  #escaped = false;

  /**
   * Goes on with the next bytes.
   *
   * @param bytes hold them
   * @param start index of the first; for a new item that of its opening bracket
   * @returns the index behind the item; −1 if it does not end in these bytes
   */
  scan(bytes: Uint8Array, start: number): number {
    for (let index = start; index < bytes.length; index++) {
      const byte = bytes[index] ?? 0;
      if (this.#inString) this.#inText(byte);
      else if (byte === QUOTE) this.#inString = true;
      else if (OPENING.includes(byte)) this.nesting++;
      else if (CLOSING.includes(byte)) this.nesting--;
      if (this.nesting <= 0 && !this.#inString) {
        this.nesting = 0;
        return index + 1;
      }
    }
    return -1;
  }

  #inText(byte: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (byte === BACKSLASH) this.#escaped = true;
    else if (byte === QUOTE) this.#inString = false;
  }
}
