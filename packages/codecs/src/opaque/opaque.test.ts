import { fromHex } from '@motestack/bytes';
import { objectLookup, parsePath } from '@motestack/model';
import { describe, expect, test } from 'vitest';
import type { PayloadContext } from '../payload-context.ts';
import { decodeOpaque, encodeOpaque } from './opaque.ts';

const lookup = objectLookup([
  {
    id: 5,
    name: 'FirmwareUpdate',
    resources: {
      package: { id: 0, type: 'Opaque', operations: 'W' },
      packageUri: { id: 1, type: 'String', operations: 'RW' },
      keys: { id: 2, type: 'Opaque', operations: 'RW', multiple: true },
    },
  },
]);
const at = (path: string): PayloadContext => ({ path: parsePath(path), lookup });
const bytes = fromHex('00ff10');

describe('opaque', () => {
  test.each(['/5/0/0', '/5/0/2/3', '/9/0/1'])('%s is read and written', (path) => {
    const nodes = decodeOpaque(bytes, at(path));
    expect(nodes).toEqual([{ path: parsePath(path), value: bytes }]);
    expect(encodeOpaque(nodes, at(path))).toEqual(bytes);
  });

  test('the value read is a view, what is written is a copy', () => {
    expect(decodeOpaque(bytes, at('/5/0/0'))[0]?.value).toBe(bytes);
    expect(encodeOpaque([{ path: parsePath('/5/0/0'), value: bytes }], at('/5/0/0'))).not.toBe(bytes);
  });

  test('an empty payload is an empty value', () => {
    expect(decodeOpaque(new Uint8Array(0), at('/5/0/0'))[0]?.value).toEqual(new Uint8Array(0));
  });

  test('one value for a multiple resource is its instance 0, unless refused', () => {
    expect(decodeOpaque(bytes, at('/5/0/2'))[0]?.path).toEqual(parsePath('/5/0/2/0'));
    expect(() => decodeOpaque(bytes, { ...at('/5/0/2'), leniency: { singleForMultiple: false } })).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format', contentFormat: 42 }),
    );
  });

  test.each(['/', '/5', '/5/0', '/5/0/1'])('%s is not opaque', (path) => {
    expect(() => decodeOpaque(bytes, at(path))).toThrow(
      expect.objectContaining({ code: 'unsupported-content-format' }),
    );
    expect(() => encodeOpaque([{ path: parsePath(path), value: bytes }], at(path))).toThrow(
      expect.objectContaining({ code: 'not-acceptable' }),
    );
  });

  test('a value that is no bytes', () => {
    expect(() => encodeOpaque([{ path: parsePath('/5/0/0'), value: 'AP8Q' }], at('/5/0/0'))).toThrow(
      expect.objectContaining({ code: 'wrong-type' }),
    );
  });

  test('payloadBytesMax: at the limit and one past it', () => {
    expect(decodeOpaque(bytes, { ...at('/5/0/0'), limits: { payloadBytesMax: 3 } })).toHaveLength(1);
    expect(() => decodeOpaque(bytes, { ...at('/5/0/0'), limits: { payloadBytesMax: 2 } })).toThrow(
      expect.objectContaining({ name: 'DecodeError', code: 'too-long' }),
    );
  });
});
