import type { AttributeChanges, NotificationAttributes } from './notification-attributes.ts';
import { AttributeError } from './notification-attributes.ts';

/** Periods and counts go up to here: 2^32 − 1 seconds are 136 years. */
export const ATTRIBUTE_INTEGER_MAX = 4_294_967_295;

/** A threshold or step is written with at most this many characters. */
export const ATTRIBUTE_NUMBER_LENGTH_MAX = 32;

/**
 * Reads the query of a Write-Attributes.
 *
 * A sign before a threshold is taken although the grammar has none, since deployed servers send it (temperatures are negative).
 *
 * @param query one Uri-Query option each: `pmin=10`, or `pmin` alone to unset
 * @returns what is asked for; it is not yet checked to be consistent, see {@link applyAttributeChanges}
 * @throws {AttributeError}
 * @see LwM2M Core 1.2 §5.1.2 (forms), §6.3.4 (Write-Attributes)
 * @example
 * parseAttributeQuery(['pmin=10', 'gt=-2.5', 'pmax']) // { pmin: 10, gt: -2.5, pmax: undefined }
 */
export function parseAttributeQuery(query: readonly string[]): AttributeChanges {
  const changes: Record<string, number | boolean | undefined> = {};
  for (const parameter of query) {
    if (parameter === '') throw new AttributeError('empty-parameter', parameter);
    const equals = parameter.indexOf('=');
    const name = equals === -1 ? parameter : parameter.slice(0, equals);
    if (!isAttributeName(name)) throw new AttributeError('unknown-attribute', name);
    if (Object.hasOwn(changes, name)) throw new AttributeError('duplicate-attribute', name);
    changes[name] = equals === -1 ? undefined : parseAttributeValue(name, parameter.slice(equals + 1));
  }
  return changes as AttributeChanges;
}

/**
 * Writes the query of a Write-Attributes.
 *
 * @param changes what is asked for; a name that is there with `undefined` is unset
 * @returns one Uri-Query option each, in the order of {@link NotificationAttributes}
 * @throws {RangeError} for a value that its attribute cannot have
 */
export function formatAttributeQuery(changes: AttributeChanges): string[] {
  const query: string[] = [];
  for (const name of ATTRIBUTE_NAMES) {
    if (!Object.hasOwn(changes, name)) continue;
    const value = changes[name];
    query.push(value === undefined ? name : `${name}=${formatAttributeValue(name, value)}`);
  }
  return query;
}

/** The name of an attribute that may be written. */
export type AttributeName = keyof NotificationAttributes;

/** Whether `name` is that of an attribute that may be written. */
export function isAttributeName(name: string): name is AttributeName {
  return Object.hasOwn(FORM_OF, name);
}

/**
 * Reads the value of one attribute, as it stands behind `=` in a query or in a link of a Discover.
 *
 * @throws {AttributeError} `bad-integer`, `bad-number` or `bad-bit`
 */
export function parseAttributeValue(name: AttributeName, text: string): number | boolean {
  switch (FORM_OF[name]) {
    case 'bit':
      if (text !== '0' && text !== '1') throw new AttributeError('bad-bit', name);
      return text === '1';
    case 'integer': {
      const value = Number(text);
      if (!(/^\d{1,10}$/.test(text) && value <= ATTRIBUTE_INTEGER_MAX)) throw new AttributeError('bad-integer', name);
      return value;
    }
    case 'number':
    case 'unsigned-number': {
      const form = FORM_OF[name] === 'number' ? /^-?\d+(?:\.\d+)?$/ : /^\d+(?:\.\d+)?$/;
      if (text.length > ATTRIBUTE_NUMBER_LENGTH_MAX || !form.test(text)) throw new AttributeError('bad-number', name);
      return Number(text);
    }
  }
}

/**
 * Writes the value of one attribute.
 *
 * @throws {RangeError} for a value that the attribute cannot have
 */
export function formatAttributeValue(name: AttributeName, value: number | boolean): string {
  const text = typeof value === 'boolean' ? (value ? '1' : '0') : formatNumber(value);
  try {
    if (parseAttributeValue(name, text) === value) return text;
  } catch (cause) {
    throw new RangeError(`${name} cannot be ${value} (LwM2M Core 1.2 §5.1.2)`, { cause });
  }
  throw new RangeError(`${name} cannot be ${value} (LwM2M Core 1.2 §5.1.2)`);
}

/** The grammar has no exponent: a number that JavaScript writes with one is written out, digit by digit. */
function formatNumber(value: number): string {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(String(value));
  if (match === null) return String(value === 0 ? 0 : value);
  const [, sign = '', first = '', rest = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = first + rest;
  return exponent < 0 ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` : sign + digits.padEnd(exponent + 1, '0');
}

const FORM_OF: Readonly<Record<AttributeName, 'integer' | 'number' | 'unsigned-number' | 'bit'>> = {
  pmin: 'integer',
  pmax: 'integer',
  gt: 'number',
  lt: 'number',
  st: 'unsigned-number',
  epmin: 'integer',
  epmax: 'integer',
  edge: 'bit',
  con: 'bit',
  hqmax: 'integer',
};

const ATTRIBUTE_NAMES = Object.keys(FORM_OF) as readonly AttributeName[];
