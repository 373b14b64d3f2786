import { fromHex, toHex } from '@motestack/bytes';
import { seededRandom, seededRandomSource } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { psk } from '../both-sides/dtls-pair.fixture.ts';
import { clientKey, serverKey } from '../both-sides/handshake-shapes.fixture.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { resolveParameters } from '../parameters.ts';
import { CipherSuiteId, defaultCipherSuites } from '../record/cipher-suite.ts';
import { defaultGroups, type Extension, ExtensionType, encodeServerHello } from '../wire/index.ts';
import { type Choice, type ClientHandshakeInit, choiceOf, offeredExtensions, offeredSuites } from './client-offer.ts';
import type { HandshakeContext } from './handshake-role.ts';
import { type Offer, offerOf, type ServerHandshakeInit } from './server-offer.ts';

const context: HandshakeContext = {
  provider: nodeCryptoProvider,
  random: seededRandomSource(seededRandom(5)),
  parameters: resolveParameters(),
  cipherSuites: defaultCipherSuites,
  groups: defaultGroups,
  certificate: undefined,
  peerForms: [],
  dangerouslyAllowCbcWithoutEncryptThenMac: false,
  keyLog: undefined,
};
const client: ClientHandshakeInit = {
  ...context,
  psk,
  connectionId: undefined,
  serverName: '',
  keepsSessions: false,
  answersPathChecks: true,
  session: undefined,
};
const keyed: ClientHandshakeInit = { ...client, certificate: clientKey, peerForms: ['rawPublicKey', 'x509'] };
const empty = fromHex('');

function choice(init: ClientHandshakeInit, cipherSuite: number, extensions: readonly Extension[]): Choice {
  const hello = { version: 0xfefd, random: new Uint8Array(32), sessionId: empty, compressionMethod: 0 };
  const offering = { ...init, cipherSuites: offeredSuites(init) };
  const body = encodeServerHello({ ...hello, cipherSuite, extensions });
  return choiceOf(offering, offeredExtensions(offering), body);
}

const taking = (recordBytesMax: number): ClientHandshakeInit => ({
  ...client,
  parameters: resolveParameters({ recordBytesMax }),
});
const ext = (type: number, hex = ''): Extension => ({ type, data: fromHex(hex) });

describe('what a client offers', () => {
  const typesOf = (init: ClientHandshakeInit): number[] =>
    offeredExtensions({ ...init, cipherSuites: offeredSuites(init) }).map(({ type }) => type);
  test('with a pre-shared key alone: nothing of keys and signatures', () => {
    expect(typesOf(client)).toEqual([
      ExtensionType.ExtendedMasterSecret,
      ExtensionType.RenegotiationInfo,
      ExtensionType.SupportedGroups,
      ExtensionType.EcPointFormats,
      ExtensionType.EncryptThenMac,
      ExtensionType.RecordSizeLimit,
    ]);
    expect(offeredSuites({ ...client, psk: undefined })).toEqual([]);
  });
  test('plain PSK with CCM: nothing of groups either', () => {
    const cipherSuites = [CipherSuiteId.PskAes128Ccm8];
    expect(typesOf({ ...client, cipherSuites })).toEqual([
      ExtensionType.ExtendedMasterSecret,
      ExtensionType.RenegotiationInfo,
      ExtensionType.RecordSizeLimit,
    ]);
  });
  test.each([
    [2 ** 14, ['4000']],
    [4096, ['1000', '04']],
    [4095, ['0fff', '03']],
    [512, ['0200', '01']],
    [511, ['01ff']],
    [64, ['0040']],
  ])('records of %s bytes: in the new way, and in the old one if there is one (RFC 8449 §5)', (bytes, expected) => {
    const types: number[] = [ExtensionType.RecordSizeLimit, ExtensionType.MaxFragmentLength];
    const offered = offeredExtensions(taking(bytes)).filter(({ type }) => types.includes(type));
    expect(offered.map(({ data }) => toHex(data))).toEqual(expected);
  });
  test('forms of keys, unless they are X.509 alone (RFC 7250 §4.1)', () => {
    const types = [ExtensionType.ServerCertificateType, ExtensionType.ClientCertificateType];
    expect(typesOf(keyed)).toEqual(expect.arrayContaining(types));
    const certificate = { ...clientKey, forms: ['x509'] } as const;
    for (const type of types) expect(typesOf({ ...keyed, certificate, peerForms: ['x509'] })).not.toContain(type);
  });
});

