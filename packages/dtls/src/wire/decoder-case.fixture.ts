import { DecodeError, fromHex, toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';

/** A decoder of a whole input, with what it has to take and to refuse. */
export interface DecoderCase {
  readonly name: string;
  readonly recode: (bytes: Uint8Array) => Uint8Array;
  readonly valid: Readonly<Record<string, string>>;
  /** Input to code and offset. */
  readonly invalid: Readonly<Record<string, readonly [hex: string, code: string, offset: number]>>;
}

function expectDecodedOrRejected(recode: DecoderCase['recode'], bytes: Uint8Array): void {
  try {
    expect(recode(bytes).length).toBeLessThanOrEqual(bytes.length);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    expect(error.offset).toBeLessThanOrEqual(bytes.length);
  }
}

/** The tests that every decoder gets. */
export function testDecoder({ recode, valid, invalid }: DecoderCase): void {
  test.each(Object.entries(valid))('%s comes out as it went in', (_name, hex) => {
    expect(toHex(recode(fromHex(hex)))).toBe(hex.replaceAll(' ', ''));
  });
  test.each(Object.entries(invalid))('%s is refused', (_name, [hex, code, offset]) => {
    expect(() => recode(fromHex(hex))).toThrow(expect.objectContaining({ name: 'DecodeError', code, offset }));
  });
  test.each(Object.entries(valid))('every prefix of %s is decoded or rejected', (_name, hex) => {
    const bytes = fromHex(hex);
    for (let end = 0; end < bytes.length; end++) expectDecodedOrRejected(recode, bytes.subarray(0, end));
  });
  test('any bytes are decoded or rejected', () => {
    const samples = Object.values(valid).map((hex) => [...fromHex(hex)]);
    // Plain noise seldom gets past the first field; a valid input with some bytes replaced does.
    const spoiled = fc
      .tuple(fc.constantFrom(...samples), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([sample, changes]) => {
        const bytes = Uint8Array.from(sample);
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 64 })), (bytes) =>
        expectDecodedOrRejected(recode, bytes),
      ),
    );
  });
}
