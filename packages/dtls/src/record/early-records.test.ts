import { expect, test } from 'vitest';
import { EarlyRecords } from './early-records.ts';

const record = (bytes: number) =>
  ({
    contentType: 22,
    version: 0xfefd,
    epoch: 1,
    sequence: 0,
    connectionId: new Uint8Array(0),
    fragment: new Uint8Array(bytes).fill(1),
  }) as const;

test('earlyRecordsMax records and data together, and one more', () => {
  const early = new EarlyRecords({ earlyRecordsMax: 3, earlyBytesMax: 1000 });
  expect([early.keepRecord(record(1)), early.keepRecord(record(1))]).toEqual([true, true]);
  early.keepData(Uint8Array.of(1));
  early.keepData(Uint8Array.of(2));
  expect(early.keepRecord(record(1))).toBe(false);
  expect(early.takeRecords()).toHaveLength(2);
  expect(early.takeRecords()).toHaveLength(0);
  expect(early.takeData()).toEqual([Uint8Array.of(1)]);
});

test('earlyBytesMax bytes, and one more', () => {
  const early = new EarlyRecords({ earlyRecordsMax: 10, earlyBytesMax: 10 });
  expect(early.keepRecord(record(6))).toBe(true);
  expect(early.keepRecord(record(5))).toBe(false);
  expect(early.keepRecord(record(4))).toBe(true);
  early.clear();
  expect(early.takeRecords()).toEqual([]);
});