describe('what a client takes', () => {
  const cbc = CipherSuiteId.PskAes128CbcSha256;
  const ecdsa = CipherSuiteId.EcdheEcdsaAes128Ccm8;
  const ccm = CipherSuiteId.PskAes128Ccm8;
  test.each([
    ['CBC without encrypt-then-MAC', client, cbc, [], 71],
    ['encrypt-then-MAC for an AEAD', client, CipherSuiteId.PskAes128Ccm8, [ext(22)], 47],
    ['encrypt-then-MAC with contents', client, cbc, [ext(22, '00')], 50],
    ['points in no format that it knows', client, cbc, [ext(11, '0101'), ext(22)], 47],
    ['a suite for which it has no credential', client, ecdsa, [], 47],
    ['groups, which a server does not send', client, cbc, [ext(10, '00020017')], 110],
    [
      'a form of the server that it cannot judge',
      { ...keyed, peerForms: ['rawPublicKey'] },
      ecdsa,
      [ext(20, '00')],
      47,
    ],
    ['two forms', keyed, ecdsa, [ext(20, '0200')], 50],
    ['a form that it does not have', keyed, ecdsa, [ext(19, '00')], 47],
    ['a form that nobody has', keyed, ecdsa, [ext(20, '01')], 47],
    ['records of 63 bytes', client, ccm, [ext(28, '003f')], 47],
    ['records of 2^14 + 1 bytes', client, ccm, [ext(28, '4001')], 47],
    ['two limits of records', taking(512), ccm, [ext(28, '0040'), ext(1, '01')], 47],
    ['another fragment length than it asked for', taking(512), ccm, [ext(1, '02')], 47],
    ['a fragment length that it did not ask for', client, ccm, [ext(1, '01')], 110],
  ] as const)('not %s', (_name, init, suite, extensions, alert) => {
    expect(() => choice(init, suite, extensions)).toThrow(expect.objectContaining({ name: 'HandshakeError', alert }));
  });
  test('CBC without encrypt-then-MAC where that is allowed by name', () => {
    const init = { ...client, dangerouslyAllowCbcWithoutEncryptThenMac: true };
    expect(choice(init, cbc, [])).toMatchObject({ encryptThenMac: false });
    expect(choice(init, cbc, [ext(22)])).toMatchObject({ encryptThenMac: true });
  });
  test('limits of records: each its own (RFC 8449), or one for both (RFC 6066 §4)', () => {
    expect(choice(taking(512), ccm, [ext(28, '0040')])).toMatchObject({
      recordLimits: { sendBytesMax: 64, receiveBytesMax: 512, isForAll: false },
      fragmentLengthCode: 0,
    });
    expect(choice(taking(700), ccm, [ext(1, '01')])).toMatchObject({
      recordLimits: { sendBytesMax: 512, receiveBytesMax: 512, isForAll: true },
      fragmentLengthCode: 1,
    });
    expect(choice(taking(700), ccm, [])).toMatchObject({ recordLimits: undefined, fragmentLengthCode: 0 });
  });
  test('the forms that were agreed on, X.509 where nothing was said', () => {
    expect(choice(keyed, ecdsa, [ext(20, '02'), ext(19, '02')])).toMatchObject({
      serverForm: 'rawPublicKey',
      clientForm: 'rawPublicKey',
    });
    expect(choice(keyed, ecdsa, [])).toMatchObject({ serverForm: 'x509', clientForm: 'x509' });
  });
});

