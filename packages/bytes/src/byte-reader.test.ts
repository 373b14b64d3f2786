import { describe, expect, test } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { fromHex } from './hex.ts';

const reads: [name: string, hex: string, read: (reader: ByteReader) => unknown, value: unknown][] = [
  ['u8', 'ff', (reader) => reader.u8(), 255],
  ['u16', 'fffe', (reader) => reader.u16(), 65534],
  ['u24', 'fffefd', (reader) => reader.u24(), 0xfffefd],
  ['u32', 'fffefdfc', (reader) => reader.u32(), 0xfffefdfc],
  ['u64', 'fffefdfcfbfaf9f8', (reader) => reader.u64(), 0xfffefdfcfbfaf9f8n],
  ['i8', 'ff', (reader) => reader.i8(), -1],
  ['i16', 'fffe', (reader) => reader.i16(), -2],
  ['i32', 'fffffffd', (reader) => reader.i32(), -3],
  ['i64', 'fffffffffffffffc', (reader) => reader.i64(), -4n],
  ['f32', '3fc00000', (reader) => reader.f32(), 1.5],
  ['f64', 'c004000000000000', (reader) => reader.f64(), -2.5],
  ['take', '010203', (reader) => reader.take(3), Uint8Array.of(1, 2, 3)],
];

describe('ByteReader', () => {
  test.each(reads)('%s reads big-endian and stops behind what it read', (_name, hex, read, value) => {
    const bytes = fromHex(`00${hex}00`);
    // A view that does not begin where its buffer does: offsets must be those of the view.
    const reader = new ByteReader(bytes.subarray(1), 'X §1');
    expect(read(reader)).toEqual(value);
    expect(reader.offset).toBe(bytes.length - 2);
    expect(reader.remaining).toBe(1);
  });

  test.each(reads)('%s throws when one byte is missing, and reads nothing', (_name, hex, read) => {
    const bytes = fromHex(hex).subarray(0, -1);
    const reader = new ByteReader(bytes, 'X §1');
    expect(() => read(reader)).toThrow(
      expect.objectContaining({ code: 'truncated', offset: bytes.length, section: 'X §1' }),
    );
    expect(reader.offset).toBe(0);
  });

  test('rest is a view of what is left', () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const reader = new ByteReader(bytes, 'X §1');
    reader.u8();
    const rest = reader.rest();
    bytes[2] = 9;
    expect(rest).toEqual(Uint8Array.of(2, 9));
    expect(reader.remaining).toBe(0);
    expect(reader.rest()).toEqual(new Uint8Array());
  });

  test('error names the next byte unless told otherwise', () => {
    const reader = new ByteReader(Uint8Array.of(1, 2, 3), 'X §1');
    reader.u16();
    expect(reader.error('bad-value')).toMatchObject({ code: 'bad-value', offset: 2, section: 'X §1' });
    expect(reader.error('bad-value', 1).offset).toBe(1);
  });
});
