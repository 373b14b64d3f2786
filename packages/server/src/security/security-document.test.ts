import { encodeUtf8, fromHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatSecurityDocument, parseSecurityDocument } from './security-document.ts';

describe('security documents', () => {
  test('what is written is read', () => {
    const devices = [
      { endpoint: 'a', credentials: { kind: 'psk', identity: encodeUtf8('ä'), key: fromHex('00ff') } },
      { endpoint: 'b', credentials: { kind: 'psk', identity: fromHex('ff00'), key: fromHex('01') } },
      { endpoint: 'c', credentials: { kind: 'rawPublicKey', publicKey: fromHex('3059') } },
      { endpoint: 'd', credentials: { kind: 'x509', commonName: 'e' } },
    ] as const;
    expect(parseSecurityDocument(formatSecurityDocument(devices))).toEqual(devices);
  });

  test.each([
    ['no JSON', '{"key": "secret'],
    ['no record', '[]'],
    ['no version', '{"devices":[]}'],
    ['another version', '{"version":2,"devices":[]}'],
    ['no list', '{"version":1}'],
    ['no endpoint', '{"version":1,"devices":[{"x509":{}}]}'],
    ['no credentials', '{"version":1,"devices":[{"endpoint":"a"}]}'],
    [
      'two kinds of credentials',
      '{"version":1,"devices":[{"endpoint":"a","x509":{},"rawPublicKey":{"publicKeyHex":"00"}}]}',
    ],
    ['no key', '{"version":1,"devices":[{"endpoint":"a","psk":{"identity":"a"}}]}'],
    ['half a byte', '{"version":1,"devices":[{"endpoint":"a","psk":{"identity":"a","keyHex":"secre"}}]}'],
    ['no identity', '{"version":1,"devices":[{"endpoint":"a","psk":{"keyHex":"00"}}]}'],
    ['a name that is none', '{"version":1,"devices":[{"endpoint":"a","x509":{"commonName":1}}]}'],
    ['nothing', '{"version":1,"devices":[null]}'],
  ])('%s is refused, and not quoted', (_name, text) => {
    expect(() => parseSecurityDocument(text)).toThrow(TypeError);
    expect(() => parseSecurityDocument(text)).not.toThrow(/secre/);
  });

  test('any text is read or refused', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          parseSecurityDocument(text);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
        }
      }),
    );
  });
});
