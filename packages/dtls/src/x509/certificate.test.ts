import { X509Certificate } from 'node:crypto';
import { DecodeError, fromHex, toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Certificate, decodeCertificate, NAME_PARTS_MAX, SERIAL_BYTES_MAX } from './certificate.ts';
import {
  ALTERNATIVE_NAMES_MAX,
  CERTIFICATE_EXTENSIONS_MAX,
  decodeCertificateExtensions,
} from './certificate-extensions.ts';
import { DerReader, DerTag, primitiveContextTag } from './der-reader.ts';
import { readBoolean, readNamedBits, readSmallInteger, readTime } from './der-values.ts';
import { der, integer, oid, sequence, text, time } from './der-writer.fixture.ts';
import { device, extension, type Issued, intermediate, issue, root, server } from './issued-certificate.fixture.ts';

const rsa = issue({ name: 'RSA', kind: 'rsa' });

function expectDecodedOrRejected(bytes: Uint8Array): Certificate | undefined {
  try {
    return decodeCertificate(bytes);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}

describe('a certificate', () => {
  test.each([root, intermediate, server, device, rsa])('says what node:crypto reads in it', ({ bytes, publicKey }) => {
    const ours = decodeCertificate(bytes);
    const theirs = new X509Certificate(bytes);
    expect(toHex(ours.publicKey)).toBe(toHex(publicKey));
    expect(theirs.subject).toBe(`CN=${ours.commonName}`);
    expect([ours.notBeforeMs, ours.notAfterMs]).toEqual([Date.parse(theirs.validFrom), Date.parse(theirs.validTo)]);
    expect(ours.extensions.basicConstraints?.isAuthority ?? false).toBe(theirs.ca);
    const names = ours.extensions.alternativeNames?.dnsNames.map((name) => `DNS:${name}`).join(', ');
    expect(names).toBe(theirs.subjectAltName);
  });
  test('cut anywhere it is refused', () => {
    for (let end = 0; end < server.bytes.length; end++)
      expect(expectDecodedOrRejected(server.bytes.subarray(0, end))).toBeUndefined();
  });
  test('with a byte behind it, it is refused', () => {
    expect(expectDecodedOrRejected(Uint8Array.of(...server.bytes, 0))).toBeUndefined();
  });
  test('with any byte changed it is read or refused', () => {
    fc.assert(
      fc.property(fc.nat(server.bytes.length - 1), fc.nat(255), (at, value) => {
        expectDecodedOrRejected(server.bytes.map((byte, index) => (index === at ? value : byte)));
      }),
      { numRuns: 3000 },
    );
  });
  test('any bytes are read or refused, and 20,000 elements within each other cost nothing', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void expectDecodedOrRejected(bytes)));
    expect(expectDecodedOrRejected(fromHex('3080'.repeat(20_000)))).toBeUndefined();
  });
});

describe('limits', () => {
  /** A certificate of which a part is replaced by another of the same or another length: only the reader sees it. */
  const withName = (parts: number): Issued['bytes'] => {
    const part = sequence(oid('550403'), text(DerTag.Utf8String, 'x'));
    const name = sequence(...Array.from({ length: parts }, () => der(DerTag.Set, part)));
    return certificateWith({ subject: name });
  };
  const certificateWith = (replaced: { subject?: Uint8Array; serial?: Uint8Array }): Uint8Array => {
    const algorithm = sequence(oid('2a8648ce3d040302'));
    const name = sequence();
    const serial = replaced.serial ?? integer(1);
    const validity = sequence(time(0), time(0));
    const body = sequence(serial, algorithm, name, validity, replaced.subject ?? name, server.publicKey);
    return sequence(body, algorithm, fromHex('030100'));
  };
  test('NAME_PARTS_MAX parts of a name, and one more', () => {
    expect(decodeCertificate(withName(NAME_PARTS_MAX)).commonName).toBe('x');
    expect(() => decodeCertificate(withName(NAME_PARTS_MAX + 1))).toThrow(
      expect.objectContaining({ code: 'too-many' }),
    );
  });
  test('a serial number of SERIAL_BYTES_MAX bytes, and one more', () => {
    const serial = (length: number): Uint8Array =>
      certificateWith({ serial: der(DerTag.Integer, new Uint8Array(length).fill(1)) });
    expect(decodeCertificate(serial(SERIAL_BYTES_MAX)).commonName).toBeUndefined();
    expect(() => decodeCertificate(serial(SERIAL_BYTES_MAX + 1))).toThrow(
      expect.objectContaining({ code: 'too-long' }),
    );
  });
  test('CERTIFICATE_EXTENSIONS_MAX extensions, and one more; each once', () => {
    const list = (count: number): Uint8Array =>
      sequence(
        ...Array.from({ length: count }, (_, index) =>
          extension(`2a03${index.toString(16).padStart(2, '0')}`, sequence()),
        ),
      );
    expect(decodeCertificateExtensions(list(CERTIFICATE_EXTENSIONS_MAX)).hasUnknownCritical).toBe(false);
    expect(() => decodeCertificateExtensions(list(CERTIFICATE_EXTENSIONS_MAX + 1))).toThrow(
      expect.objectContaining({ code: 'too-many' }),
    );
    const twice = sequence(extension('2a03', sequence()), extension('2a03', sequence()));
    expect(() => decodeCertificateExtensions(twice)).toThrow(expect.objectContaining({ code: 'duplicate' }));
  });
  test.each([
    [
      'names',
      '551d11',
      (count: number) => sequence(...Array.from({ length: count }, () => text(primitiveContextTag(2), 'a'))),
    ],
    [
      'usages',
      '551d25',
      (count: number) =>
        sequence(...Array.from({ length: count }, (_, at) => oid(`2a03${at.toString(16).padStart(2, '0')}`))),
    ],
  ])('ALTERNATIVE_NAMES_MAX %s, and one more', (_name, type, value) => {
    const list = (count: number): Uint8Array => sequence(extension(type, value(count)));
    expect(decodeCertificateExtensions(list(ALTERNATIVE_NAMES_MAX)).hasUnknownCritical).toBe(false);
    expect(() => decodeCertificateExtensions(list(ALTERNATIVE_NAMES_MAX + 1))).toThrow(
      expect.objectContaining({ code: 'too-many' }),
    );
  });
});

