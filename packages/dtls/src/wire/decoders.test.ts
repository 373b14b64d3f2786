import { ByteReader, fromHex } from '@motestack/bytes';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DecoderCase, testDecoder } from './decoder-case.fixture.ts';
import {
  decodeAlert,
  decodeClientHello,
  decodeHandshakeFragments,
  decodeHelloVerifyRequest,
  decodeMaxFragmentLength,
  decodeNewSessionTicket,
  decodeRecord,
  decodeRecordSizeLimit,
  decodeServerHello,
  decodeServerName,
  decodeShortOpaque,
  EXTENSIONS_MAX,
  encodeAlert,
  encodeClientHello,
  encodeHandshakeFragment,
  encodeHelloVerifyRequest,
  encodeNewSessionTicket,
  encodeRecord,
  encodeRecordSizeLimit,
  encodeServerHello,
  encodeServerName,
  encodeShortOpaque,
  RECORD_FRAGMENT_BYTES_MAX,
  SEQUENCE_MAX,
  SERVER_NAME_BYTES_MAX,
} from './index.ts';

const random = '5a'.repeat(32);
const extensions = (count: number): string => {
  const body = Array.from({ length: count }, (_, index) => `${(index + 100).toString(16).padStart(4, '0')}0000`);
  return (count * 4).toString(16).padStart(4, '0') + body.join('');
};
const MESSAGE_BYTES_MAX = 24;

