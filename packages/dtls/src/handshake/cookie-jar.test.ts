import { fromHex } from '@motestack/bytes';
import { seededRandom, seededRandomSource } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { type ClientHello, decodeClientHelloHead, encodeClientHello } from '../wire/index.ts';
import { CookieJar } from './cookie-jar.ts';

const first: ClientHello = {
  version: 0xfefd,
  random: new Uint8Array(32).fill(1),
  sessionId: new Uint8Array(32).fill(2),
  cookie: fromHex(''),
  cipherSuites: [0xc0a8],
  compressionMethods: Uint8Array.of(0),
  extensions: [],
};
const address = '192.0.2.1:5684';

describe('the cookie of a ClientHello (RFC 6347 §4.2.1)', () => {
  const jar = new CookieJar(nodeCryptoProvider, seededRandomSource(seededRandom(1)), 30_000);
  const cookie = jar.cookieFor(address, decodeClientHelloHead(encodeClientHello(first)), 0);
  const isGood = (changed: Partial<ClientHello>): boolean =>
    jar.isGood(address, decodeClientHelloHead(encodeClientHello({ ...first, cookie, ...changed })), 0);

  test('it is good for the same hello', () => {
    expect(isGood({})).toBe(true);
  });
  test('it is good under another session id, which mbedTLS draws beside a ticket', () => {
    expect(isGood({ sessionId: new Uint8Array(32).fill(3) })).toBe(true);
    expect(isGood({ sessionId: fromHex('') })).toBe(true);
  });
  test.each([
    ['version', { version: 0xfeff }],
    ['random', { random: new Uint8Array(32).fill(4) }],
    ['suites', { cipherSuites: [0xc0a8, 0xc0a4] }],
    ['compression methods', { compressionMethods: Uint8Array.of(1, 0) }],
  ] as const)('it is not good for another %s', (_name, changed) => {
    expect(isGood(changed)).toBe(false);
  });
});
