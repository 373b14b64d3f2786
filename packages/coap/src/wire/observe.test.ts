import { fromHex, toHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNewerNotification, OBSERVE_SEQUENCE_MAX, ObserveRequest } from './observe.ts';
import { decodeUint, encodeUint } from './uint.ts';

interface Row {
  id: string;
  v1: number;
  t1: number;
  v2: number;
  t2: number;
  newer: boolean;
}

const file = vectors<{ observeFreshness: Row[]; observeOption: { id: string; hex: string; uint: number }[] }>(
  'coap-messages',
);

describe('isNewerNotification', () => {
  test.each(file.observeFreshness)('$id', ({ v1, t1, v2, t2, newer }) => {
    const [newest, incoming] = [
      { sequence: v1, receivedAt: t1 * 1000 },
      { sequence: v2, receivedAt: t2 * 1000 },
    ];
    expect(isNewerNotification(newest, incoming)).toBe(newer);
  });

  test('of two that came together at most one is newer', () => {
    const sequence = fc.nat(OBSERVE_SEQUENCE_MAX);
    fc.assert(
      fc.property(sequence, sequence, fc.nat(1_000_000), (one, other, receivedAt) => {
        const [left, right] = [
          { sequence: one, receivedAt },
          { sequence: other, receivedAt },
        ];
        expect(isNewerNotification(left, right) && isNewerNotification(right, left)).toBe(false);
      }),
    );
  });
});

describe('the Observe option', () => {
  test.each(file.observeOption)('$id', ({ hex, uint }) => {
    expect(decodeUint(fromHex(hex))).toBe(uint);
    expect(toHex(encodeUint(uint))).toBe(hex);
  });

  test('constants', () => {
    const [register, deregister, most] = file.observeOption.map(({ uint }) => uint);
    expect([register, deregister]).toEqual([ObserveRequest.Register, ObserveRequest.Deregister]);
    expect(most).toBe(OBSERVE_SEQUENCE_MAX);
  });
});
