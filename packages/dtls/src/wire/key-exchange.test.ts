import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { type DecoderCase, testDecoder } from './decoder-case.fixture.ts';
import {
  AUTHORITIES_MAX,
  BYTE_LIST,
  CHAIN_LENGTH_MAX,
  decodeCertificateChain,
  decodeCertificateRequest,
  decodeClientKeyExchange,
  decodeDigitallySigned,
  decodeNumberList,
  decodeRawPublicKey,
  decodeServerKeyExchange,
  encodeCertificateChain,
  encodeCertificateRequest,
  encodeClientKeyExchange,
  encodeDigitallySigned,
  encodeNumberList,
  encodeRawPublicKey,
  encodeServerEcdhParameters,
  encodeServerKeyExchange,
  type KeyExchangeForm,
  PSK_IDENTITY_BYTES_MAX,
  WIDE_LIST,
} from './index.ts';

const psk: KeyExchangeForm = { hasIdentity: true, hasPoint: false, isSigned: false };
const ecdhePsk: KeyExchangeForm = { hasIdentity: true, hasPoint: true, isSigned: false };
const ecdhe: KeyExchangeForm = { hasIdentity: false, hasPoint: true, isSigned: true };

const serverCase = (name: string, form: KeyExchangeForm, rest: Omit<DecoderCase, 'name' | 'recode'>): DecoderCase => ({
  name: `ServerKeyExchange of ${name}`,
  recode: (bytes) => {
    const { parameters, ...exchange } = decodeServerKeyExchange(bytes, form);
    const parameterBytes = parameters === undefined ? exchange.parameterBytes : encodeServerEcdhParameters(parameters);
    return encodeServerKeyExchange({ ...exchange, parameterBytes });
  },
  ...rest,
});
const clientCase = (name: string, form: KeyExchangeForm, rest: Omit<DecoderCase, 'name' | 'recode'>): DecoderCase => ({
  name: `ClientKeyExchange of ${name}`,
  recode: (bytes) => encodeClientKeyExchange(decodeClientKeyExchange(bytes, form)),
  ...rest,
});