const cases: readonly DecoderCase[] = [
  {
    name: 'record size limit',
    recode: (bytes) => encodeRecordSizeLimit(decodeRecordSizeLimit(bytes)),
    valid: { least: '0040', most: '4000', 'more than the protocol has': 'ffff' },
    invalid: { 'something behind it': ['004000', 'trailing-bytes', 2] },
  },
  {
    name: 'max fragment length',
    recode: (bytes) => Uint8Array.of(decodeMaxFragmentLength(bytes)),
    valid: { '2^9': '01', 'a number that nobody knows': '05' },
    invalid: { 'something behind it': ['0100', 'trailing-bytes', 1] },
  },
  {
    name: 'record',
    recode: (bytes) => encodeRecord(decodeRecord(new ByteReader(bytes, 'test'), 2)),
    valid: {
      'plain handshake': '16 fefd 0000 000000000007 0003 010203',
      'DTLS 1.0 framing': '14 feff 0000 000000000000 0001 01',
      'the last sequence number': '17 fefd ffff ffffffffffff 0000',
      'with a connection ID': '19 fefd 0001 000000000001 c1d2 0002 aabb',
    },
    invalid: {
      'heartbeat, which nobody asked for': ['18 fefd 0000 000000000000 0000', 'reserved-value', 0],
      'TLS version': ['16 0303 0000 000000000000 0000', 'unknown-version', 1],
      'DTLS 1.3': ['16 fefc 0000 000000000000 0000', 'unknown-version', 1],
      'one byte too long': ['16 fefd 0000 000000000000 4801', 'too-long', 11],
      'longer than the datagram': ['16 fefd 0000 000000000000 0002 01', 'truncated', 14],
    },
  },
  {
    name: 'handshake fragments',
    recode: (bytes) => {
      const parts = decodeHandshakeFragments(bytes, MESSAGE_BYTES_MAX).map(encodeHandshakeFragment);
      return Uint8Array.from(parts.flatMap((part) => [...part]));
    },
    valid: {
      'one whole': '01 000002 0000 000000 000002 0303',
      'a part in the middle': '0b 000018 0001 000004 000002 0303',
      'an empty message': '0e 000000 0002 000000 000000',
      'two in one record': '0e 000000 0002 000000 000000 10 000001 0003 000000 000001 07',
    },
    invalid: {
      'a message one byte past the limit': ['01 000019 0000 000000 000000', 'too-long', 1],
      'a part that ends behind the message': ['01 000002 0000 000001 000002 0303', 'bad-value', 6],
      nothing: ['', 'truncated', 0],
    },
  },
  {
    name: 'ClientHello',
    recode: (bytes) => encodeClientHello(decodeClientHello(bytes)),
    valid: {
      'without extensions': `fefd ${random} 00 00 0002 c0a8 01 00`,
      'with session id, cookie and extensions': `fefd ${random} 02 0102 03 aabbcc 0004 c0a8 00ff 01 00 0009 0017 0000 ff01 0001 00`,
      'as many extensions as are taken': `fefd ${random} 00 00 0002 c0a8 01 00 ${extensions(EXTENSIONS_MAX)}`,
    },
    invalid: {
      'a session id of 33 bytes': [`fefd ${random} 21 ${'00'.repeat(33)}`, 'too-long', 34],
      'no cipher suite': [`fefd ${random} 00 00 0000 01 00`, 'bad-value', 36],
      'half a cipher suite': [`fefd ${random} 00 00 0003 c0a800 01 00`, 'bad-value', 36],
      'no compression method': [`fefd ${random} 00 00 0002 c0a8 00`, 'bad-value', 40],
      'an extension twice': [`fefd ${random} 00 00 0002 c0a8 01 00 0008 0017 0000 0017 0000`, 'duplicate', 48],
      'an extension that passes the end of the list': [
        `fefd ${random} 00 00 0002 c0a8 01 00 0004 0017 0001 00`,
        'bad-value',
        48,
      ],
      'something behind the extensions': [
        `fefd ${random} 00 00 0002 c0a8 01 00 0004 0017 0000 00`,
        'trailing-bytes',
        48,
      ],
      'one extension too many': [
        `fefd ${random} 00 00 0002 c0a8 01 00 ${extensions(EXTENSIONS_MAX + 1)}`,
        'too-many',
        44 + 4 * EXTENSIONS_MAX,
      ],
    },
  },
  {
    name: 'ServerHello',
    recode: (bytes) => encodeServerHello(decodeServerHello(bytes)),
    valid: {
      'without extensions': `fefd ${random} 00 c0a8 00`,
      'with session id and extensions': `fefd ${random} 01 09 c0a8 00 0004 0017 0000`,
    },
    invalid: {
      'a session id of 33 bytes': [`fefd ${random} 21 ${'00'.repeat(33)} c0a8 00`, 'too-long', 34],
      'something behind the extensions': [`fefd ${random} 00 c0a8 00 0000 00`, 'trailing-bytes', 40],
    },
  },
  {
    name: 'HelloVerifyRequest',
    recode: (bytes) => encodeHelloVerifyRequest(decodeHelloVerifyRequest(bytes)),
    valid: { 'with a cookie': 'feff 03 aabbcc', 'with an empty cookie': 'feff 00' },
    invalid: { 'something behind the cookie': ['feff 01 aa 00', 'trailing-bytes', 4] },
  },
  {
    name: 'alert',
    recode: (bytes) => encodeAlert(decodeAlert(bytes)),
    valid: { close_notify: '01 00', handshake_failure: '02 28', 'one nobody knows': '02 fe' },
    invalid: { 'a level of 3': ['03 00', 'bad-value', 0], 'something behind it': ['01 00 00', 'trailing-bytes', 2] },
  },
  {
    name: 'NewSessionTicket',
    recode: (bytes) => encodeNewSessionTicket(decodeNewSessionTicket(bytes)),
    valid: { 'a ticket': '00000e10 0003 aabbcc', 'none after all': '00000000 0000' },
    invalid: { 'something behind it': ['00000e10 0001 aa bb', 'trailing-bytes', 7] },
  },
  {
    name: 'server name',
    recode: (bytes) => encodeServerName(decodeServerName(bytes)),
    valid: {
      'a name': '000e 00 000b 6578616d706c652e636f6d',
      'the longest': `0102 00 00ff ${'61'.repeat(SERVER_NAME_BYTES_MAX)}`,
    },
    invalid: {
      'another kind of name': ['0004 01 0001 61', 'reserved-value', 2],
      'an empty name': ['0003 00 0000', 'bad-value', 5],
      'a name that is not ASCII': ['0005 00 0002 c3bc', 'bad-value', 5],
      'one byte too long': [`0103 00 0100 ${'61'.repeat(SERVER_NAME_BYTES_MAX + 1)}`, 'too-long', 5],
      'two names': ['0008 00 0001 61 00 0001 62', 'duplicate', 6],
      'a name that passes the end of the list': ['0003 00 0001 61', 'bad-value', 0],
      'something behind the list': ['0004 00 0001 61 00', 'trailing-bytes', 6],
    },
  },
  {
    name: 'opaque<0..255>',
    recode: (bytes) => encodeShortOpaque(decodeShortOpaque(bytes)),
    valid: { empty: '00', 'two bytes': '02 c1d2' },
    invalid: { 'something behind it': ['01 c1 d2', 'trailing-bytes', 2] },
  },
];

