import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HandshakeFragment } from '../wire/index.ts';
import { HandshakeInbox } from './handshake-inbox.ts';

const limits = { messagesAheadMax: 3, reassemblyBytesMax: 100 };

function fragment(messageSequence: number, length: number, offset: number, size: number): HandshakeFragment {
  const body = Uint8Array.from({ length: size }, (_, index) => (messageSequence * 7 + offset + index) & 0xff);
  return { type: 2, length, messageSequence, fragmentOffset: offset, body };
}

describe('HandshakeInbox', () => {
  test('fragments in any order, overlapping and repeated, make the same messages', () => {
    const cuts = fc.array(fc.tuple(fc.nat(2), fc.nat(29), fc.integer({ min: 1, max: 30 })), { maxLength: 40 });
    fc.assert(
      fc.property(cuts, fc.nat(), (pieces, seed) => {
        const inbox = new HandshakeInbox(limits);
        const whole = [0, 1, 2].map((sequence) => fragment(sequence, 30, 0, 30));
        const parts = pieces.map(([sequence, offset, size]) =>
          fragment(sequence, 30, offset, Math.min(size, 30 - offset)),
        );
        const all = [...parts, ...whole].map((part, index) => ({ part, order: (index * 7919 + seed) % 101 }));
        const taken: string[] = [];
        for (const { part } of all.sort((a, b) => a.order - b.order)) {
          expect(inbox.add(part)).not.toBe('refused');
          for (let next = inbox.take(); next !== undefined; next = inbox.take()) taken.push(next.body.join());
        }
        expect(taken).toEqual(whole.map(({ body }) => body.join()));
      }),
    );
  });
  test('messagesAheadMax past the next one, and one further', () => {
    const inbox = new HandshakeInbox(limits, 5);
    expect(inbox.add(fragment(8, 4, 0, 4))).toBe('kept');
    expect(inbox.add(fragment(9, 4, 0, 4))).toBe('refused');
    expect(inbox.add(fragment(4, 4, 0, 4))).toBe('stale');
  });
  test('reassemblyBytesMax in all, and one byte more', () => {
    const inbox = new HandshakeInbox(limits);
    expect(inbox.add(fragment(1, 60, 0, 1))).toBe('kept');
    expect(inbox.add(fragment(2, 41, 0, 1))).toBe('refused');
    expect(inbox.add(fragment(2, 40, 0, 1))).toBe('kept');
    expect(inbox.add(fragment(1, 60, 1, 59))).toBe('kept');
    // What was given out makes room.
    expect(inbox.add(fragment(0, 0, 0, 0))).toBe('kept');
    expect([inbox.take()?.messageSequence, inbox.take()?.messageSequence]).toEqual([0, 1]);
    expect(inbox.add(fragment(3, 60, 0, 1))).toBe('kept');
  });
  test('a part that is at odds with what came before', () => {
    const inbox = new HandshakeInbox(limits);
    inbox.add(fragment(0, 10, 0, 5));
    expect(inbox.add(fragment(0, 11, 5, 5))).toBe('refused');
    expect(inbox.add({ ...fragment(0, 10, 5, 5), type: 1 })).toBe('refused');
    expect(inbox.take()).toBeUndefined();
  });
});
