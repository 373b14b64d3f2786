import { fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import type { KeyAgreementGroup } from '../crypto-provider.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { CipherSuiteId, cipherSuiteOf, defaultCipherSuites } from '../record/cipher-suite.ts';
import { DtlsPair, kindsOf, type Passing } from './dtls-pair.fixture.ts';
import { optionsFor } from './handshake-shapes.fixture.ts';

const groups: readonly KeyAgreementGroup[] = ['p-256', 'p-384', 'x25519'];
const ecdhePsk = CipherSuiteId.EcdhePskAes128Ccm8Sha256;

/** Where the number of the server's group stands in its ServerKeyExchange. */
const replaced =
  (from: string, to: string) =>
  (passing: Passing): Uint8Array[] => [fromHex(toHex(passing.bytes).replace(from, to))];

describe('groups', () => {
  test.each(groups)('%s, with ECDHE-PSK and with signed keys', (group) => {
    for (const suite of [ecdhePsk, CipherSuiteId.EcdheEcdsaAes128Ccm8]) {
      const pair = new DtlsPair(optionsFor(suite, [group])).connect();
      expect(pair.say('01').heard()).toEqual(['01']);
    }
  });
  test('the server chooses by its own order', () => {
    const options = {
      ...optionsFor(ecdhePsk, ['p-256', 'p-384']),
      server: { groups: ['x25519', 'p-384', 'p-256'] as const },
    };
    const pair = new DtlsPair(options).connect();
    // The parameters: a named curve, 24, and a point of 97 bytes.
    expect(pair.sent.some(({ bytes }) => toHex(bytes).includes('03001861'))).toBe(true);
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
  });
  test('none in common: a suite without them, or handshake_failure', () => {
    const server = { groups: ['p-384'] as const };
    const alone = new DtlsPair({ ...optionsFor(ecdhePsk, ['p-256']), server }).connect();
    expect(alone.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 40 }]);
    const client = { groups: ['p-256'] as const, cipherSuites: [ecdhePsk, CipherSuiteId.PskAes128Ccm8] };
    const other = new DtlsPair({ client, server }).connect();
    expect(other.clientEvents).toMatchObject([{ cipherSuite: { id: CipherSuiteId.PskAes128Ccm8 } }]);
  });
  test('a server that takes another group than was offered is told illegal_parameter', () => {
    const pair = new DtlsPair({ ...optionsFor(ecdhePsk, ['p-256']), pass: replaced('03001741', '03001841') }).connect();
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-sent', alert: 47 }]);
  });
  test('points in no common format are illegal_parameter (RFC 8422 §5.1.2)', () => {
    const pair = new DtlsPair({ ...optionsFor(ecdhePsk), pass: replaced('000b00020100', '000b00020101') }).connect();
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 47 }]);
  });
});

describe('points', () => {
  test.each([
    ['p-256', 'no point of the curve', `04${'11'.repeat(64)}`],
    ['p-256', 'a compressed one', `02${'11'.repeat(32)}`],
    ['p-256', 'infinity', '00'],
    ['p-256', 'nothing', ''],
    ['p-384', 'no point of the curve', `04${'22'.repeat(96)}`],
    ['x25519', 'zero, which gives zeros to everybody', '00'.repeat(32)],
    ['x25519', 'one, of small order', `01${'00'.repeat(31)}`],
    ['x25519', 'one byte less', '11'.repeat(31)],
  ] as const)('%s: %s is refused', (group, _name, point) => {
    expect(nodeCryptoProvider.createKeyAgreement(group).sharedSecret(fromHex(point))).toBeUndefined();
  });
  test.each(groups)('%s: both sides come to the same secret, and to none after its end', (group) => {
    const [one, other] = [nodeCryptoProvider.createKeyAgreement(group), nodeCryptoProvider.createKeyAgreement(group)];
    const secret = one.sharedSecret(other.publicKey);
    expect(secret?.length).toBe(group === 'p-384' ? 48 : 32);
    expect(secret).toEqual(other.sharedSecret(one.publicKey));
    one.destroy();
    expect(one.sharedSecret(other.publicKey)).toBeUndefined();
  });
});

describe('CBC', () => {
  const suite = CipherSuiteId.EcdhePskAes128CbcSha256;
  /** Turns the extension into one that nobody knows. */
  const pass = ({ to, bytes }: Passing): Uint8Array[] =>
    to === 'server' && bytes[13] === 1 ? [fromHex(toHex(bytes).replace('00160000', '7a7a0000'))] : [bytes];
  test('without encrypt-then-MAC is no suite at all', () => {
    const pair = new DtlsPair({ ...optionsFor(suite), pass }).connect();
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 40 }]);
  });
  test('where both allow it by name, nobody can take encrypt-then-MAC away unnoticed', () => {
    const options = optionsFor(suite);
    const dangerouslyAllowCbcWithoutEncryptThenMac = true;
    const client = { ...options.client, dangerouslyAllowCbcWithoutEncryptThenMac };
    const pair = new DtlsPair({ client, server: { dangerouslyAllowCbcWithoutEncryptThenMac }, pass }).connect();
    expect(kindsOf(pair.advance(200_000).clientEvents)).toEqual(['ended']);
    expect(pair.server.stats()).toMatchObject({ associations: 0, handshakes: 0 });
  });
});

test('a suite that the platform lacks is neither offered nor chosen', () => {
  const provider = { ...nodeCryptoProvider, supports: (algorithm: string) => !algorithm.startsWith('chacha') };
  const offered = CipherSuiteId.PskChaCha20Poly1305;
  expect(() => new DtlsPair({ client: { provider, cipherSuites: [offered] } })).toThrow(RangeError);
  const pair = new DtlsPair({ client: { cipherSuites: [offered] }, server: { provider } }).connect();
  expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 40 }]);
});

test('every suite has the name of the registry', () => {
  expect(defaultCipherSuites.map((id) => cipherSuiteOf(id)?.name)).toContain('TLS_ECDHE_PSK_WITH_AES_128_CCM_8_SHA256');
  expect(new Set(defaultCipherSuites).size).toBe(Object.keys(CipherSuiteId).length);
});
