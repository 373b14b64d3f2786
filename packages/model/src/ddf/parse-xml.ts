import { BYTE_ORDER_MARK, DdfError, type DdfErrorCode } from './ddf-error.ts';
import type { DdfLimits } from './ddf-limits.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * Reads an XML document: elements, attributes, text, CDATA, comments and processing instructions. There are no document types,
 * and so no entities but the predefined ones: nothing is fetched and nothing expands.
 *
 * One pass from the beginning to the end; what was read once is not looked at again.
 *
 * @returns the root element
 * @throws {DdfError}
 * @see XML 1.0, fifth edition
 */
export function parseXml(text: string, limits: DdfLimits): XmlElement {
  return new XmlReader(text, limits).document();
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

const NAME_START =
  ':A-Z_a-z\\u00C0-\\u00D6\\u00D8-\\u00F6\\u00F8-\\u02FF\\u0370-\\u037D\\u037F-\\u1FFF\\u200C\\u200D\\u2070-\\u218F\\u2C00-\\u2FEF\\u3001-\\uD7FF\\uF900-\\uFDCF\\uFDF0-\\uFFFD';
const NAME = /* @__PURE__ */ new RegExp(
  `[${NAME_START}][${NAME_START}\\-.0-9\\u00B7\\u0300-\\u036F\\u203F\\u2040]*`,
  'y',
);
const SPACE = /[ \t\r\n]*/y;
/** XML 1.0 §2.2, production 2. */
const NO_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
/** XML 1.0 §2.8, productions 23 to 26 and 32, §4.3.3. */
const DECLARATION =
  /<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.\d+"|'1\.\d+')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*(?:"[\w.-]+"|'[\w.-]+'))?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\r\n]*\?>/y;
const PREDEFINED: ReadonlyMap<string, string> = /* @__PURE__ */ new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['apos', "'"],
  ['quot', '"'],
]);

class XmlReader {
  readonly #text: string;
  readonly #limits: DdfLimits;
  readonly #open: OpenElement[] = [];
  #root: XmlElement | undefined;
  #elements = 0;
  #at = 0;

