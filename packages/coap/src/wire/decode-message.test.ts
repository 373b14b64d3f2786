import { DecodeError, fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { formatCode } from './code.ts';
import { type DecodeMessageOptions, decodeMessage, OPTION_COUNT_MAX } from './decode-message.ts';
import { encodeMessage } from './encode-message.ts';
import type { Message } from './message.ts';
import { uintOption } from './option-access.ts';
import { rejectionOf } from './rejection-of.ts';

interface Row {
  id: string;
  title: string;
  kind: 'valid' | 'invalid' | 'semantic';
  hex?: string;
  parts?: { hex?: string; repeat?: string; times?: number }[];
  decoded?: Record<string, unknown>;
  optionUint?: Record<string, number>;
  requires?: string;
  withoutExtension?: { error: string };
  error?: 'message-format-error' | 'unknown-version' | 'too-short';
  action?: string;
}

const rows = vectors<{ vectors: Row[] }>('coap-messages').vectors;
const readableRows = rows.filter((row) => row.kind !== 'invalid');
const invalid = rows.filter((row) => row.kind === 'invalid');
const extended = rows.filter((row) => row.withoutExtension !== undefined);

const typeNames = ['CON', 'NON', 'ACK', 'RST'];

function bytesOf({ hex, parts }: Row): Uint8Array {
  if (hex !== undefined) return fromHex(hex);
  return fromHex((parts ?? []).map((part) => part.hex ?? part.repeat?.repeat(part.times ?? 0)).join(''));
}

function optionsOf({ requires }: Row): DecodeMessageOptions {
  return { extendedTokens: requires === 'RFC 8974' };
}

/** The form in which the vectors write messages; rows of long options tell only number and length. */
function readable(message: Message, decoded: Record<string, unknown> = {}): Record<string, unknown> {
  const [first] = message.options;
  const head = {
    type: typeNames[message.type],
    code: formatCode(message.code),
    mid: message.messageId,
    token: toHex(message.token),
    payload: toHex(message.payload),
  };
  if ('optionCount' in decoded) {
    const long = { optionNumber: first?.number, optionLength: first?.value.length };
    return { ...head, optionCount: message.options.length, ...long };
  }
  return { ...head, options: message.options.map(({ number, value }) => ({ number, value: toHex(value) })) };
}

/** A sound message encodes to bytes that decode to the same message; the vectors are all in their shortest form. */
function expectDecodedOrRejected(bytes: Uint8Array, options?: DecodeMessageOptions): void {
  try {
    const message = decodeMessage(bytes, options);
    expect(readable(decodeMessage(encodeMessage(message, options), options))).toEqual(readable(message));
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
  }
}

describe('decodeMessage', () => {
  test('every row is used', () => {
    expect(readableRows.length + invalid.length).toBe(rows.length);
    expect(extended.length).toBe(6);
  });

  test.each(readableRows)('$id $title', (row) => {
    const message = decodeMessage(bytesOf(row), optionsOf(row));
    expect(readable(message, row.decoded)).toEqual(row.decoded);
    expect(toHex(encodeMessage(message, optionsOf(row)))).toBe(toHex(bytesOf(row)));
    for (const [number, value] of Object.entries(row.optionUint ?? {})) {
      expect(uintOption(message, Number(number))).toBe(value);
    }
  });

  test.each(extended)('$id without the extension', (row) => {
    expect(() => decodeMessage(bytesOf(row))).toThrow(expect.objectContaining({ code: 'reserved-value', offset: 0 }));
  });

  test.each(invalid)('$id $title', (row) => {
    const bytes = bytesOf(row);
    expect(() => decodeMessage(bytes)).toThrow(DecodeError);
    const code = row.error === 'unknown-version' ? 'unknown-version' : expect.any(String);
    expect(() => decodeMessage(bytes)).toThrow(expect.objectContaining({ code }));
    const reset = Uint8Array.of(0x70, 0, bytes[2] ?? 0, bytes[3] ?? 0);
    expect(rejectionOf(bytes)).toEqual(row.action === 'reject with RST' ? reset : undefined);
  });

  // One row for each way to be wrong: what, and at which byte.
  test.each([
    ['', 'truncated', 0],
    ['400100', 'truncated', 3],
    ['80010001', 'unknown-version', 0],
    ['49010001', 'reserved-value', 0],
    ['44010001aabb', 'truncated', 6],
    ['41000001aa', 'bad-value', 0],
    ['41000001', 'bad-value', 0],
    ['4000000100', 'trailing-bytes', 4],
    ['40010001ff', 'empty-payload-after-marker', 4],
    ['40010001f0', 'reserved-value', 4],
    ['4001000110 0f', 'reserved-value', 5],
    ['40010001d0', 'truncated', 5],
    ['40010001e000', 'truncated', 6],
    ['400100011d', 'truncated', 5],
    ['400100011e00', 'truncated', 6],
    ['40010001dd00', 'truncated', 6],
    ['40010001b474656d', 'truncated', 8],
    ['40010001e0fef220', 'too-long', 7],
  ])('%s is refused', (hex, code, offset) => {
    expect(() => decodeMessage(fromHex(hex))).toThrow(expect.objectContaining({ code, offset }));
  });

  test.each(['4d010001', '4e010001', '4e01000100', '4901000100', '4d01000100', '4f010001'])(
    '%s is refused with extended tokens',
    (hex) => {
      expect(() => decodeMessage(fromHex(hex), { extendedTokens: true })).toThrow(DecodeError);
    },
  );

  test.each(rows.filter((row) => row.hex !== undefined))('every prefix of $id is decoded or rejected', (row) => {
    const bytes = bytesOf(row);
    for (let end = 0; end < bytes.length; end++) {
      expectDecodedOrRejected(bytes.subarray(0, end));
      expectDecodedOrRejected(bytes.subarray(0, end), { extendedTokens: true });
    }
  });

  test('a message in the middle of a buffer is decoded by itself', () => {
    const buffer = fromHex('ffff 44010203 aabbccdd b161 ff7a ffff');
    const message = decodeMessage(buffer.subarray(2, -2));
    expect(readable(message)).toEqual({
      type: 'CON',
      code: '0.01',
      mid: 0x0203,
      token: 'aabbccdd',
      options: [{ number: 11, value: '61' }],
      payload: '7a',
    });
  });

  test('parts are views of the datagram', () => {
    const bytes = fromHex('4101000101 b161 ff7a');
    const message = decodeMessage(bytes);
    bytes.fill(0x62, 4, 5);
    bytes.fill(0x62, 6);
    expect([message.token, message.payload].map(toHex)).toEqual(['62', '62']);
  });

  test('options are made once', () => {
    const message = decodeMessage(fromHex('40010001b161'));
    expect(message.options).toBe(message.options);
  });
});

describe('limits', () => {
  test('options', () => {
    const header = '40010001';
    const most = fromHex(`${header}b0${'00'.repeat(OPTION_COUNT_MAX - 1)}`);
    const oneMore = fromHex(`${header}b0${'00'.repeat(OPTION_COUNT_MAX)}`);
    expect(decodeMessage(most).options).toHaveLength(OPTION_COUNT_MAX);
    expect(() => decodeMessage(oneMore)).toThrow(expect.objectContaining({ code: 'too-many' }));
    expect(decodeMessage(oneMore, { optionCountMax: OPTION_COUNT_MAX + 1 }).options).toHaveLength(OPTION_COUNT_MAX + 1);
  });
});

describe('rejectionOf', () => {
  test.each([
    ['40010203', '70000203'],
    ['4f010203ff', '70000203'],
    ['50010203', undefined],
    ['60450203', undefined],
    ['70000203', undefined],
    ['80010203', undefined],
    ['400102', undefined],
    ['', undefined],
  ])('%s is answered with %s', (hex, answer) => {
    expect(rejectionOf(fromHex(hex))).toEqual(answer === undefined ? undefined : fromHex(answer));
  });
});
