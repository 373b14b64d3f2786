import { DecodeError } from '@motestack/bytes';
import type { Path, ResourceValue } from '@motestack/model';
import { decodeBase64, encodeBase64 } from '../base64/base64.ts';
import { ContentError } from '../content-error.ts';
import type { Leniency } from '../payload-context.ts';
import { checkInteger } from '../values/integers.ts';
import { formatObjectLink, isObjectLink, parseObjectLink } from '../values/object-link-text.ts';
import { type ValueType, valueFromWire, valueToWire } from '../values/typed-value.ts';

/** The longest notation of a number that is read: a double written out has up to 1,076 digits after the point. */
const NUMBER_LENGTH_MAX = 1100;

/**
 * Reads one value in the text format.
 *
 * @param type from the definition; without one the text is the value
 * @param text the whole payload
 * @param path for the error
 * @param leniency `base64Variants` and `hexadecimalNullLink` count here
 * @returns the value by type
 * @throws {ContentError} `wrong-type`, `out-of-range`
 * @see LwM2M Core 1.1.1 Appendix C (Text Format)
 */
export function parseTextValue(
  type: ValueType | undefined,
  text: string,
  path: Path,
  leniency: Leniency,
): ResourceValue {
  switch (type) {
    case undefined:
    case 'String':
    case 'Corelnk':
      return text;
    case 'Integer':
    case 'Unsigned Integer':
      return parseInteger(text, type === 'Unsigned Integer', path);
    case 'Time':
      return valueFromWire(type, parseInteger(text, false, path), path);
    case 'Float':
      return parseFloatText(text, path);
    case 'Boolean':
      if (text !== '0' && text !== '1') throw new ContentError('wrong-type', { path });
      return text === '1';
    case 'Opaque':
      return parseOpaque(text, path, leniency);
    case 'Objlnk': {
      const link = parseObjectLink(text, leniency.hexadecimalNullLink);
      if (link === undefined) throw new ContentError('wrong-type', { path });
      if (link === 'out-of-range') throw new ContentError('out-of-range', { path });
      return link;
    }
  }
}

/**
 * Writes one value in the text format.
 *
 * @param type from the definition; without one it follows from the value
 * @param value the caller's
 * @param path for the error
 * @returns the whole payload as text; floats without exponent
 * @throws {ContentError} `wrong-type`, `out-of-range`, `not-representable` (NaN and the infinities have no notation)
 * @see LwM2M Core 1.1.1 Appendix C (Text Format)
 */
export function formatTextValue(type: ValueType | undefined, value: ResourceValue, path: Path): string {
  const wire = valueToWire(type, value, path);
  if (typeof wire === 'string') return wire;
  if (typeof wire === 'boolean') return wire ? '1' : '0';
  if (typeof wire === 'bigint') return wire.toString();
  if (typeof wire === 'number') return formatDecimal(wire, path);
  return isObjectLink(wire) ? formatObjectLink(wire) : encodeBase64(wire, { alphabet: 'base64' });
}

function parseInteger(text: string, unsigned: boolean, path: Path): number | bigint {
  if (text.length > NUMBER_LENGTH_MAX || !/^-?[0-9]+$/.test(text)) throw new ContentError('wrong-type', { path });
  return checkInteger(BigInt(text), unsigned, path);
}

/** LwM2M 1.0 shows decimals alone; an exponent is read as well, since devices print it. */
function parseFloatText(text: string, path: Path): number {
  if (text.length > NUMBER_LENGTH_MAX || !/^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?$/.test(text)) {
    throw new ContentError('wrong-type', { path });
  }
  const value = Number(text);
  if (!Number.isFinite(value)) throw new ContentError('out-of-range', { path });
  return value;
}

function parseOpaque(text: string, path: Path, leniency: Leniency): Uint8Array {
  try {
    return decodeBase64(text, { alphabet: 'base64', lenient: leniency.base64Variants });
  } catch (cause) {
    if (!DecodeError.is(cause)) throw cause;
    throw new ContentError('wrong-type', { path, cause });
  }
}

/** The shortest decimal notation that reads back as the same number, without an exponent. */
function formatDecimal(value: number, path: Path): string {
  if (!Number.isFinite(value)) throw new ContentError('not-representable', { path });
  const shortest = Object.is(value, -0) ? '-0' : String(value);
  const match = /^(-?)([0-9]+)(?:\.([0-9]+))?e([+-][0-9]+)$/.exec(shortest);
  if (match === null) return shortest;
  const [, sign = '', whole = '', fraction = '', exponentText = ''] = match;
  const exponent = Number(exponentText);
  const digits = whole + fraction;
  return exponent < 0 ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` : `${sign}${digits.padEnd(exponent + 1, '0')}`;
}
