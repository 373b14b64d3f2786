import { expect, test } from 'vitest';
import { PEER } from './message-layer.fixture.ts';
import { RecentMessages } from './recent-messages.ts';

const [NOTHING, RESET] = [new Uint8Array(0), Uint8Array.of(0x70, 0, 0, 1)];

const con = { peer: PEER, isConfirmable: true, isRepeatable: false };
const non = { ...con, isConfirmable: false };

/** Remembers two messages at most. */
const recent = () =>
  new RecentMessages({
    exchangeLifetimeMs: 247_000,
    nonLifetimeMs: 145_000,
    maxTransmitSpanMs: 45_000,
    duplicateBytesMax: 512,
  });

test('a message is known until its lifetime is over, with what it was answered', () => {
  const messages = recent();
  expect(messages.find(PEER, 1, 0)).toBeUndefined();
  expect(messages.remember({ ...con, messageId: 1 }, 0)).toBe(true);
  expect(messages.find(PEER, 1, 1)).toEqual(NOTHING);
  messages.keepAnswer(PEER, 1, RESET);
  expect(messages.find(PEER, 1, 246_999)).toEqual(RESET);
  expect(messages.find(PEER, 1, 247_000)).toBeUndefined();
  expect(messages.find('192.0.2.9:5683', 1, 1)).toBeUndefined();
});

test('a Non-confirmable one is known for NON_LIFETIME', () => {
  const messages = recent();
  messages.remember({ ...non, messageId: 1 }, 0);
  expect(messages.find(PEER, 1, 144_999)).toEqual(NOTHING);
  expect(messages.find(PEER, 1, 145_000)).toBeUndefined();
});

test('beyond duplicateBytesMax the oldest is forgotten; what is old goes by itself', () => {
  const messages = recent();
  for (const messageId of [1, 2]) messages.remember({ ...con, messageId }, messageId);
  expect([messages.count, messages.heldBytes, messages.forgetAt]).toEqual([2, 512, 247_001]);
  messages.remember({ ...con, messageId: 3 }, 3);
  messages.keepAnswer(PEER, 1, RESET);
  expect([1, 2, 3].map((messageId) => messages.find(PEER, messageId, 4)?.length)).toEqual([undefined, 0, 0]);
  messages.forget(247_002);
  expect([messages.count, messages.forgetAt]).toEqual([1, 247_003]);
  messages.forget(247_003);
  expect([messages.count, messages.forgetAt, messages.evictedCount]).toEqual([0, undefined, 1]);
});
