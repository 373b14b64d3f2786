import type { ResourceSpec } from './object-spec.ts';
import type { ObjectLink, ResourceType, ResourceValue } from './resource-value.ts';
import { isInRange, parseValueRange } from './value-range.ts';

/**
 * `wrong-type`: not a value of the resource's type; `out-of-range`: of the type, but outside of what 64 bits or the range of
 * the resource allow; `not-exact`: an integer beyond ±(2^53 − 1) given as `number`, which may have lost digits: give a `bigint`.
 */
export type ValueErrorCode = 'wrong-type' | 'out-of-range' | 'not-exact';

/** A value that a resource cannot hold. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
  /** What is wrong. */
  readonly code: ValueErrorCode;
  /** The type that the resource has. */
  readonly type: ResourceType;

  /**
   * @param code what is wrong
   * @param type the type that the resource has
   * @param expected what would have been right, as text for people
   */
  constructor(code: ValueErrorCode, type: ResourceType, expected: string) {
    super(`${code}: ${expected}`);
    this.code = code;
    this.type = type;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is ValueError {
    return value instanceof Error && value.name === 'ValueError';
  }
}

/**
 * Checks one value against the facts of its resource: type, 64 bits, exactness and range. The value of a multiple resource is
 * checked instance by instance.
 *
 * @param spec the facts; a range that cannot be read is not checked, see {@link parseValueRange}
 * @param value anything
 * @returns the value; a `bigint` within ±(2^53 − 1) comes back as `number`
 * @throws {ValueError}
 * @see LwM2M Core 1.2 Appendix C (types), §6.3.3 (values out of range are refused)
 */
export function checkValue(spec: ResourceSpec, value: unknown): ResourceValue {
  const checked = checkValueType(spec.type, value);
  const range = parseValueRange(spec);
  if (range === undefined) return checked;
  const measure = range.of === 'octets' ? lengthInOctets(checked) : checked;
  if ((typeof measure === 'number' || typeof measure === 'bigint') && !isInRange(range, measure)) {
    const what = range.of === 'octets' ? 'length in octets' : 'value';
    throw new ValueError('out-of-range', spec.type, `${what} ${measure} is not in ${spec.range}`);
  }
  return checked;
}

/**
 * Checks one value against a type alone: what a device says may lie outside of the registry's range and is still what it said.
 *
 * @param type the type that the value should have; `''` has no value
 * @param value anything
 * @returns the value; a `bigint` within ±(2^53 − 1) comes back as `number`
 * @throws {ValueError}
 */
export function checkValueType(type: ResourceType, value: unknown): ResourceValue {
  switch (type) {
    case 'String':
    case 'Corelnk':
      if (typeof value === 'string') return value;
      break;
    case 'Boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'Integer':
      return checkInteger(type, value, INT64_MIN, INT64_MAX);
    case 'Unsigned Integer':
      return checkInteger(type, value, 0n, UINT64_MAX);
    case 'Float':
      return checkFloat(value);
    case 'Opaque':
      if (isUint8Array(value)) return value;
      break;
    case 'Time':
      if (isDate(value)) return value;
      break;
    case 'Objlnk':
      return checkObjectLink(value);
    case '':
      break;
  }
  throw wrongType(type, value);
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;
const LINK_ID_MAX = 65_535;

function checkInteger(type: 'Integer' | 'Unsigned Integer', value: unknown, min: bigint, max: bigint): number | bigint {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) throw wrongType(type, value);
    if (!Number.isSafeInteger(value)) {
      throw new ValueError('not-exact', type, 'an integer beyond ±(2^53 − 1) is given as a bigint');
    }
  } else if (typeof value !== 'bigint') {
    throw wrongType(type, value);
  }
  if (value < min || value > max) throw new ValueError('out-of-range', type, `${type} is from ${min} to ${max}`);
  return typeof value === 'bigint' ? narrowed(value) : value;
}

function narrowed(value: bigint): number | bigint {
  const narrow = Number(value);
  return Number.isSafeInteger(narrow) ? narrow : value;
}

/** Infinities and NaN are Floats; a format that cannot write them says so itself. */
function checkFloat(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'bigint') throw wrongType('Float', value);
  const float = Number(value);
  if (!Number.isFinite(float)) throw new ValueError('out-of-range', 'Float', 'a Float has 64 bits');
  if (BigInt(float) !== value) throw new ValueError('not-exact', 'Float', 'no Float is exactly this integer');
  return float;
}

function checkObjectLink(value: unknown): ObjectLink {
  if (typeof value !== 'object' || value === null || !('objectId' in value) || !('objectInstanceId' in value)) {
    throw wrongType('Objlnk', value);
  }
  const { objectId, objectInstanceId } = value;
  if (typeof objectId !== 'number' || typeof objectInstanceId !== 'number') throw wrongType('Objlnk', value);
  // 65535:65535 points nowhere, o:65535 to a whole object; 65535 alone is no object (LwM2M Core 1.2 Appendix C).
  const inBounds = isLinkId(objectId) && isLinkId(objectInstanceId);
  if (!inBounds || (objectId === LINK_ID_MAX && objectInstanceId !== LINK_ID_MAX)) {
    throw new ValueError('out-of-range', 'Objlnk', 'an object link is two ids from 0 to 65534, or 65535:65535');
  }
  return { objectId, objectInstanceId };
}

function isLinkId(id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id <= LINK_ID_MAX;
}

// By their tag, not by `instanceof`, so that values from another realm (a test runner's, say) are known too.
function isUint8Array(value: unknown): value is Uint8Array {
  return Object.prototype.toString.call(value) === '[object Uint8Array]';
}

function isDate(value: unknown): value is Date {
  return Object.prototype.toString.call(value) === '[object Date]' && !Number.isNaN(Number(value));
}

/** Of a text its length in UTF-8, of octets their number, of anything else `undefined`. */
function lengthInOctets(value: ResourceValue): number | undefined {
  if (typeof value !== 'string') return isUint8Array(value) ? value.length : undefined;
  let length = 0;
  for (const character of value) {
    const codePoint = character.codePointAt(0) ?? 0;
    length += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x1_0000 ? 3 : 4;
  }
  return length;
}

function wrongType(type: ResourceType, value: unknown): ValueError {
  const given = value === null ? 'null' : typeof value;
  return new ValueError(
    'wrong-type',
    type,
    type === '' ? 'this resource has no value' : `${type} expected, ${given} given`,
  );
}
