import { fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import {
  extendedMasterSecret,
  type KeyDerivation,
  keyBlock,
  masterSecret,
  prf,
  pskPremasterSecret,
  verifyData,
} from './key-derivation.ts';

interface PrfVector {
  readonly id: string;
  readonly secret: string;
  readonly label: string;
  readonly seed: string;
  readonly length: number;
  readonly output: string;
  readonly psk?: string;
  readonly premaster?: string;
  readonly ecdhShared?: string;
  readonly clientRandom?: string;
  readonly serverRandom?: string;
}

const suite = vectors<{ prf: readonly PrfVector[] }>('prf');
const derivation: KeyDerivation = { provider: nodeCryptoProvider, hash: 'sha256' };

function vectorOf(id: string): PrfVector {
  const found = suite.prf.find((vector) => vector.id === id);
  if (found === undefined) throw new Error(`no vector ${id}`);
  return found;
}

test.each(suite.prf)('prf: $id', ({ secret, label, seed, length, output }) => {
  expect(toHex(prf(derivation, fromHex(secret), label, [fromHex(seed)], length))).toBe(output);
});

describe('what the handshake derives', () => {
  const master = vectorOf('psk-master');
  const randoms = [fromHex(master.clientRandom ?? ''), fromHex(master.serverRandom ?? '')] as const;
  test('premaster and master secret of a PSK', () => {
    const premaster = pskPremasterSecret(fromHex(master.psk ?? ''));
    expect(toHex(premaster)).toBe(master.premaster);
    expect(toHex(masterSecret(derivation, premaster, randoms))).toBe(master.output);
  });
  test('premaster and master secret of a PSK with an ephemeral key (RFC 5489 §2)', () => {
    const { psk = '', ecdhShared = '', premaster: expected, output } = vectorOf('ecdhe-psk-master');
    const premaster = pskPremasterSecret(fromHex(psk), fromHex(ecdhShared));
    expect(toHex(premaster)).toBe(expected);
    expect(toHex(masterSecret(derivation, premaster, randoms))).toBe(output);
  });
  test('MAC keys come first, then keys, then the parts of nonces (RFC 5246 §6.3)', () => {
    const lengths = { macKeyBytes: 3, keyBytes: 5, ivBytes: 2 };
    const { client, server } = keyBlock(derivation, Uint8Array.of(1), randoms, lengths);
    const seed = [randoms[1], randoms[0]];
    const whole = prf(derivation, Uint8Array.of(1), 'key expansion', seed, 20);
    const parts = [client.macKey, server.macKey, client.key, server.key, client.iv, server.iv];
    expect(parts.map(toHex).join('')).toBe(toHex(whole));
    expect(parts.map(({ length }) => length)).toEqual([3, 3, 5, 5, 2, 2]);
  });
  test('extended master secret', () => {
    const { secret, seed, output } = vectorOf('psk-ems');
    expect(toHex(extendedMasterSecret(derivation, fromHex(secret), fromHex(seed)))).toBe(output);
  });
  test('key block', () => {
    const { secret, output } = vectorOf('psk-keyblock');
    const lengths = { macKeyBytes: 0, keyBytes: 16, ivBytes: 4 };
    const { client, server } = keyBlock(derivation, fromHex(secret), randoms, lengths);
    const parts = [client.key, server.key, client.iv, server.iv];
    expect(parts.map(({ length }) => length)).toEqual([16, 16, 4, 4]);
    expect(parts.map(toHex).join('')).toBe(output);
  });
  test.each(['client', 'server'] as const)('verify_data of the %s', (sender) => {
    const { secret, seed, output } = vectorOf(`fin-${sender}`);
    expect(toHex(verifyData(derivation, fromHex(secret), sender, fromHex(seed)))).toBe(output);
  });
});
