import { ATTRIBUTE_NAME, ESCAPED, TOKEN, URI_REFERENCE } from './grammar.ts';
import type { Link, LinkAttribute } from './link.ts';

const IS_TARGET = new RegExp(`^${URI_REFERENCE}$`);
const IS_NAME = new RegExp(`^${ATTRIBUTE_NAME}$`);
const IS_TOKEN = new RegExp(`^${TOKEN}$`);
const TO_ESCAPE = new RegExp(ESCAPED, 'g');

/**
 * Writes links.
 *
 * @param links in their order
 * @returns the document, empty where there are no links
 * @throws {TypeError} a target, a name or a value without quotes that the grammar does not allow
 * @see RFC 6690 §2
 * @example
 * formatLinkFormat([{ target: '/3/0', attributes: [{ name: 'pmin', value: '10', quoted: false }] }])
 * // '</3/0>;pmin=10'
 */
export function formatLinkFormat(links: readonly Link[]): string {
  return links.map(formatLink).join(',');
}

function formatLink({ target, attributes }: Link): string {
  if (!IS_TARGET.test(target)) throw new TypeError('the target of a link is not a URI reference');
  return `<${target}>${attributes.map(formatAttribute).join('')}`;
}

function formatAttribute({ name, value, quoted }: LinkAttribute): string {
  if (!IS_NAME.test(name)) throw new TypeError('the name of a link attribute is not a token');
  if (value === undefined) return `;${name}`;
  if (quoted) return `;${name}="${value.replaceAll(TO_ESCAPE, '\\$&')}"`;
  if (!IS_TOKEN.test(value)) throw new TypeError(`the value of the link attribute ${name} needs quotes`);
  return `;${name}=${value}`;
}
