import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { ATTRIBUTE_NAME, QUOTED_TEXT, TOKEN, URI_REFERENCE } from './grammar.ts';
import type { Link, LinkAttribute } from './link.ts';

/** What a parser forgives, and up to where it reads. */
export interface ParseLinkFormatOptions {
  /**
   * Skip white space behind a comma between links. The grammar knows none, but examples in the LwM2M specifications
   * are printed with it and deployed clients send it. Default: no.
   */
  readonly lenientSpaces?: boolean;
  /** Take a comma behind the last link, with white space behind it if `lenientSpaces` is on. Default: no. */
  readonly lenientTrailingComma?: boolean;
  /**
   * Take a list of numbers without quotes, `ct=60 110 112`, as old versions of Leshan write it; it is given as if it had
   * been in quotes, which it needs. Default: no.
   */
  readonly lenientUnquotedLists?: boolean;
  /** The longest text, in UTF-16 units. Default: {@link TEXT_LENGTH_MAX}. */
  readonly textLengthMax?: number;
  /** The most links. Default: {@link LINK_COUNT_MAX}. */
  readonly linkCountMax?: number;
  /** The most attributes of one link. Default: {@link ATTRIBUTE_COUNT_MAX}. */
  readonly attributeCountMax?: number;
}

/** The longest text that is read unless the caller says otherwise, in UTF-16 units. */
export const TEXT_LENGTH_MAX = 65_536;

/** The most links that are read unless the caller says otherwise. */
export const LINK_COUNT_MAX = 4_096;

/** The most attributes of one link that are read unless the caller says otherwise. */
export const ATTRIBUTE_COUNT_MAX = 32;

/**
 * Reads links.
 *
 * @param text the whole document; the empty one has no links
 * @param options what is forgiven, and up to where is read
 * @returns the links in their order
 * @throws {DecodeError} `bad-syntax`, or `too-long` and `too-many` where a limit is exceeded; `offset` counts UTF-16 units
 * @see RFC 6690 §2
 * @example
 * parseLinkFormat('</3/0>;pmin=10')
 * // [{ target: '/3/0', attributes: [{ name: 'pmin', value: '10', quoted: false }] }]
 */
export function parseLinkFormat(text: string, options: ParseLinkFormatOptions = {}): Link[] {
  const { lenientSpaces = false, lenientTrailingComma = false, lenientUnquotedLists = false } = options;
  const { textLengthMax = TEXT_LENGTH_MAX, linkCountMax = LINK_COUNT_MAX } = options;
  const { attributeCountMax = ATTRIBUTE_COUNT_MAX } = options;
  if (text.length > textLengthMax) throw error('too-long', textLengthMax);
  const links: Link[] = [];
  if (text === '') return links;
  const scanner = new Scanner(text);
  do {
    if (lenientSpaces && links.length > 0) scanner.skip(WHITE_SPACE);
    if (lenientTrailingComma && links.length > 0 && scanner.atEnd) return links;
    if (links.length >= linkCountMax) throw scanner.error('too-many');
    links.push(parseLink(scanner, attributeCountMax, lenientUnquotedLists));
  } while (scanner.accept(','));
  if (!scanner.atEnd) throw scanner.error('bad-syntax');
  return links;
}

const WHITE_SPACE = /[ \t\r\n]*/y;
const TARGET = new RegExp(URI_REFERENCE, 'y');
const NAME = new RegExp(ATTRIBUTE_NAME, 'y');
const UNQUOTED_VALUE = new RegExp(TOKEN, 'y');
/** Numbers, with spaces between them. */
const UNQUOTED_LIST = /[0-9]+(?: +[0-9]+)+/y;
const QUOTED_VALUE = new RegExp(QUOTED_TEXT, 'y');

function parseLink(scanner: Scanner, attributeCountMax: number, unquotedLists: boolean): Link {
  scanner.expect('<');
  const target = scanner.take(TARGET);
  scanner.expect('>');
  const attributes: LinkAttribute[] = [];
  while (scanner.accept(';')) {
    if (attributes.length >= attributeCountMax) throw scanner.error('too-many');
    attributes.push(parseAttribute(scanner, unquotedLists));
  }
  return { target, attributes };
}

function parseAttribute(scanner: Scanner, unquotedLists: boolean): LinkAttribute {
  const name = scanner.take(NAME);
  if (!scanner.accept('=')) return { name, value: undefined, quoted: false };
  const list = unquotedLists ? scanner.find(UNQUOTED_LIST) : undefined;
  if (list !== undefined) return { name, value: list, quoted: true };
  if (!scanner.accept('"')) return { name, value: scanner.take(UNQUOTED_VALUE), quoted: false };
  const value = scanner.take(QUOTED_VALUE).replaceAll(/\\(.)/gs, '$1');
  scanner.expect('"');
  return { name, value, quoted: true };
}

/** A cursor over text. Whatever is expected and not there is `bad-syntax` at that place. */
class Scanner {
  readonly #text: string;
  #offset = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#offset === this.#text.length;
  }

  /** Steps over one character if it is there. */
  accept(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset++;
    return true;
  }

  /** Steps over one character that must be there. */
  expect(character: string): void {
    if (!this.accept(character)) throw this.error('bad-syntax');
  }

  /** Takes what a sticky pattern matches, which may be nothing if the pattern says so. */
  take(pattern: RegExp): string {
    const taken = this.find(pattern);
    if (taken === undefined) throw this.error('bad-syntax');
    return taken;
  }

  /** Takes what a sticky pattern matches, if it does. */
  find(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#offset;
    const found = pattern.exec(this.#text)?.[0];
    this.#offset += found?.length ?? 0;
    return found;
  }

  /** Steps over what a sticky pattern matches. */
  skip(pattern: RegExp): void {
    this.take(pattern);
  }

  error(code: DecodeErrorCode): DecodeError {
    return error(code, this.#offset);
  }
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: 'RFC 6690 §2' });
}
