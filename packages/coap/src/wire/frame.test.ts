import { DecodeError, fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCode } from './code.ts';
import { OPTION_COUNT_MAX } from './decode-message.ts';
import { decodeFrame, decodeWebSocketMessage, encodeFrame, encodeWebSocketMessage, FRAME_LENGTH_MAX } from './frame.ts';
import type { ReliableMessage } from './message.ts';

interface Row {
  id: string;
  title: string;
  kind: string;
  transport: 'tcp' | 'ws';
  hex?: string;
  parts?: { hex?: string; repeat?: string; times?: number }[];
  decoded?: Record<string, unknown>;
  frameLength?: number;
  error?: 'incomplete' | 'message-format-error';
  expect?: { frames?: string[]; code?: string; payload?: string };
}

const rows = vectors<{ tcp: Row[] }>('coap-messages').tcp;
const readableRows = rows.filter((row) => row.decoded !== undefined);
const incomplete = rows.filter((row) => row.error === 'incomplete');
const invalid = rows.filter((row) => row.error === 'message-format-error');
const streams = rows.filter((row) => row.expect?.frames !== undefined);
const webSocket = rows.filter((row) => row.transport === 'ws');

function bytesOf({ hex, parts }: Row): Uint8Array {
  if (hex !== undefined) return fromHex(hex);
  return fromHex((parts ?? []).map((part) => part.hex ?? part.repeat?.repeat(part.times ?? 0)).join(''));
}

/** The form in which the vectors write messages; rows of long payloads tell only their length. */
function readable(message: ReliableMessage, decoded: Record<string, unknown> = {}): Record<string, unknown> {
  const payload =
    'payloadLength' in decoded ? { payloadLength: message.payload.length } : { payload: toHex(message.payload) };
  return {
    code: formatCode(message.code),
    token: toHex(message.token),
    options: message.options.map(({ number, value }) => ({ number, value: toHex(value) })),
    ...payload,
  };
}

describe('decodeFrame', () => {
  test('every row is used', () => {
    const used = [readableRows, incomplete, invalid, streams, webSocket].flat();
    expect(new Set(used).size).toBe(rows.length);
  });

  test.each(readableRows)('$id $title', (row) => {
    const bytes = bytesOf(row);
    const frame = decodeFrame(bytes);
    if (frame === undefined) throw new Error('incomplete');
    expect(readable(frame.message, row.decoded)).toEqual(row.decoded);
    expect(frame.length).toBe(row.frameLength ?? bytes.length);
    expect(toHex(encodeFrame(frame.message))).toBe(toHex(bytes));
  });

  test.each(incomplete)('$id $title', (row) => {
    expect(decodeFrame(bytesOf(row))).toBeUndefined();
  });

  test.each(invalid)('$id $title', (row) => {
    expect(() => decodeFrame(bytesOf(row))).toThrow(DecodeError);
  });

  test.each(streams)('$id $title', (row) => {
    const frames: string[] = [];
    let rest = bytesOf(row);
    for (let frame = decodeFrame(rest); frame !== undefined; frame = decodeFrame(rest)) {
      frames.push(toHex(rest.subarray(0, frame.length)));
      rest = rest.subarray(frame.length);
    }
    expect(frames).toEqual(row.expect?.frames);
    expect(rest).toHaveLength(0);
  });

  test.each(readableRows.filter(({ hex }) => hex !== undefined))('every prefix of $id is incomplete', (row) => {
    const bytes = bytesOf(row);
    for (let end = 0; end < bytes.length; end++) expect(decodeFrame(bytes.subarray(0, end))).toBeUndefined();
  });

  test.each([
    ['09', 'reserved-value'],
    ['0f', 'reserved-value'],
    ['1045f0', 'reserved-value'],
    ['1045b1', 'truncated'],
    ['1045ff', 'empty-payload-after-marker'],
  ])('%s is refused', (hex, code) => {
    // A reserved token length is known as soon as the header is there.
    expect(() => decodeFrame(fromHex(hex.padEnd(4, '0')))).toThrow(expect.objectContaining({ code }));
  });

  test('an extended token is waited for, extension and all', () => {
    const message = { code: 1, token: new Uint8Array(300).fill(7), options: [], payload: new Uint8Array() };
    const bytes = encodeFrame(message, { extendedTokens: true });
    expect(toHex(bytes.subarray(0, 4))).toBe('0e01001f');
    for (const end of [0, 1, 2, 3, 4, 303]) {
      expect(decodeFrame(bytes.subarray(0, end), { extendedTokens: true })).toBeUndefined();
    }
    expect(decodeFrame(bytes, { extendedTokens: true })).toEqual({ message, length: 304 });
    expect(() => decodeFrame(bytes)).toThrow(expect.objectContaining({ code: 'reserved-value' }));
    expect(() => encodeFrame(message)).toThrow(RangeError);
  });
});

