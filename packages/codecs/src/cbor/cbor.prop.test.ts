import { DecodeError, toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginWriting, finishWriting } from '../values/payload-writer.ts';
import {
  begin,
  beginReading,
  type CborReader,
  finishReading,
  readBoolean,
  readBytes,
  readInteger,
  readNumber,
  readText,
} from './cbor-reader.ts';
import { type CborWriter, writeBigint, writeBytes, writeHead, writeNumber, writeText } from './cbor-writer.ts';
import { decodeHalf, halfBits } from './half-float.ts';
import * as MajorType from './major-type.ts';
import { skipItem } from './skip-item.ts';

function written(write: (writer: CborWriter) => void): Uint8Array {
  const writer = beginWriting();
  write(writer);
  return finishWriting(writer);
}

const READ = { text: readText, bytes: readBytes, number: readNumber, integer: readInteger, boolean: readBoolean };
const readerOf = (bytes: Uint8Array): CborReader => beginReading(bytes, 'test', 16);

/** Built here, since that takes seconds on a busy machine. */
const anyText = fc.string({ unit: 'binary', maxLength: 100 });

describe('CBOR', () => {
  test('every half is decoded, and encoded to the same bits', () => {
    for (let bits = 0; bits <= 0xffff; bits++) {
      const value = decodeHalf(bits);
      if (Number.isNaN(value)) expect(halfBits(value)).toBe(0x7e00);
      else if (halfBits(value) !== bits) expect(halfBits(value)).toBe(bits);
    }
  });

  test('numbers', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.float(), fc.maxSafeInteger()), (value) => {
        expect(Number(readNumber(readerOf(written((writer) => writeNumber(writer, value)))))).toBe(value);
      }),
      { numRuns: 1000 },
    );
  });

  test('a float is as short as it can be: no shorter width holds it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.double(), fc.float()), (value) => {
        const hex = toHex(written((writer) => writeNumber(writer, value)));
        if (hex.startsWith('fb')) expect(Math.fround(value)).not.toBe(value);
        if (hex.startsWith('fa')) expect(halfBits(value)).toBe(-1);
      }),
    );
  });

  test('integers of 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }), (value) => {
        expect(BigInt(readInteger(readerOf(written((writer) => writeBigint(writer, value)))))).toBe(value);
      }),
    );
  });

  test('text and bytes', () => {
    fc.assert(
      fc.property(anyText, fc.uint8Array({ maxLength: 300 }), (text, bytes) => {
        const reader = readerOf(
          written((writer) => {
            writeHead(writer, MajorType.ARRAY, 2);
            writeText(writer, text);
            writeBytes(writer, bytes);
          }),
        );
        expect(begin(reader, MajorType.ARRAY)).toBe(2);
        expect(readText(reader)).toBe(text);
        expect(readBytes(reader)).toEqual(bytes);
        finishReading(reader);
      }),
    );
  });

  test('any bytes are read or rejected, and what is read was well-formed', () => {
    const read = ['number', 'text', 'bytes', 'boolean', 'integer', 'skip'] as const;
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 32 }), fc.constantFrom(...read), (bytes, method) => {
        const reader = readerOf(bytes);
        try {
          if (method === 'skip') skipItem(reader);
          else READ[method](reader);
        } catch (error) {
          if (!DecodeError.is(error)) throw error;
          return;
        }
        const check = readerOf(bytes);
        skipItem(check);
        expect(check.offset).toBe(reader.offset);
      }),
      { numRuns: 3000 },
    );
  });
});
