import { describe, expect, test } from 'vitest';
import { OptionNumber } from '../wire/index.ts';
import { AmplificationLimit } from './amplification-limit.ts';
import { weakMac } from './mac.fixture.ts';

const [A, B, C] = ['192.0.2.1:5683', '192.0.2.2:5683', '192.0.2.3:5683'];

/** Remembers two addresses for a second. */
const limit = () => new AmplificationLimit({ mac: weakMac, verifiedPeersMax: 2, verifiedForMs: 1000 });

/** Lets an address show itself. */
function verify(guard: AmplificationLimit, peer: string, now: number): void {
  const value = guard.challenge(peer, [], now);
  expect(value).toBeDefined();
  const options = [{ number: OptionNumber.Echo, value: value ?? new Uint8Array(0) }];
  expect(guard.challenge(peer, options, now)).toBeUndefined();
}

describe('addresses that are verified (RFC 9175 §2.6)', () => {
  test('an address is challenged until the value comes back, and not again while it is heard', () => {
    const guard = limit();
    expect(guard.challenge(A, [], 0)).toHaveLength(14);
    expect(guard.count).toBe(0);
    verify(guard, A, 0);
    expect(guard.challenge(A, [], 900)).toBeUndefined();
    expect(guard.challenge(A, [], 1899)).toBeUndefined();
    expect(guard.challenge(A, [], 2899)).toBeDefined();
  });

  test('the value of one address does not verify another', () => {
    const guard = limit();
    const value = guard.challenge(A, [], 0) as Uint8Array;
    expect(guard.challenge(B, [{ number: OptionNumber.Echo, value }], 0)).toBeDefined();
  });

  test('verifiedPeersMax addresses are remembered; one more takes the place of that which was silent longest', () => {
    const guard = limit();
    verify(guard, A, 0);
    verify(guard, B, 1);
    expect([A, B].map((peer) => guard.challenge(peer, [], 2))).toEqual([undefined, undefined]);
    verify(guard, C, 3);
    expect(guard.count).toBe(2);
    expect(guard.challenge(B, [], 4)).toBeUndefined();
    expect(guard.challenge(A, [], 4)).toBeDefined();
  });

  test('nothing is left of addresses that are silent', () => {
    const guard = limit();
    verify(guard, A, 0);
    verify(guard, B, 5);
    expect(guard.nextAt).toBe(1000);
    guard.forget(1000);
    expect([guard.count, guard.nextAt]).toEqual([1, 1005]);
    guard.forget(1005);
    expect([guard.count, guard.nextAt]).toEqual([0, undefined]);
  });

  test.each([{ verifiedPeersMax: 0 }, { verifiedForMs: 0 }])('%o is refused', (wrong) => {
    expect(() => new AmplificationLimit({ mac: weakMac, ...wrong })).toThrow(RangeError);
  });
});
