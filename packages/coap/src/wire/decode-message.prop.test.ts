import { ByteReader, DecodeError } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeMessage, OPTION_COUNT_MAX } from './decode-message.ts';
import { encodedLengthMax, encodeMessage, encodeMessageInto } from './encode-message.ts';
import type { Message, MessageType, Option } from './message.ts';
import { stringOptions } from './option-access.ts';

/** The codec as one would write it without regard to speed: the measure for the one that is used. */
function decodeSlowly(bytes: Uint8Array): Message {
  const reader = new ByteReader(bytes, 'RFC 7252 §3');
  const first = reader.u8();
  const code = reader.u8();
  const messageId = reader.u16();
  if (first >>> 6 !== 1) throw reader.error('unknown-version', 0);
  const tokenLength = first & 0x0f;
  if (code === 0 && tokenLength > 0) throw reader.error('bad-value', 0);
  if (code === 0 && reader.remaining > 0) throw reader.error('trailing-bytes', 4);
  if (tokenLength > 8) throw reader.error('reserved-value', 0);
  const token = reader.take(tokenLength);
  const options: Option[] = [];
  let number = 0;
  let payload = new Uint8Array();
  while (reader.remaining > 0) {
    const header = reader.offset;
    const byte = reader.u8();
    if (byte === 0xff) {
      payload = new Uint8Array(reader.rest());
      if (payload.length === 0) throw reader.error('empty-payload-after-marker', header);
      break;
    }
    number += extended(reader, byte >>> 4);
    const value = reader.take(extended(reader, byte & 0x0f));
    if (number > 65535) throw reader.error('too-long', header);
    options.push({ number, value });
    if (options.length > OPTION_COUNT_MAX) throw reader.error('too-many');
  }
  return { type: ((first >>> 4) & 3) as MessageType, code, messageId, token, options, payload };
}

function extended(reader: ByteReader, nibble: number): number {
  if (nibble === 15) throw reader.error('reserved-value');
  if (nibble === 14) return reader.u16() + 269;
  return nibble === 13 ? reader.u8() + 13 : nibble;
}

function outcome(decode: (bytes: Uint8Array) => Message, bytes: Uint8Array): unknown {
  try {
    return plain(decode(bytes));
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return error.code;
  }
}

function plain({ type, code, messageId, token, options, payload }: Message): Message {
  const copies = options.map(({ number, value }) => ({ number, value: new Uint8Array(value) }));
  const [tokenCopy, payloadCopy] = [new Uint8Array(token), new Uint8Array(payload)];
  return { type, code, messageId, token: tokenCopy, options: copies, payload: payloadCopy };
}

const option = fc.record({
  number: fc.oneof(fc.nat(40), fc.nat(300), fc.nat(0xffff)),
  value: fc.oneof(fc.uint8Array({ maxLength: 14 }), fc.uint8Array({ minLength: 260, maxLength: 280 })),
});
const content = {
  type: fc.constantFrom<MessageType>(0, 1, 2, 3),
  code: fc.integer({ min: 1, max: 255 }),
  messageId: fc.nat(0xffff),
  options: fc.array(option, { maxLength: 8 }),
  payload: fc.uint8Array({ maxLength: 40 }),
};
const message = fc.record({ ...content, token: fc.uint8Array({ maxLength: 8 }) });
const long = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ minLength: 260, maxLength: 280, size: 'max' }));

function ascending(options: readonly Option[]): Option[] {
  return options.toSorted((left, right) => left.number - right.number);
}

/** Bytes that look like a message for longer than chance would have it. */
const almostMessage = fc.tuple(message, fc.nat(1000), fc.nat(255), fc.nat(1000)).map(([written, where, value, cut]) => {
  const bytes = encodeMessage(written);
  bytes[where % bytes.length] = value;
  return bytes.subarray(0, bytes.length - (cut % 5));
});

describe('message codec', () => {
  test('what was encoded is decoded to the same message, options in order', () => {
    fc.assert(
      fc.property(message, (written) => {
        const decoded = decodeMessage(encodeMessage(written));
        expect(plain(decoded)).toEqual({ ...written, options: ascending(written.options) });
      }),
    );
  });

  test('extended tokens too', () => {
    fc.assert(
      fc.property(fc.record({ ...content, token: long }), (written) => {
        const decoded = decodeMessage(encodeMessage(written, { extendedTokens: true }), { extendedTokens: true });
        expect(plain(decoded)).toEqual({ ...written, options: ascending(written.options) });
      }),
    );
  });

  test('any bytes are decoded or rejected as by the slow decoder', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), almostMessage), (bytes) => {
        expect(outcome(decodeMessage, bytes)).toEqual(outcome(decodeSlowly, bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes are decoded or rejected with extended tokens', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), almostMessage), (bytes) => {
        outcome((input) => decodeMessage(input, { extendedTokens: true }), bytes);
      }),
      { numRuns: 1000 },
    );
  });

  test('a message encoded into a buffer is the same bytes, and nothing around it is touched', () => {
    fc.assert(
      fc.property(message, fc.nat(8), (written, offset) => {
        const bytes = encodeMessage(written);
        expect(bytes.length).toBeLessThanOrEqual(encodedLengthMax(written));
        const buffer = new Uint8Array(offset + bytes.length + 3).fill(0xee);
        const end = encodeMessageInto(buffer, offset, written);
        expect(buffer.subarray(offset, end)).toEqual(bytes);
        expect([...buffer.subarray(0, offset), ...buffer.subarray(end)].every((byte) => byte === 0xee)).toBe(true);
      }),
    );
  });

  test('a buffer that is too small is refused, however small it is', () => {
    fc.assert(
      fc.property(message, fc.nat(1000), (written, size) => {
        const { length } = encodeMessage(written);
        const buffer = new Uint8Array(size % length);
        expect(() => encodeMessageInto(buffer, 0, written)).toThrow(RangeError);
      }),
    );
  });

  test('the texts of options are those that the options have', () => {
    const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(message, texts, (written, segments) => {
        const encoder = new TextEncoder();
        const path = segments.map((segment) => ({ number: 11, value: encoder.encode(segment) }));
        const others = written.options.filter(({ number }) => number !== 11);
        const complete = { ...written, options: [...path, ...others] };
        expect(stringOptions(decodeMessage(encodeMessage(complete)), 11)).toEqual(segments);
        expect(stringOptions(complete, 11)).toEqual(segments);
      }),
    );
  });
});
