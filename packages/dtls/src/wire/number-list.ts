import { ByteReader, ByteWriter } from '@motestack/bytes';

/** Bytes of the length before a list, and of each number in it. */
export interface ListForm {
  /** How long the length is. */
  readonly lengthBytes: 1 | 2;
  /** How long each number is. */
  readonly itemBytes: 1 | 2;
}

/** Groups and signature schemes: `<2..2^16-2>` of 16-bit numbers (RFC 8422 §5.1.1, RFC 5246 §7.4.1.4.1). */
export const WIDE_LIST: ListForm = { lengthBytes: 2, itemBytes: 2 };
/** Point formats and certificate types: `<1..2^8-1>` of bytes (RFC 8422 §5.1.2, RFC 7250 §3). */
export const BYTE_LIST: ListForm = { lengthBytes: 1, itemBytes: 1 };

/**
 * Decodes an extension that is one list of numbers.
 *
 * @throws {DecodeError} `truncated`, `trailing-bytes` or `bad-value` (an empty list, or half a number)
 * @see RFC 5246 §4.3
 */
export function decodeNumberList(data: Uint8Array, form: ListForm): number[] {
  const reader = new ByteReader(data, 'RFC 5246 §4.3');
  const numbers = readNumberList(reader, form);
  if (reader.remaining > 0) throw reader.error('trailing-bytes');
  return numbers;
}

/** Encodes a list of numbers with its length. */
export function encodeNumberList(numbers: readonly number[], form: ListForm): Uint8Array {
  const writer = new ByteWriter(form.lengthBytes + numbers.length * form.itemBytes);
  writeNumberList(writer, numbers, form);
  return writer.finish();
}

/** The same within a message. */
export function readNumberList(reader: ByteReader, { lengthBytes, itemBytes }: ListForm): number[] {
  const start = reader.offset;
  const length = lengthBytes === 1 ? reader.u8() : reader.u16();
  if (length === 0 || length % itemBytes !== 0) throw reader.error('bad-value', start);
  const list = new ByteReader(reader.take(length), 'RFC 5246 §4.3');
  const numbers: number[] = [];
  while (list.remaining > 0) numbers.push(itemBytes === 1 ? list.u8() : list.u16());
  return numbers;
}

/** The same within a message. */
export function writeNumberList(writer: ByteWriter, numbers: readonly number[], form: ListForm): void {
  const length = numbers.length * form.itemBytes;
  if (form.lengthBytes === 1) writer.u8(length);
  else writer.u16(length);
  for (const number of numbers)
    if (form.itemBytes === 1) writer.u8(number);
    else writer.u16(number);
}
