import { describe, expect, test } from 'vitest';
import { OptionNumber } from '../wire/index.ts';
import { EchoValues } from './echo-values.ts';
import { weakMac } from './mac.fixture.ts';

const [PEER, OTHER] = ['192.0.2.1:5683', '192.0.2.2:5683'];

const request = (peer: string, value: Uint8Array) => ({ peer, options: [{ number: OptionNumber.Echo, value }] });

describe('Echo values (RFC 9175 §2.3)', () => {
  const echo = new EchoValues({ mac: weakMac, lifetimeMs: 1000 });
  const value = echo.issue(PEER, 5000.5);

  test('a value is fresh within its lifetime, for its peer', () => {
    expect(value).toHaveLength(14);
    expect(echo.isFresh(request(PEER, value), 5001)).toBe(true);
    expect(echo.isFresh(request(PEER, value), 5999)).toBe(true);
    expect(echo.isFresh(request(PEER, value), 6000)).toBe(false);
    expect(echo.isFresh(request(OTHER, value), 5001)).toBe(false);
  });

  test('without a value, with one from the future, or with any bit changed, nothing is fresh', () => {
    expect(echo.isFresh({ peer: PEER, options: [] }, 5001)).toBe(false);
    expect(echo.isFresh(request(PEER, value), 4999)).toBe(false);
    for (let bit = 0; bit < value.length * 8; bit++) {
      const forged = value.slice();
      forged[bit >>> 3] = (forged[bit >>> 3] as number) ^ (1 << (bit & 7));
      expect(echo.isFresh(request(PEER, forged), 5001)).toBe(false);
    }
    expect(echo.isFresh(request(PEER, value.subarray(1)), 5001)).toBe(false);
  });

  test('times beyond 32 bits are kept whole', () => {
    const late = 2 ** 40 + 123;
    expect(echo.isFresh(request(PEER, echo.issue(PEER, late)), late + 999)).toBe(true);
    expect(echo.isFresh(request(PEER, echo.issue(PEER, late)), late + 1000)).toBe(false);
  });

  test('a challenge is 4.01 with a value', () => {
    const { code, options } = echo.challenge(PEER, 5000);
    expect(code).toBe(0x81);
    expect(echo.isFresh({ peer: PEER, options: options ?? [] }, 5001)).toBe(true);
  });

  test.each([{ lifetimeMs: 0 }, { mac: () => new Uint8Array(7) }])('%o is refused', (wrong) => {
    expect(() => new EchoValues({ mac: weakMac, ...wrong })).toThrow(RangeError);
  });
});
