import { toHex } from '@motestack/bytes';
import { type DerReader, DerTag } from './der-reader.ts';

/** The contents of an OBJECT IDENTIFIER, as hexadecimal digits: enough to compare by. */
export function readOid(reader: DerReader): string {
  const { content } = reader.take(DerTag.ObjectIdentifier);
  const last = content[content.length - 1];
  if (last === undefined || last >= 0x80) throw reader.error('bad-value');
  return toHex(content);
}

/**
 * A BOOLEAN, which DER writes as 0 or 255 (X.690 §11.1).
 *
 * @throws {DecodeError} `bad-value`
 */
export function readBoolean(reader: DerReader): boolean {
  const { content } = reader.take(DerTag.Boolean);
  const [value] = content;
  if (content.length !== 1 || (value !== 0 && value !== 0xff)) throw reader.error('bad-value');
  return value === 0xff;
}

/**
 * A small INTEGER that is not negative, in the fewest bytes (X.690 §8.3.2).
 *
 * @throws {DecodeError} `bad-value`
 */
export function readSmallInteger(reader: DerReader): number {
  const { content } = reader.take(DerTag.Integer);
  const [first = 0x80, second = 0x80] = content;
  const isPadded = content.length > 1 && first === 0 && second < 0x80;
  if (first >= 0x80 || isPadded || content.length > 4) throw reader.error('bad-value');
  return content.reduce((value, byte) => value * 256 + byte, 0);
}

/**
 * A BIT STRING of whole bytes.
 *
 * @throws {DecodeError} `bad-value`
 */
export function readWholeBits(reader: DerReader): Uint8Array {
  const { content } = reader.take(DerTag.BitString);
  if (content[0] !== 0) throw reader.error('bad-value');
  return content.subarray(1);
}

/**
 * A BIT STRING of names, such as key usage: bit 0 is the first.
 *
 * @throws {DecodeError} `bad-value`
 */
export function readNamedBits(reader: DerReader): ReadonlySet<number> {
  const { content } = reader.take(DerTag.BitString);
  const [unused = 8, ...bytes] = content;
  if (unused > 7 || bytes.length > 2 || (bytes.length === 0 && unused > 0)) throw reader.error('bad-value');
  const bits = new Set<number>();
  for (const [index, byte] of bytes.entries())
    for (let bit = 0; bit < 8; bit++) if ((byte & (0x80 >> bit)) !== 0) bits.add(index * 8 + bit);
  return bits;
}

const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/**
 * A time, in the two forms of RFC 5280 §4.1.2.5, with seconds and in UTC.
 *
 * @returns milliseconds since 1970
 * @throws {DecodeError} `bad-value` (not such a form, or no such day) or `bad-type`
 */
export function readTime(reader: DerReader): number {
  const { tag, content } = reader.any();
  if (tag !== DerTag.UtcTime && tag !== DerTag.GeneralizedTime) throw reader.error('bad-type');
  const text = String.fromCharCode(...content.subarray(0, 16));
  const match = (tag === DerTag.UtcTime ? UTC_TIME : GENERALIZED_TIME).exec(text);
  if (match === null || content.length > text.length) throw reader.error('bad-value');
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1).map(Number);
  // Two digits stand for 1950 to 2049 (RFC 5280 §4.1.2.5.1).
  const year = tag === DerTag.GeneralizedTime ? written : written + (written >= 50 ? 1900 : 2000);
  const epochMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const normal = new Date(epochMs).toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const given = [year, month, day, hour, minute, second].map((part, index) =>
    String(part).padStart(index === 0 ? 4 : 2, '0'),
  );
  if (normal !== given.join('')) throw reader.error('bad-value');
  return epochMs;
}