describe('DER', () => {
  const reader = (hex: string): DerReader => new DerReader(fromHex(hex), 'test');
  test.each([
    ['an indefinite length', '3080 0000', 'bad-value'],
    ['a length in more bytes than it needs', '308101 00', 'bad-value'],
    ['a length in three bytes with a zero before it', `3083000080${'00'.repeat(128)}`, 'bad-value'],
    ['a length in four bytes', '308400000001 00', 'bad-value'],
    ['more than there is', '3002 00', 'truncated'],
    ['a tag beyond one byte', '3f8101 00', 'reserved-value'],
    ['another tag', '0200', 'bad-type'],
  ])('%s is refused', (_name, hex, code) => {
    expect(() => reader(hex).take(DerTag.Sequence)).toThrow(expect.objectContaining({ code }));
  });
  test.each(['0101 01', '0100', '0102 ffff'])('the boolean %s is refused', (hex) => {
    expect(() => readBoolean(reader(hex))).toThrow(DecodeError);
  });
  test.each(['0201 80', '0200', '0202 0001', '0205 0100000000'])('the small integer %s is refused', (hex) => {
    expect(() => readSmallInteger(reader(hex))).toThrow(DecodeError);
  });
  test.each(['0300', '0301 01', '0302 0800', '0304 00000000'])('the named bits %s are refused', (hex) => {
    expect(() => readNamedBits(reader(hex))).toThrow(DecodeError);
  });
  test('bits are counted from the first', () => {
    expect([...readNamedBits(reader('0302 0284'))]).toEqual([0, 5]);
    expect([...readNamedBits(reader('0303 070080'))]).toEqual([8]);
  });
  const timeOf = (tag: number, value: string): number => readTime(new DerReader(text(tag, value), 'test'));
  test.each([
    [DerTag.UtcTime, '491231235959Z', Date.UTC(2049, 11, 31, 23, 59, 59)],
    [DerTag.UtcTime, '500101000000Z', Date.UTC(1950, 0, 1)],
    [DerTag.GeneralizedTime, '20500101000000Z', Date.UTC(2050, 0, 1)],
    [DerTag.GeneralizedTime, '99991231235959Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    [DerTag.UtcTime, '240229000000Z', Date.UTC(2024, 1, 29)],
  ])('time %i %s', (tag, value, epochMs) => {
    expect(timeOf(tag, value)).toBe(epochMs);
  });
  test.each([
    [DerTag.UtcTime, '230229000000Z'],
    [DerTag.UtcTime, '2301010000Z'],
    [DerTag.UtcTime, '230101000000+0100'],
    [DerTag.UtcTime, '231301000000Z'],
    [DerTag.GeneralizedTime, '20230101000000.5Z'],
    [DerTag.GeneralizedTime, '20230101000000Zx'],
    [DerTag.Utf8String, '230101000000Z'],
  ])('no time: %i %s', (tag, value) => {
    expect(() => timeOf(tag, value)).toThrow(DecodeError);
  });
});
