import { encodeUtf8, fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { InMemorySecurityStore, PSK_IDENTITY_BYTES_MAX, PSK_KEY_BYTES_MAX } from './in-memory-security-store.ts';
import type { DeviceCredentials } from './security-store.ts';

const key = fromHex('000102030405060708090a0b0c0d0e0f');
const psk = (identity: string | Uint8Array): DeviceCredentials => ({ kind: 'psk', identity, key });
const publicKey = fromHex('3059');

describe('InMemorySecurityStore', () => {
  test('finds by name, by identity and by key', () => {
    const store = new InMemorySecurityStore([
      { endpoint: 'a', credentials: psk('identity-a') },
      { endpoint: 'b', credentials: psk(fromHex('ff00')) },
      { endpoint: 'c', credentials: { kind: 'rawPublicKey', publicKey } },
      { endpoint: 'd', credentials: { kind: 'x509' } },
    ]);
    expect(store.findByPskIdentity(encodeUtf8('identity-a'))?.endpoint).toBe('a');
    expect(store.findByPskIdentity(fromHex('ff00'))?.endpoint).toBe('b');
    expect(store.findByPublicKey(publicKey)?.endpoint).toBe('c');
    expect(store.findByEndpoint('d')?.credentials).toEqual({ kind: 'x509' });
    expect([store.findByEndpoint('e'), store.findByPskIdentity(publicKey), store.findByPublicKey(key)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect([...store.devices()].map(({ endpoint }) => endpoint)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('what replaces credentials takes the old ones away', () => {
    const store = new InMemorySecurityStore([{ endpoint: 'a', credentials: psk('old') }]);
    store.set({ endpoint: 'a', credentials: psk('new') });
    expect([store.size, store.findByPskIdentity(encodeUtf8('old'))]).toEqual([1, undefined]);
    expect([store.remove('a'), store.remove('a'), store.size]).toEqual([true, false, 0]);
    expect(store.findByPskIdentity(encodeUtf8('new'))).toBeUndefined();
  });

  test.each<readonly [string, DeviceCredentials]>([
    ['an identity', psk('shared')],
    ['a public key', { kind: 'rawPublicKey', publicKey }],
    ['a common name', { kind: 'x509', commonName: 'a' }],
  ])('%s belongs to one name, and what was there stays', (_name, credentials) => {
    const store = new InMemorySecurityStore([
      { endpoint: 'a', credentials: credentials.kind === 'x509' ? { kind: 'x509' } : credentials },
      { endpoint: 'b', credentials: psk('own') },
    ]);
    expect(() => store.set({ endpoint: 'b', credentials })).toThrow(TypeError);
    expect(store.findByEndpoint('b')?.credentials).toMatchObject({ identity: 'own' });
  });

  test('keys are copies', () => {
    const mine = key.slice();
    const store = new InMemorySecurityStore([
      { endpoint: 'a', credentials: { kind: 'psk', identity: 'a', key: mine } },
    ]);
    mine.fill(0);
    expect(store.findByEndpoint('a')?.credentials).toMatchObject({ key });
  });

  test.each<readonly [string, number, number]>([
    ['PSK_IDENTITY_BYTES_MAX', PSK_IDENTITY_BYTES_MAX, 16],
    ['PSK_KEY_BYTES_MAX', 16, PSK_KEY_BYTES_MAX],
  ])('takes %s and not one more', (name, identityBytes, keyBytes) => {
    const more = (wanted: string): number => (wanted === name ? 1 : 0);
    const credentials = (identity: number, length: number): DeviceCredentials => ({
      kind: 'psk',
      identity: new Uint8Array(identity).fill(1),
      key: new Uint8Array(length),
    });
    const store = new InMemorySecurityStore([{ endpoint: 'a', credentials: credentials(identityBytes, keyBytes) }]);
    const past = credentials(identityBytes + more('PSK_IDENTITY_BYTES_MAX'), keyBytes + more('PSK_KEY_BYTES_MAX'));
    expect(() => store.set({ endpoint: 'b', credentials: past })).toThrow(RangeError);
  });

  test.each<DeviceCredentials>([
    psk(''),
    { kind: 'psk', identity: 'a', key: new Uint8Array(0) },
    { kind: 'rawPublicKey', publicKey: new Uint8Array(0) },
  ])('refuses what is empty: %j', (credentials) => {
    expect(() => new InMemorySecurityStore([{ endpoint: 'a', credentials }])).toThrow(RangeError);
  });
});