describe('decodeWebSocketMessage', () => {
  test.each(webSocket)('$id $title', (row) => {
    const message = decodeWebSocketMessage(bytesOf(row));
    expect(readable(message)).toMatchObject({ code: row.expect?.code, payload: row.expect?.payload });
    expect(toHex(encodeWebSocketMessage(message))).toBe(row.hex);
  });

  test.each([
    ['', 'truncated'],
    ['00', 'truncated'],
    ['0145', 'truncated'],
    ['104500', 'reserved-value'],
    ['094500', 'reserved-value'],
    ['0045ff', 'empty-payload-after-marker'],
  ])('%j is refused', (hex, code) => {
    expect(() => decodeWebSocketMessage(fromHex(hex))).toThrow(expect.objectContaining({ code }));
  });
});

describe('limits', () => {
  const tooLong = expect.objectContaining({ code: 'too-long' });

  test('a frame is refused for its length before it came', () => {
    const header = (length: number) => {
      const bytes = fromHex('f0 00000000 45');
      new DataView(bytes.buffer).setUint32(1, length - 65805);
      return bytes;
    };
    expect(decodeFrame(header(FRAME_LENGTH_MAX))).toBeUndefined();
    expect(() => decodeFrame(header(FRAME_LENGTH_MAX + 1))).toThrow(tooLong);
    expect(() => decodeFrame(fromHex('f0 ffffffff'))).toThrow(tooLong);
    expect(decodeFrame(fromHex('3045'), { lengthMax: 3 })).toBeUndefined();
    expect(() => decodeFrame(fromHex('4045'), { lengthMax: 3 })).toThrow(tooLong);
  });

  test('a WebSocket message', () => {
    const bytes = fromHex('0045 ff3132');
    expect(decodeWebSocketMessage(bytes, { lengthMax: 3 }).payload).toHaveLength(2);
    expect(() => decodeWebSocketMessage(bytes, { lengthMax: 2 })).toThrow(tooLong);
  });

  test('options', () => {
    const frame = (count: number) => {
      const options = Array.from({ length: count }, () => ({ number: 11, value: new Uint8Array() }));
      return encodeFrame({ code: 1, token: new Uint8Array(), options, payload: new Uint8Array() });
    };
    expect(decodeFrame(frame(OPTION_COUNT_MAX))?.message.options).toHaveLength(OPTION_COUNT_MAX);
    expect(() => decodeFrame(frame(OPTION_COUNT_MAX + 1))).toThrow(expect.objectContaining({ code: 'too-many' }));
    expect(() => decodeFrame(frame(3), { optionCountMax: 2 })).toThrow(DecodeError);
  });
});

describe('properties', () => {
  const message = fc.record({
    code: fc.nat(255),
    token: fc.uint8Array({ maxLength: 8 }),
    options: fc.array(fc.record({ number: fc.nat(0xffff), value: fc.uint8Array({ maxLength: 20 }) }), { maxLength: 4 }),
    payload: fc.uint8Array({ maxLength: 300 }),
  });

  test('what was encoded is decoded to the same message, whatever follows', () => {
    fc.assert(
      fc.property(message, fc.uint8Array({ maxLength: 4 }), (written, next) => {
        const options = written.options.toSorted((left, right) => left.number - right.number);
        const bytes = encodeFrame(written);
        const frame = decodeFrame(Uint8Array.from([...bytes, ...next]));
        expect(frame).toEqual({ message: { ...written, options }, length: bytes.length });
        expect(decodeWebSocketMessage(encodeWebSocketMessage(written))).toEqual({ ...written, options });
      }),
    );
  });

  test('any bytes are decoded, waited for or rejected', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.boolean(), (bytes, extendedTokens) => {
        for (const decode of [decodeFrame, decodeWebSocketMessage]) {
          try {
            decode(bytes, { extendedTokens });
          } catch (error) {
            if (!DecodeError.is(error)) throw error;
            expect(error.offset).toBeLessThanOrEqual(bytes.length);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
