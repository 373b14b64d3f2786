import {
  type ObjectLink,
  type ObjectLookup,
  type Path,
  type ResourceType,
  type ResourceValue,
  resourceSpecAt,
} from '@motestack/model';
import { ContentError, type ContentErrorCode } from '../content-error.ts';
import { checkInteger } from './integers.ts';
import { isObjectLink, LINK_ID_MAX } from './object-link-text.ts';

/** A value as a self-describing format such as SenML tells it: numbers are not yet integers, floats or times. */
export type WireValue = number | bigint | string | boolean | Uint8Array | ObjectLink;

/** The data types that have a value. */
export type ValueType = Exclude<ResourceType, ''>;

const SURROGATES_BEGIN = 0xd800;
/** Up to this many characters a loop beats an expression. */
const SHORT_TEXT_LENGTH = 64;
/** The largest number of seconds that a `Date` can hold, from 1970 in both directions. */
const DATE_SECONDS_MAX = 8.64e12;

/**
 * The type of the resource at a path.
 *
 * @param lookup the definitions
 * @param path a resource or resource instance
 * @returns `undefined` if no definition is known, or if it names no type (some registered objects do not)
 */
export function valueTypeAt(lookup: ObjectLookup, path: Path): ValueType | undefined {
  const type = resourceSpecAt(lookup, path)?.type;
  return type === '' ? undefined : type;
}

/**
 * Makes a received value what the definition says it is.
 *
 * @param type from the definition; without one the value stays as the wire tells it
 * @param value as the wire tells it
 * @param path for the error
 * @returns the value by type, as `ResourceValue` describes
 * @throws {ContentError} `wrong-type`, `out-of-range`
 * @see LwM2M Core 1.1.1 Appendix C
 */
export function valueFromWire(type: ValueType | undefined, value: WireValue, path: Path): ResourceValue {
  if (type === undefined) return value;
  // Every type but these two has on the wire the form that it has in JavaScript.
  if (type !== 'Float' && type !== 'Time') return checkedValue(type, value, path);
  const number = typeof value === 'bigint' ? Number(value) : expectNumber(value, path);
  return type === 'Float' ? number : dateFromSeconds(number, path);
}

/**
 * Makes a value what a self-describing format writes, and checks that it is of its type.
 *
 * @param type from the definition; without one the type follows from the value
 * @param value the caller's
 * @param path for the error
 * @returns a `Date` as whole seconds since 1970 (a fraction is cut off: Time is an integer), anything else as it is
 * @throws {ContentError} `wrong-type`, `out-of-range`, `not-representable` (text with half a surrogate pair)
 * @see LwM2M Core 1.1.1 Appendix C
 */
export function valueToWire(type: ValueType | undefined, value: ResourceValue, path: Path): WireValue {
  const checked = type === undefined ? value : checkedValue(type, value, path);
  if (typeof checked === 'string') return checkedText(checked, path);
  if (typeof checked === 'bigint') return checkInteger(checked, checked > 0n, path);
  return checked instanceof Date ? secondsOfDate(checked, path) : checked;
}

/** The seconds of a `Date`, whole: LwM2M's Time is an integer. */
function secondsOfDate(date: Date, path: Path): number {
  const seconds = Math.floor(date.getTime() / 1000);
  if (Number.isNaN(seconds)) throw new ContentError('not-representable', { path });
  return seconds;
}

/** Reads seconds since 1970, which may be fractional and before it. */
export function dateFromSeconds(seconds: number, path: Path): Date {
  if (!(Math.abs(seconds) <= DATE_SECONDS_MAX)) throw new ContentError('out-of-range', { path });
  return new Date(Math.round(seconds * 1000));
}

/** Refuses text that UTF-8 cannot carry. Short text is looked at first: it mostly has no surrogates at all. */
function checkedText(text: string, path: Path): string {
  let index = 0;
  if (text.length <= SHORT_TEXT_LENGTH) while (text.charCodeAt(index) < SURROGATES_BEGIN) index++;
  if (index < text.length && /\p{Surrogate}/u.test(text)) throw new ContentError('not-representable', { path });
  return text;
}

function checkedValue(type: ValueType, value: ResourceValue, path: Path): ResourceValue {
  switch (type) {
    case 'String':
    case 'Corelnk':
      return typeof value === 'string' ? value : fail('wrong-type', path);
    case 'Integer':
    case 'Unsigned Integer':
      if (typeof value !== 'number' && typeof value !== 'bigint') return fail('wrong-type', path);
      return checkInteger(value, type === 'Unsigned Integer', path);
    case 'Float':
      return expectNumber(value, path);
    case 'Boolean':
      return typeof value === 'boolean' ? value : fail('wrong-type', path);
    case 'Opaque':
      return value instanceof Uint8Array ? value : fail('wrong-type', path);
    case 'Time':
      return value instanceof Date ? value : fail('wrong-type', path);
    case 'Objlnk':
      return isObjectLink(value) ? checkedLink(value, path) : fail('wrong-type', path);
  }
}

/** Refuses a link whose halves are not of 16 bits. */
function checkedLink(link: ObjectLink, path: Path): ObjectLink {
  for (const id of [link.objectId, link.objectInstanceId]) {
    if (!Number.isInteger(id) || id < 0 || id > LINK_ID_MAX) throw new ContentError('out-of-range', { path });
  }
  return link;
}

function expectNumber(value: unknown, path: Path): number {
  return typeof value === 'number' ? value : fail('wrong-type', path);
}

function fail(code: ContentErrorCode, path: Path): never {
  throw new ContentError(code, { path });
}
