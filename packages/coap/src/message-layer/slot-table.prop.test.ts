import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SLOT_BYTES, SlotTable } from './slot-table.ts';

interface Entry {
  readonly serial: number;
  readonly messageId: number;
  readonly value: number;
}

const entry = fc.record({
  serial: fc.integer({ min: 1, max: 5 }),
  messageId: fc.oneof(fc.nat({ max: 30 }), fc.nat({ max: 0xffff })),
  value: fc.integer({ min: 0, max: 0xffff }),
});

function write(table: SlotTable, { serial, messageId, value }: Entry): void {
  const place = table.add(serial, messageId);
  const slots = table.slotsWith(place);
  const word = table.wordOf(place);
  slots.set([serial, (messageId << 16) | value, 0, 0], word);
}

function read(table: SlotTable, serial: number, messageId: number): number | undefined {
  const place = table.find(serial, messageId);
  return place < 0 ? undefined : (table.slotsWith(place)[table.wordOf(place) + 1] as number) & 0xffff;
}

test('holds what a map holds, also while its entries move, and counts each once', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 600 }), (entries) => {
      const table = new SlotTable();
      const model = new Map<string, Entry>();
      for (const one of entries) {
        const key = `${one.serial} ${one.messageId}`;
        expect(read(table, one.serial, one.messageId)).toBe(model.get(key)?.value);
        write(table, one);
        model.set(key, one);
        expect(table.count).toBe(model.size);
      }
      for (const { serial, messageId, value } of model.values()) expect(read(table, serial, messageId)).toBe(value);
    }),
  );
});

test('what is written to an entry before it moves is there afterwards', () => {
  const table = new SlotTable();
  const count = 43;
  for (let messageId = 0; messageId < count; messageId++) write(table, { serial: 1, messageId, value: 0 });
  // The 43rd crowded the 64 slots: from here on they move.
  for (let messageId = 0; messageId < count; messageId++) {
    const place = table.find(1, messageId);
    table.slotsWith(place)[table.wordOf(place) + 1] = (messageId << 16) | 7;
  }
  for (let messageId = count; messageId < 2 * count; messageId++) write(table, { serial: 1, messageId, value: 7 });
  for (let messageId = 0; messageId < 2 * count; messageId++) expect(read(table, 1, messageId)).toBe(7);
});

test('grows by what it says, gives the smaller table back, and is never more than two thirds full', () => {
  const table = new SlotTable();
  let most = 0;
  for (let messageId = 0; messageId < 0x10000; messageId++) {
    const expected = table.heldBytes + table.growth;
    write(table, { serial: 1, messageId, value: 0 });
    expect(table.heldBytes).toBeLessThanOrEqual(expected);
    most = Math.max(most, table.heldBytes);
  }
  expect(table.count * 3 * SLOT_BYTES).toBeLessThanOrEqual(table.heldBytes * 2);
  expect(table.heldBytes).toBe(0x20000 * SLOT_BYTES);
  expect(most).toBe(1.5 * table.heldBytes);
});
