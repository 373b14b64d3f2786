import { toHex } from '@motestack/bytes';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeUintOption, type ReliableMessage } from '../wire/index.ts';
import { CSM, connection, frame, inWords } from './connection.fixture.ts';

const message: fc.Arbitrary<ReliableMessage> = fc.record({
  code: fc.constantFrom(1, 2, 3, 0x45, 0x84, 0xe2, 0xe1),
  token: fc.uint8Array({ maxLength: 8 }),
  options: fc.constant([]),
  payload: fc.uint8Array({ maxLength: 700 }),
});

/** What comes of a stream, chunk by chunk: codes, tokens and payloads, and what was sent back. */
function outcome(chunks: readonly Uint8Array[]) {
  const { take, core } = connection({ messageBytesMax: 1152 });
  const told: string[] = [];
  const sent: string[] = [];
  for (const chunk of chunks) {
    const reused = chunk.slice();
    const step = take(reused);
    // The transport has its buffer back.
    reused.fill(0xdb);
    sent.push(...step.sent);
    for (const event of step.events) {
      if (event.kind !== 'message') told.push(event.kind);
      else told.push(`${event.message.code} ${toHex(event.message.token)} ${toHex(event.message.payload)}`);
    }
  }
  return { told, sent, phase: core.phase, heldBytes: core.heldBytes };
}

function cut(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const ends = [...cuts.map((at) => at % (stream.length + 1)), stream.length].toSorted((left, right) => left - right);
  return ends.map((end, index) => stream.subarray(ends[index - 1] ?? 0, end));
}

const joined = (parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

test('however a stream is cut, the same comes of it', () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 6 }), fc.array(fc.nat(), { maxLength: 12 }), (messages, cuts) => {
      const stream = joined([CSM, ...messages.map(frame)]);
      const whole = outcome([stream]);
      expect(outcome(cut(stream, cuts))).toEqual(whole);
      expect(whole).toMatchObject({ phase: 'open', heldBytes: 0 });
      expect(whole.told).toHaveLength(1 + messages.filter(({ code }) => code !== 0xe2).length);
    }),
  );
});

test('every single cut of a stream, and every byte alone', () => {
  const options = [encodeUintOption(11, 5), encodeUintOption(2048, 77)];
  const long = frame({ code: 0x45, token: Uint8Array.of(1, 2), options, payload: new Uint8Array(600).fill(9) });
  const stream = joined([CSM, frame({ payload: new Uint8Array(20) }), long, frame({ code: 0xe2 })]);
  const whole = outcome([stream]);
  expect(whole.told).toHaveLength(3);
  for (let at = 0; at <= stream.length; at++) {
    expect(outcome([stream.subarray(0, at), stream.subarray(at)])).toEqual(whole);
  }
  expect(outcome(Array.from(stream, (byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test('any bytes are taken, or end the connection with one Abort', () => {
  fc.assert(
    fc.property(fc.boolean(), fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 8 }), (isOpen, chunks) => {
      const { take, core } = connection({ messageBytesMax: 1152 });
      if (isOpen) take(CSM);
      const sent: string[] = [];
      const ends: unknown[] = [];
      for (const chunk of chunks) {
        const step = take(chunk);
        sent.push(...step.sent);
        ends.push(...step.events.filter(({ kind }) => kind === 'ended'));
      }
      const aborts = sent.filter((line) => line.startsWith('7.05'));
      expect(ends).toHaveLength(core.phase === 'ended' ? 1 : 0);
      expect(aborts.length).toBeLessThanOrEqual(1);
      expect(core.heldBytes).toBeLessThanOrEqual(4096);
    }),
  );
});

test('a peer that only announces a long message makes nobody hold it', () => {
  const { take, core } = connection({ messageBytesMax: 64 * 1024 * 1024 });
  take(CSM);
  take(Uint8Array.of(0xf0, 0x03, 0, 0, 0, 1));
  take(new Uint8Array(5000));
  expect(core.heldBytes).toBeLessThanOrEqual(3 * 4096);
});

test('long messages are put together without copying all of it for each chunk', () => {
  const { take } = connection({ messageBytesMax: 4 * 1024 * 1024 });
  take(CSM);
  const stream = frame({ code: 0x45, payload: new Uint8Array(3 * 1024 * 1024 - 100).fill(1) });
  const events = [];
  for (let at = 0; at < stream.length; at += 64) events.push(...take(stream.subarray(at, at + 64)).events);
  // Fifty thousand chunks; with a copy for each it would be 75 GB.
  expect(events).toMatchObject([{ kind: 'message' }]);
  expect(inWords(frame())).toEqual(['0.01']);
});
