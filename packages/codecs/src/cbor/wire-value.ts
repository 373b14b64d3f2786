import { formatObjectLink, isObjectLink } from '../values/object-link-text.ts';
import type { ValueType, WireValue } from '../values/typed-value.ts';
import {
  atNull,
  type CborReader,
  peek,
  peekMajor,
  readBoolean,
  readBytes,
  readPlainNumber,
  readTaggedNumber,
  readText,
  untag,
} from './cbor-reader.ts';
import {
  type CborWriter,
  writeBigint,
  writeBoolean,
  writeBytes,
  writeFloat,
  writeNumber,
  writeText,
} from './cbor-writer.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';

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
  const tag = untag(reader);
  if (tag >= Tag.DateText && tag <= Tag.Bigfloat) return readTaggedNumber(reader, tag, start);
  switch (peekMajor(reader)) {
    case MajorType.BYTES:
      return readBytes(reader);
    case MajorType.TEXT:
      return readText(reader);
    case MajorType.SIMPLE:
      if (atNull(reader)) return null;
      return peek(reader) <= 0xf5 ? readBoolean(reader) : readPlainNumber(reader);
    default:
      return readPlainNumber(reader);
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
    if (type === 'Float') writeFloat(writer, value);
    else writeNumber(writer, value);
  } else if (typeof value === 'bigint') writeBigint(writer, value);
  else if (typeof value === 'string') writeText(writer, value);
  else if (typeof value === 'boolean') writeBoolean(writer, value);
  else if (isObjectLink(value)) writeText(writer, formatObjectLink(value));
  else writeBytes(writer, value);
}
