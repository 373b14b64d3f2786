import { describe, expect, test } from 'vitest';
import { Method, OptionNumber } from '../wire/index.ts';
import { bytesOf, messageLayer, OTHER_PEER, PEER, sent, told } from './message-layer.fixture.ts';

const answer = { code: 0x45, token: new Uint8Array(0), options: [], payload: new Uint8Array(200) };
const { Get, Post, Put, Delete, Fetch, Patch, IPatch } = Method;
const block1 = { number: OptionNumber.Block1, value: Uint8Array.of(0x08) };
const qBlock1 = { number: OptionNumber.QBlock1, value: Uint8Array.of(0x08) };

/** So many requests at a time, each answered; how many ran. */
function flood(layer: ReturnType<typeof messageLayer>, code: number, from: number, count: number, now: number): number {
  let runs = 0;
  for (let messageId = from; messageId < from + count; messageId++) {
    const effects = layer.handleDatagram(PEER, bytesOf({ code, messageId }), now);
    if (!told(effects).includes('request')) continue;
    runs++;
    layer.respond(PEER, messageId, answer, now);
  }
  return runs;
}

describe('duplicate memory at duplicateBytesMax (RFC 7252 §4.5)', () => {
  test.each([
    ['GET', Get],
    ['PUT', Put],
    ['DELETE', Delete],
    ['FETCH', Fetch],
    ['iPATCH', IPatch],
  ])('%s is answered on and on: the oldest are forgotten', (_name, code) => {
    const layer = messageLayer({ duplicateBytesMax: 100_000 });
    expect(flood(layer, code, 0, 5000, 0)).toBe(5000);
    expect(layer.counters).toMatchObject({ duplicateMemoryFull: 0 });
    expect(layer.counters.duplicatesEvicted).toBeGreaterThan(4000);
    expect(layer.gauges().duplicateBytes).toBeLessThanOrEqual(100_000 + 65_536);
    // The newest is known still, the oldest would run again.
    expect(told(layer.handleDatagram(PEER, bytesOf({ code, messageId: 4999 }), 1))).toEqual([]);
    expect(told(layer.handleDatagram(PEER, bytesOf({ code, messageId: 0 }), 1))).toEqual(['request']);
  });

  test.each([
    ['POST', Post],
    ['PATCH', Patch],
  ])('%s never runs twice: beyond the memory it gets 5.03 until MAX_TRANSMIT_SPAN is over', (_name, code) => {
    const layer = messageLayer({ duplicateBytesMax: 100_000 });
    const runs = flood(layer, code, 0, 5000, 0);
    expect(runs).toBeGreaterThan(100);
    expect(layer.counters).toMatchObject({ duplicateMemoryFull: 5000 - runs, duplicatesEvicted: 0 });
    expect(flood(layer, code, 0, runs, 45_000)).toBe(0);
    expect(sent(layer.handleDatagram(PEER, bytesOf({ code, messageId: 6000 }), 45_000))).toEqual(['ACK 5.03 6000']);
    // Now nobody sends the first any more.
    expect(told(layer.handleDatagram(PEER, bytesOf({ code, messageId: 6000 }), 45_001))).toEqual(['request']);
    expect(layer.counters.duplicatesEvicted).toBeGreaterThan(0);
  });

  test('a peer that has its share of it, duplicateBytesPerPeerMax, is refused, and others are not', () => {
    const share = 50_000;
    const layer = messageLayer({ duplicateBytesMax: 100_000, duplicateBytesPerPeerMax: share });
    // 32 bytes for each message, and its answer of 5 bytes of header and marker and 200 of payload.
    const most = Math.ceil(share / 237);
    expect(flood(layer, Post, 0, 5000, 0)).toBe(most);
    expect(layer.counters.duplicateMemoryFull).toBe(5000 - most);
    expect(flood(layer, Get, 10_000, 1000, 0)).toBe(1000);
    const other = { code: Post, messageId: 1 };
    expect(told(layer.handleDatagram(OTHER_PEER, bytesOf(other), 1))).toEqual(['request']);
    expect(told(layer.handleDatagram(OTHER_PEER, bytesOf(other), 2))).toEqual([]);
    // What it sent before is still known, and it is heard again when nobody sends that any more.
    expect(flood(layer, Post, 0, most, 3)).toBe(0);
    expect(flood(layer, Post, 6000, 1, 45_000)).toBe(0);
    expect(flood(layer, Post, 6000, 1, 45_003)).toBe(1);
  });

  test('idempotent requests give way to others, and never the other way', () => {
    const layer = messageLayer({ duplicateBytesMax: 200_000 });
    expect(flood(layer, Post, 0, 100, 0)).toBe(100);
    expect(flood(layer, Get, 1000, 5000, 1)).toBe(5000);
    expect(flood(layer, Post, 0, 100, 2)).toBe(0);
    expect(flood(layer, Post, 10_000, 100, 3)).toBe(100);
    expect(flood(layer, Post, 10_000, 100, 4)).toBe(0);
    expect(layer.counters.duplicateMemoryFull).toBe(0);
  });

  test('when others fill the memory, an idempotent request is refused as they are', () => {
    const layer = messageLayer({ duplicateBytesMax: 90_000 });
    flood(layer, Post, 0, 5000, 0);
    expect(sent(layer.handleDatagram(PEER, bytesOf({ code: Get, messageId: 6000 }), 1))).toEqual(['ACK 5.03 6000']);
  });

  test.each([
    ['Block1', block1],
    ['Q-Block1', qBlock1],
  ])('a PUT with %s is part of a body, and not idempotent', (_name, option) => {
    const layer = messageLayer({ duplicateBytesMax: 100_000 });
    const part = bytesOf({ code: Put, messageId: 0, options: [option] });
    layer.handleDatagram(PEER, part, 0);
    flood(layer, Put, 1, 5000, 0);
    expect(told(layer.handleDatagram(PEER, part, 1))).toEqual([]);
  });

  test('an ID that comes again after its lifetime with another method gets the answer to that', () => {
    const layer = messageLayer();
    flood(layer, Get, 1, 1, 0);
    layer.handleDatagram(PEER, bytesOf({ code: Post, messageId: 1 }), 247_000);
    layer.respond(PEER, 1, { ...answer, code: 0x44 }, 247_000);
    expect(sent(layer.handleDatagram(PEER, bytesOf({ code: Post, messageId: 1 }), 247_001))).toEqual(['ACK 2.04 1']);
  });
});