describe('what a server chooses', () => {
  const server: Omit<ServerHandshakeInit, 'hello' | 'message'> = {
    ...context,
    certificate: serverKey,
    acceptsPsk: true,
    clientAuthentication: 'none',
    identityHint: undefined,
    connectionId: undefined,
    serverName: '',
    knowsServerName: false,
    resumption: undefined,
  };
  function offer(
    init: Partial<ServerHandshakeInit>,
    suites: readonly number[],
    extensions: readonly Extension[],
  ): Offer {
    const random = new Uint8Array(32);
    const hello = {
      ...{ version: 0xfefd, random, sessionId: empty, cookie: empty, compressionMethods: Uint8Array.of(0) },
      cipherSuites: suites,
      extensions,
    };
    return offerOf({ ...server, ...init, hello, message: { type: 1, messageSequence: 1, body: empty } });
  }
  const ecdsa = [CipherSuiteId.EcdheEcdsaAes128Ccm8];
  const signatures = ext(13, '00020403');
  const bare = ext(20, '0102');
  test('a client that says nothing of groups gets P-256', () => {
    expect(offer({}, [CipherSuiteId.EcdhePskAes128Ccm8Sha256], [])).toMatchObject({ group: 'p-256' });
  });
  test('a client that knows no signature of ours gets another suite, or none', () => {
    expect(() => offer({}, ecdsa, [bare])).toThrow(expect.objectContaining({ alert: 40 }));
    expect(() => offer({}, ecdsa, [bare, ext(13, '00020203')])).toThrow(expect.objectContaining({ alert: 40 }));
    const both = [...ecdsa, CipherSuiteId.PskAes128Ccm];
    expect(offer({}, both, [bare])).toMatchObject({ cipherSuite: { id: CipherSuiteId.PskAes128Ccm } });
    expect(offer({}, both, [bare, signatures])).toMatchObject({
      algorithm: 'ecdsa-sha256',
      serverForm: 'rawPublicKey',
    });
  });
  test('an EC key is not shown for a suite of RSA', () => {
    const suites = [CipherSuiteId.EcdheRsaAes128GcmSha256];
    expect(() => offer({}, suites, [bare, ext(13, '000404030401')])).toThrow(expect.objectContaining({ alert: 40 }));
  });
  test('without pre-shared keys there is no suite of them', () => {
    const suites = [CipherSuiteId.PskAes128Ccm8];
    expect(() => offer({ acceptsPsk: false }, suites, [])).toThrow(expect.objectContaining({ alert: 40 }));
  });
  test('CBC without encrypt-then-MAC where that is allowed by name', () => {
    const suites = [CipherSuiteId.PskAes128CbcSha256];
    expect(() => offer({}, suites, [])).toThrow(expect.objectContaining({ alert: 40 }));
    const allowed = { dangerouslyAllowCbcWithoutEncryptThenMac: true };
    expect(offer(allowed, suites, [])).toMatchObject({ encryptThenMac: false });
    expect(offer(allowed, suites, [ext(22)])).toMatchObject({ encryptThenMac: true });
  });
  const ccm = [CipherSuiteId.PskAes128Ccm8];
  test.each([
    ['records of 63 bytes', [ext(28, '003f')], 47],
    ['fragments of no length', [ext(1, '00')], 47],
    ['a fragment length that nobody knows', [ext(1, '05')], 47],
  ])('not %s', (_name, extensions, alert) => {
    expect(() => offer({}, ccm, extensions)).toThrow(expect.objectContaining({ name: 'HandshakeError', alert }));
  });
  test('limits of records: the old extension counts only without the new one (RFC 8449 §5)', () => {
    const answersOf = (extensions: readonly Extension[], recordBytesMax = 2 ** 14): string[] =>
      offer({ parameters: resolveParameters({ recordBytesMax }) }, ccm, extensions).answers.map(
        ({ type, data }) => `${type} ${toHex(data)}`,
      );
    expect(answersOf([])).toEqual([]);
    expect(answersOf([ext(28, '0040')])).toEqual(['28 4000']);
    expect(answersOf([ext(28, 'ffff'), ext(1, '01')], 100)).toEqual(['28 0064']);
    expect(answersOf([ext(1, '04')])).toEqual(['1 04']);
    expect(offer({}, ccm, [ext(28, 'ffff')])).toMatchObject({ recordLimits: { sendBytesMax: 2 ** 14 } });
  });
  test('a client has to have a form that can be judged, where it has to show a key', () => {
    const required = { clientAuthentication: 'required', peerForms: ['rawPublicKey'] } as const;
    expect(() => offer(required, ecdsa, [bare, signatures])).toThrow(expect.objectContaining({ alert: 43 }));
    const offered = [bare, signatures, ext(19, '020002')];
    expect(offer(required, ecdsa, offered)).toMatchObject({ clientForm: 'rawPublicKey' });
    expect(
      offer({ ...required, clientAuthentication: 'wanted' }, ecdsa, [bare, signatures]).clientForm,
    ).toBeUndefined();
  });
});
