import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { normalizeInteger } from '../values/integers.ts';

const SECTION = 'RFC 8259';
/** Integers with more digits than this are beyond 64 bits anyway: they are read as doubles. */
const INTEGER_DIGITS_MAX = 40;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const CONTROL_CHARACTERS = 0x20;
const SPACE = /[ \t\n\r]*/y;

/** What JSON text holds, integers exact. Objects have no prototype. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [name: string]: JsonValue };

/**
 * Reads JSON text as `JSON.parse` does, but integers beyond ±(2^53 − 1) as `bigint`, and with the place of an error.
 *
 * Of two members with one name the later counts, as in `JSON.parse`.
 *
 * @param text one JSON value
 * @param nestingMax arrays and objects within each other
 * @returns the value
 * @throws {DecodeError} `bad-syntax`, `truncated`, `trailing-bytes`, `too-deep`, with the index of the UTF-16 unit at fault
 * @see RFC 8259 §2 to §7
 */
export function parseJsonExactly(text: string, nestingMax: number): JsonValue {
  const reader = new JsonReader(text, nestingMax);
  const value = reader.value(0);
  reader.finish();
  return value;
}

class JsonReader {
  readonly #text: string;
  readonly #nestingMax: number;
  #offset = 0;

  constructor(text: string, nestingMax: number) {
    this.#text = text;
    this.#nestingMax = nestingMax;
  }

  value(nesting: number): JsonValue {
    this.#skip(SPACE);
    switch (this.#text.charAt(this.#offset)) {
      case '{':
        return this.#object(nesting);
      case '[':
        return this.#array(nesting);
      case '"':
        return this.#string();
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      case 'n':
        return this.#word('null', null);
      default:
        return this.#number();
    }
  }

  finish(): void {
    this.#skip(SPACE);
    if (this.#offset < this.#text.length) throw this.#error('trailing-bytes');
  }

  #object(nesting: number): JsonValue {
    this.#enter(nesting);
    const members: { [name: string]: JsonValue } = Object.create(null);
    if (this.#take('}')) return members;
    do {
      this.#skip(SPACE);
      const name = this.#string();
      if (!this.#take(':')) throw this.#error('bad-syntax');
      members[name] = this.value(nesting + 1);
    } while (this.#take(','));
    if (!this.#take('}')) throw this.#error('bad-syntax');
    return members;
  }

  #array(nesting: number): JsonValue[] {
    this.#enter(nesting);
    const items: JsonValue[] = [];
    if (this.#take(']')) return items;
    do items.push(this.value(nesting + 1));
    while (this.#take(','));
    if (!this.#take(']')) throw this.#error('bad-syntax');
    return items;
  }

  #enter(nesting: number): void {
    if (nesting >= this.#nestingMax) throw this.#error('too-deep');
    this.#offset++;
  }

  /** The platform's own parser undoes the escapes of one string at a time. */
  #string(): string {
    const start = this.#offset;
    if (this.#text[start] !== '"') throw this.#error('bad-syntax');
    this.#offset++;
    for (;;) {
      this.#skipPlain();
      const end = this.#text[this.#offset];
      this.#offset += end === '"' ? 1 : 2;
      if (end === '"') break;
    }
    try {
      return JSON.parse(this.#text.slice(start, this.#offset)) as string;
    } catch (cause) {
      throw new DecodeError('bad-syntax', { offset: start, section: SECTION, cause });
    }
  }

  /** Steps to the next quote or backslash; control characters stand in no string (RFC 8259 §7). */
  #skipPlain(): void {
    for (; ; this.#offset++) {
      const unit = this.#text.charCodeAt(this.#offset); // NaN at the end
      if (unit === QUOTE || unit === BACKSLASH) return;
      if (!(unit >= CONTROL_CHARACTERS)) throw this.#error('bad-syntax');
    }
  }

  #number(): number | bigint {
    NUMBER.lastIndex = this.#offset;
    const match = NUMBER.exec(this.#text);
    if (match === null) throw this.#error('bad-syntax');
    const [literal, fraction, exponent] = match;
    this.#offset += literal.length;
    const integer = fraction === undefined && exponent === undefined && literal.length <= INTEGER_DIGITS_MAX;
    const value = Number(literal);
    return integer && !Number.isSafeInteger(value) ? normalizeInteger(BigInt(literal)) : value;
  }

  #word<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#offset)) throw this.#error('bad-syntax');
    this.#offset += word.length;
    return value;
  }

  #take(character: string): boolean {
    this.#skip(SPACE);
    if (this.#text[this.#offset] !== character) return false;
    this.#offset++;
    return true;
  }

  #skip(pattern: RegExp): void {
    pattern.lastIndex = this.#offset;
    this.#offset += pattern.exec(this.#text)?.[0].length ?? 0;
  }

  #error(code: DecodeErrorCode): DecodeError {
    const atEnd = code === 'bad-syntax' && this.#offset >= this.#text.length;
    return new DecodeError(atEnd ? 'truncated' : code, { offset: this.#offset, section: SECTION });
  }
}
