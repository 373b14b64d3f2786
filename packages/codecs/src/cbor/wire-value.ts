import { formatObjectLink } from '../values/object-link-text.ts';
import { isObjectLink, type ValueType, type WireValue } from '../values/typed-value.ts';
import { type CborReader, MajorType, Tag } from './cbor-reader.ts';
import type { CborWriter } from './cbor-writer.ts';

/**
 * Reads one value of LwM2M: a number of any encoding, a time in tag 0 or 1, text, bytes, a truth value, `null`. Other tags
 * are passed over.
 *
 * @param reader at the item
 * @returns what the wire says; links are text
 * @throws {DecodeError} `bad-type` for an array, a map, `undefined` or another simple value; not well-formed
 * @see LwM2M Core 1.2.1 Appendix C (CBOR formats)
 */
export function readWireValue(reader: CborReader): WireValue | null {
  const start = reader.offset;
  const tag = reader.untag();
  if (tag >= Tag.DateText && tag <= Tag.Bigfloat) return reader.taggedNumber(tag, start);
  switch (reader.peekMajor()) {
    case MajorType.Bytes:
      return reader.bytes();
    case MajorType.Text:
      return reader.text();
    case MajorType.Simple:
      if (reader.atNull()) return null;
      return reader.peek() <= 0xf5 ? reader.boolean() : reader.plainNumber();
    default:
      return reader.plainNumber();
  }
}

/**
 * Writes one value of LwM2M. A Float is a CBOR float even where it is whole, since decoders take the CBOR type for the type
 * of the resource.
 *
 * @param writer gets the item
 * @param type from the definition; without one a number without a fraction is an integer
 * @param value as `valueToWire` gives it
 * @see LwM2M Core 1.2.1 Appendix C (CBOR formats)
 */
export function writeWireValue(writer: CborWriter, type: ValueType | undefined, value: WireValue): void {
  if (typeof value === 'number') {
    if (type === 'Float') writer.float(value);
    else writer.number(value);
  } else if (typeof value === 'bigint') writer.bigint(value);
  else if (typeof value === 'string') writer.text(value);
  else if (typeof value === 'boolean') writer.boolean(value);
  else if (isObjectLink(value)) writer.text(formatObjectLink(value));
  else writer.bytes(value);
}
