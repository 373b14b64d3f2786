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
  test('extended master secret', () => {
    const { secret, seed, output } = vectorOf('psk-ems');
    expect(toHex(extendedMasterSecret(derivation, fromHex(secret), fromHex(seed)))).toBe(output);
  });
  test('key block', () => {
    const { secret, output } = vectorOf('psk-keyblock');
    const keys = keyBlock(derivation, fromHex(secret), randoms);
    const parts = [keys.clientWriteKey, keys.serverWriteKey, keys.clientWriteIv, keys.serverWriteIv];
    expect(parts.map(({ length }) => length)).toEqual([16, 16, 4, 4]);
    expect(parts.map(toHex).join('')).toBe(output);
  });
  test.each(['client', 'server'] as const)('verify_data of the %s', (sender) => {
    const { secret, seed, output } = vectorOf(`fin-${sender}`);
    expect(toHex(verifyData(derivation, fromHex(secret), sender, fromHex(seed)))).toBe(output);
  });
});