describe.each(cases)('$name', testDecoder);

describe('limits of encoders', () => {
  test('a record of the largest fragment, and one byte more', () => {
    const record = {
      contentType: 23,
      version: 0xfefd,
      epoch: 1,
      sequence: 0,
      connectionId: new Uint8Array(0),
    } as const;
    const largest = encodeRecord({ ...record, fragment: new Uint8Array(RECORD_FRAGMENT_BYTES_MAX) });
    expect(decodeRecord(new ByteReader(largest, 'test'), 0).fragment.length).toBe(RECORD_FRAGMENT_BYTES_MAX);
    const fragment = new Uint8Array(RECORD_FRAGMENT_BYTES_MAX + 1);
    expect(() => encodeRecord({ ...record, fragment })).toThrow(RangeError);
  });
  test('a record number and an epoch past the last one', () => {
    const fragment = new Uint8Array(0);
    const record = { contentType: 23, version: 0xfefd, connectionId: fragment, fragment } as const;
    expect(() => encodeRecord({ ...record, epoch: 1, sequence: SEQUENCE_MAX + 1 })).toThrow(RangeError);
    expect(() => encodeRecord({ ...record, epoch: 0x1_0000, sequence: 0 })).toThrow(RangeError);
    expect(encodeRecord({ ...record, epoch: 0xffff, sequence: SEQUENCE_MAX })).toHaveLength(13);
  });
  test('a record with a connection ID is not understood where none was given out', () => {
    const bytes = fromHex('19 fefd 0001 000000000001 c1d2 0002 aabb');
    expect(() => decodeRecord(new ByteReader(bytes, 'test'), 0)).toThrow(
      expect.objectContaining({ code: 'reserved-value', offset: 0 }),
    );
  });
});

describe('round trips', () => {
  const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ maxLength });
  const distinct = fc.uniqueArray(fc.record({ type: fc.nat(0xffff), data: bytes(8) }), {
    selector: ({ type }) => type,
    maxLength: 5,
  });
  const fixed = fc.uint8Array({ minLength: 32, maxLength: 32 });
  test('ClientHello', () => {
    const hellos = fc.record({
      version: fc.nat(0xffff),
      random: fixed,
      sessionId: bytes(32),
      cookie: bytes(255),
      cipherSuites: fc.array(fc.nat(0xffff), { minLength: 1, maxLength: 20 }),
      compressionMethods: fc.uint8Array({ minLength: 1, maxLength: 3 }),
      extensions: distinct,
    });
    fc.assert(
      fc.property(hellos, (hello) => {
        expect(decodeClientHello(encodeClientHello(hello))).toEqual(hello);
      }),
    );
  });
  test('ServerHello', () => {
    const hellos = fc.record({
      version: fc.nat(0xffff),
      random: fixed,
      sessionId: bytes(32),
      cipherSuite: fc.nat(0xffff),
      compressionMethod: fc.nat(255),
      extensions: distinct,
    });
    fc.assert(
      fc.property(hellos, (hello) => {
        expect(decodeServerHello(encodeServerHello(hello))).toEqual(hello);
      }),
    );
  });
  test('record', () => {
    const records = fc.record({
      contentType: fc.constantFrom(20, 21, 22, 23),
      version: fc.constantFrom(0xfeff, 0xfefd),
      epoch: fc.nat(0xffff),
      sequence: fc.maxSafeNat().map((value) => value % 2 ** 48),
      connectionId: fc.constant(new Uint8Array(0)),
      fragment: bytes(40),
    });
    fc.assert(
      fc.property(records, (record) => {
        expect(decodeRecord(new ByteReader(encodeRecord(record), 'test'), 0)).toEqual(record);
      }),
    );
  });
});
