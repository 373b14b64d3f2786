import { describe, expect, test } from 'vitest';
import { ByteWriter } from './byte-writer.ts';
import { toHex } from './hex.ts';

const writes: [name: string, write: (writer: ByteWriter) => void, hex: string][] = [
  ['u8', (writer) => writer.u8(255), 'ff'],
  ['u16', (writer) => writer.u16(65534), 'fffe'],
  ['u24', (writer) => writer.u24(0xfffefd), 'fffefd'],
  ['u32', (writer) => writer.u32(0xfffefdfc), 'fffefdfc'],
  ['u64', (writer) => writer.u64(0xfffefdfcfbfaf9f8n), 'fffefdfcfbfaf9f8'],
  ['i8', (writer) => writer.i8(-128), '80'],
  ['i16', (writer) => writer.i16(-2), 'fffe'],
  ['i32', (writer) => writer.i32(-3), 'fffffffd'],
  ['i64', (writer) => writer.i64(-4n), 'fffffffffffffffc'],
  ['f32', (writer) => writer.f32(1.5), '3fc00000'],
  ['f64', (writer) => writer.f64(-2.5), 'c004000000000000'],
  ['bytes', (writer) => writer.bytes(Uint8Array.of(1, 2, 3)), '010203'],
  ['utf8', (writer) => writer.utf8('aß€'), '61c39fe282ac'],
];

const misfits: [name: string, write: (writer: ByteWriter) => void][] = [
  ['u8 256', (writer) => writer.u8(256)],
  ['u8 -1', (writer) => writer.u8(-1)],
  ['u8 1.5', (writer) => writer.u8(1.5)],
  ['u8 NaN', (writer) => writer.u8(Number.NaN)],
  ['u16 65536', (writer) => writer.u16(65536)],
  ['u24 2^24', (writer) => writer.u24(2 ** 24)],
  ['u32 2^32', (writer) => writer.u32(2 ** 32)],
  ['u64 2^64', (writer) => writer.u64(2n ** 64n)],
  ['u64 -1', (writer) => writer.u64(-1n)],
  ['i8 128', (writer) => writer.i8(128)],
  ['i16 -32769', (writer) => writer.i16(-32769)],
  ['i32 2^31', (writer) => writer.i32(2 ** 31)],
  ['i64 2^63', (writer) => writer.i64(2n ** 63n)],
];

describe('ByteWriter', () => {
  test.each(writes)('%s writes big-endian, growing where it must', (_name, write, hex) => {
    const writer = new ByteWriter(1);
    writer.u8(0);
    write(writer);
    expect(toHex(writer.finish())).toBe(`00${hex}`);
    expect(writer.length).toBe(1 + hex.length / 2);
  });

  test.each(misfits)('%s is refused, and writes nothing', (_name, write) => {
    const writer = new ByteWriter();
    expect(() => write(writer)).toThrow(RangeError);
    expect(writer.length).toBe(0);
  });

  test('finish gives a copy of the exact size', () => {
    const writer = new ByteWriter();
    writer.u8(1);
    const first = writer.finish();
    writer.u8(2);
    expect(first).toEqual(Uint8Array.of(1));
    expect(first.buffer.byteLength).toBe(1);
    expect(writer.finish()).toEqual(Uint8Array.of(1, 2));
  });

  test('a writer may begin with nothing', () => {
    const writer = new ByteWriter(0);
    expect(writer.finish()).toEqual(new Uint8Array());
    for (let value = 0; value < 200; value++) writer.u8(value);
    expect(writer.finish()).toEqual(Uint8Array.from({ length: 200 }, (_, value) => value));
  });
});