  constructor(text: string, limits: DdfLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  document(): XmlElement {
    const { charactersMax } = this.#limits;
    if (this.#text.length > charactersMax)
      throw this.#error('too-long', charactersMax, `more than ${charactersMax} characters`);
    if (this.#text.startsWith(BYTE_ORDER_MARK)) this.#at = 1;
    const stranger = NO_CHARACTER.exec(this.#text.slice(this.#at));
    if (stranger !== null)
      throw this.#error('bad-character', this.#at + stranger.index, 'a character that XML does not allow');
    if (/^<\?xml[ \t\r\n]/.test(this.#text.slice(this.#at, this.#at + 6)))
      this.#match(DECLARATION, 'an XML declaration');
    for (;;) {
      const element = this.#open.at(-1);
      if (element === undefined) this.#match(SPACE, 'white space');
      else this.#characters(element);
      if (this.#at === this.#text.length) break;
      this.#markup(element);
    }
    const unclosed = this.#open.at(-1);
    if (unclosed !== undefined) throw this.#error('truncated', this.#at, `${shown(unclosed.name)} is not closed`);
    if (this.#root === undefined) throw this.#error('truncated', this.#at, 'there is no element');
    return this.#root;
  }

  #error(code: DdfErrorCode, offset: number, reason: string): DdfError {
    return new DdfError(code, this.#text, offset, reason);
  }

  /** Takes what a sticky pattern matches here. */
  #match(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.#at;
    const [matched] = pattern.exec(this.#text) ?? [];
    if (matched === undefined) {
      const isAtEnd = this.#at === this.#text.length;
      throw this.#error(isAtEnd ? 'truncated' : 'bad-syntax', this.#at, `${expected} is expected`);
    }
    this.#at += matched.length;
    return matched;
  }

  /** Takes `token` if it stands here. */
  #take(token: string): boolean {
    if (!this.#text.startsWith(token, this.#at)) return false;
    this.#at += token.length;
    return true;
  }

  #expect(token: string): void {
    if (this.#take(token)) return;
    const isAtEnd = this.#at === this.#text.length;
    throw this.#error(isAtEnd ? 'truncated' : 'bad-syntax', this.#at, `${token} is expected`);
  }

  /** Takes everything before `end`, and `end`. */
  #takeUntil(end: string, what: string): string {
    const found = this.#text.indexOf(end, this.#at);
    if (found === -1) throw this.#error('truncated', this.#text.length, `${what} has no end`);
    const taken = this.#text.slice(this.#at, found);
    this.#at = found + end.length;
    return taken;
  }

  #characters(element: OpenElement): void {
    const start = this.#at;
    const found = this.#text.indexOf('<', start);
    const raw = this.#text.slice(start, found === -1 ? undefined : found);
    const wrong = raw.indexOf(']]>');
    if (wrong !== -1) throw this.#error('bad-syntax', start + wrong, ']]> ends no CDATA section');
    element.text += this.#resolved(raw, start, '\n');
    this.#at = start + raw.length;
  }

  /** One piece of markup, `<` first. */
  #markup(element: OpenElement | undefined): void {
    const start = this.#at;
    this.#expect('<');
    if (this.#take('!--')) this.#comment();
    else if (element !== undefined && this.#take('![CDATA['))
      element.text += this.#takeUntil(']]>', 'a CDATA section').replaceAll(/\r\n?/g, '\n');
    else if (this.#take('!DOCTYPE')) throw this.#error('doctype', start, 'a document type is not taken');
    else if (this.#take('?')) this.#instruction();
    else if (this.#take('/')) this.#endTag(element);
    else this.#startTag(element, start);
  }

  /** XML 1.0 §2.5: no `--` within a comment. */
  #comment(): void {
    this.#takeUntil('--', 'a comment');
    this.#expect('>');
  }

  /** XML 1.0 §2.6: no target is called `xml`. */
  #instruction(): void {
    const start = this.#at;
    const target = this.#match(NAME, 'the target of a processing instruction');
    if (target.toLowerCase() === 'xml')
      throw this.#error('bad-syntax', start, 'an XML declaration stands at the beginning');
    this.#takeUntil('?>', 'a processing instruction');
  }

  #endTag(element: OpenElement | undefined): void {
    const start = this.#at;
    const name = this.#match(NAME, 'a name');
    if (element?.name !== name) {
      const open = element === undefined ? 'nothing is open' : `${shown(element.name)} is open`;
      throw this.#error('bad-syntax', start, `${shown(name)} is closed where ${open}`);
    }
    this.#match(SPACE, 'white space');
    this.#expect('>');
    this.#open.pop();
  }

  #startTag(parent: OpenElement | undefined, start: number): void {
    const { depthMax, elementsMax } = this.#limits;
    const name = this.#match(NAME, 'a name');
    if (parent === undefined && this.#root !== undefined)
      throw this.#error('bad-syntax', start, 'a document has one root element');
    if (this.#open.length >= depthMax)
      throw this.#error('too-deep', start, `more than ${depthMax} elements within each other`);
    this.#elements += 1;
    if (this.#elements > elementsMax) throw this.#error('too-many', start, `more than ${elementsMax} elements`);
    const element: OpenElement = { name, attributes: this.#attributes(), children: [], text: '', offset: start };
    if (parent === undefined) this.#root = element;
    else parent.children.push(element);
    if (this.#take('/>')) return;
    this.#expect('>');
    this.#open.push(element);
  }

  #attributes(): Map<string, string> {
    const { attributesMax } = this.#limits;
    const attributes = new Map<string, string>();
    for (;;) {
      const space = this.#match(SPACE, 'white space');
      const start = this.#at;
      if (/^[/>]?$/.test(this.#text.charAt(start))) return attributes;
      if (space === '') throw this.#error('bad-syntax', start, 'white space is expected');
      const name = this.#match(NAME, 'a name');
      if (attributes.has(name)) throw this.#error('duplicate', start, `${shown(name)} stands twice`);
      if (attributes.size === attributesMax)
        throw this.#error('too-many', start, `more than ${attributesMax} attributes`);
      this.#match(SPACE, 'white space');
      this.#expect('=');
      this.#match(SPACE, 'white space');
      attributes.set(name, this.#attributeValue());
    }
  }

  #attributeValue(): string {
    const quote = this.#take('"') ? '"' : "'";
    if (quote === "'") this.#expect(quote);
    const start = this.#at;
    const raw = this.#takeUntil(quote, 'an attribute');
    const wrong = raw.indexOf('<');
    if (wrong !== -1) throw this.#error('bad-syntax', start + wrong, 'an attribute holds no <');
    return this.#resolved(raw, start, ' ').replaceAll(/[\t\n]/g, ' ');
  }

  /** Replaces references, and line ends by `lineEnd` (XML 1.0 §2.11, §3.3.3, §4.1, §4.6). */
  #resolved(raw: string, start: number, lineEnd: string): string {
    return raw.replaceAll(/\r\n?|&(?:#x([\da-fA-F]{1,6});|#(\d{1,7});|([a-z]{2,4});)?/g, (...found) => {
      const [whole, hexadecimal, decimal, name, offset] = found as [string, string?, string?, string?, number?];
      if (!whole.startsWith('&')) return lineEnd;
      const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
      const character = name === undefined ? characterOf(code) : PREDEFINED.get(name);
      if (character === undefined)
        throw this.#error('bad-entity', start + (offset ?? 0), 'neither a predefined entity nor a character');
      return character;
    });
  }
}

function characterOf(code: number): string | undefined {
  if (!(code <= 0x10_ff_ff)) return undefined;
  const character = String.fromCodePoint(code);
  return NO_CHARACTER.test(character) ? undefined : character;
}

/** A name as it may stand in a message. */
function shown(name: string): string {
  return name.length > SHOWN_LENGTH_MAX ? `${name.slice(0, SHOWN_LENGTH_MAX)}…` : name;
}

const SHOWN_LENGTH_MAX = 32;