const cases: readonly DecoderCase[] = [
  serverCase('PSK', psk, {
    valid: { 'a hint': '0003 646576', 'an empty hint': '0000' },
    invalid: { 'something behind it': ['0001 61 00', 'trailing-bytes', 3] },
  }),
  serverCase('ECDHE-PSK', ecdhePsk, {
    valid: { 'a hint and a key': '0001 68 03 0017 03 040506', 'no hint': '0000 03 001d 02 0102' },
    invalid: {
      'an explicit curve': ['0000 01 0017 01 04', 'bad-value', 2],
      'something behind it': ['0000 03 0017 01 04 00', 'trailing-bytes', 7],
    },
  }),
  serverCase('ECDHE with a signature', ecdhe, {
    valid: { 'a key and its signature': '03 0017 02 0405 0403 0003 aabbcc' },
    invalid: {
      'a curve by its characteristic': ['02 0017 01 04', 'bad-value', 0],
      'something behind the signature': ['03 0017 01 04 0403 0001 aa 00', 'trailing-bytes', 10],
    },
  }),
  clientCase('PSK', psk, {
    valid: { short: '0003 646576', empty: '0000', 'the longest': `0080 ${'61'.repeat(PSK_IDENTITY_BYTES_MAX)}` },
    invalid: {
      'an identity of one byte too many': [`0081 ${'61'.repeat(PSK_IDENTITY_BYTES_MAX + 1)}`, 'too-long', 0],
      'something behind it': ['0001 61 00', 'trailing-bytes', 3],
    },
  }),
  clientCase('ECDHE-PSK', ecdhePsk, {
    valid: { 'an identity and a key': '0001 64 03 040506' },
    invalid: { 'something behind it': ['0001 64 01 04 00', 'trailing-bytes', 5] },
  }),
  clientCase('ECDHE', ecdhe, {
    valid: { 'a key': '03 040506' },
    invalid: { 'something behind it': ['01 04 00', 'trailing-bytes', 2] },
  }),
  {
    name: 'CertificateVerify',
    recode: (bytes) => encodeDigitallySigned(decodeDigitallySigned(bytes)),
    valid: { 'ECDSA with SHA-256': '0403 0002 aabb', 'of an unknown scheme': '0202 0000' },
    invalid: { 'something behind it': ['0403 0001 aa 00', 'trailing-bytes', 5] },
  },
  {
    name: 'Certificate with X.509',
    recode: (bytes) => encodeCertificateChain(decodeCertificateChain(bytes)),
    valid: {
      none: '000000',
      two: '000009 000002 3000 000001 30',
      'the longest chain': `000028 ${'00000130'.repeat(CHAIN_LENGTH_MAX)}`,
    },
    invalid: {
      'an empty certificate': ['000003 000000', 'bad-value', 0],
      'one certificate too many': [`00002c ${'00000130'.repeat(CHAIN_LENGTH_MAX + 1)}`, 'too-many', 40],
      'something behind the list': ['000000 00', 'trailing-bytes', 3],
    },
  },
  {
    name: 'Certificate with a raw public key',
    recode: (bytes) => encodeRawPublicKey(decodeRawPublicKey(bytes)),
    valid: { none: '000000', 'a key': '000002 3000' },
    invalid: { 'something behind it': ['000001 30 00', 'trailing-bytes', 4] },
  },
  {
    name: 'CertificateRequest',
    recode: (bytes) => encodeCertificateRequest(decodeCertificateRequest(bytes)),
    valid: {
      'of any authority': '01 40 0002 0403 0000',
      'of two authorities': '02 0140 0004 0403 0401 0007 0002 3000 0001 30',
      'of as many as are read': `01 40 0002 0403 0300 ${'000130'.repeat(AUTHORITIES_MAX)}`,
    },
    invalid: {
      'of no kind': ['00 0002 0403 0000', 'bad-value', 0],
      'of half a scheme': ['01 40 0001 04 0000', 'bad-value', 2],
      'of one authority too many': [`01 40 0002 0403 0303 ${'000130'.repeat(AUTHORITIES_MAX + 1)}`, 'too-many', 768],
      'with something behind it': ['01 40 0002 0403 0000 00', 'trailing-bytes', 8],
    },
  },
  {
    name: 'list of groups',
    recode: (bytes) => encodeNumberList(decodeNumberList(bytes, WIDE_LIST), WIDE_LIST),
    valid: { two: '0004 0017 001d' },
    invalid: {
      empty: ['0000', 'bad-value', 0],
      'of half a number': ['0003 0017 00', 'bad-value', 0],
      'with something behind it': ['0002 0017 00', 'trailing-bytes', 4],
    },
  },
  {
    name: 'list of point formats',
    recode: (bytes) => encodeNumberList(decodeNumberList(bytes, BYTE_LIST), BYTE_LIST),
    valid: { one: '01 00', three: '03 00 01 02' },
    invalid: { empty: ['00', 'bad-value', 0] },
  },
];

describe.each(cases)('$name', testDecoder);

test('an identity of the longest kind, and one byte more', () => {
  const encode = (length: number): Uint8Array =>
    encodeClientKeyExchange({ identity: new Uint8Array(length), point: undefined });
  expect(encode(PSK_IDENTITY_BYTES_MAX)).toHaveLength(2 + PSK_IDENTITY_BYTES_MAX);
  expect(() => encode(PSK_IDENTITY_BYTES_MAX + 1)).toThrow(RangeError);
  const exchange = { parameterBytes: fromHex(''), signed: undefined };
  const hint = new Uint8Array(PSK_IDENTITY_BYTES_MAX + 1);
  expect(() => encodeServerKeyExchange({ ...exchange, identityHint: hint })).toThrow(RangeError);
});
