import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { DecodeError } from './decode-error.ts';
import { fromHex, toHex } from './hex.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

const text = fc.string({ unit: 'binary', maxLength: 80 });

describe('properties', () => {
  test('what a writer wrote, a reader reads', () => {
    const values = fc.record({
      u8: fc.nat(0xff),
      u16: fc.nat(0xffff),
      u24: fc.nat(0xffffff),
      u32: fc.nat(0xffffffff),
      u64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      i32: fc.integer(),
      i64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      f32: fc.float(),
      f64: fc.double(),
      bytes: fc.uint8Array({ maxLength: 100 }),
    });
    fc.assert(
      fc.property(values, (written) => {
        const writer = new ByteWriter();
        writer.u8(written.u8);
        writer.u16(written.u16);
        writer.u24(written.u24);
        writer.u32(written.u32);
        writer.u64(written.u64);
        writer.i32(written.i32);
        writer.i64(written.i64);
        writer.f32(written.f32);
        writer.f64(written.f64);
        writer.bytes(written.bytes);
        const reader = new ByteReader(writer.finish(), '');
        const read = {
          u8: reader.u8(),
          u16: reader.u16(),
          u24: reader.u24(),
          u32: reader.u32(),
          u64: reader.u64(),
          i32: reader.i32(),
          i64: reader.i64(),
          f32: reader.f32(),
          f64: reader.f64(),
          bytes: new Uint8Array(reader.rest()),
        };
        expect(read).toEqual(written);
      }),
    );
  });

  test('bytes survive hex', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
      }),
    );
  });

  test('text survives UTF-8', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(decodeUtf8(encodeUtf8(value))).toBe(value);
      }),
    );
  });

  test('any bytes are text that encodes to the same bytes, or are refused at a byte that is there', () => {
    // Those of the replacement character U+FFFD, whole and broken, among others.
    const replacement = fc.constantFrom(0xef, 0xbf, 0xbd, 0x41, 0xc3, 0xa9, 0xf0, 0x9f);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 48 }),
      fc.uint8Array({ min: 0x60, max: 0xf5, maxLength: 6 }),
      fc.array(replacement, { maxLength: 40 }).map((units) => Uint8Array.from(units)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          expect(encodeUtf8(decodeUtf8(input))).toEqual(input);
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
          expect(error.offset).toBeLessThan(input.length);
          // Everything before the offset is text by itself.
          expect(encodeUtf8(decodeUtf8(input.subarray(0, error.offset)))).toEqual(input.subarray(0, error.offset));
        }
      }),
    );
  });
});
