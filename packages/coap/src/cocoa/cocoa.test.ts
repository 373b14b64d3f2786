import { describe, expect, test } from 'vitest';
import { bytesOf, messageLayer, outgoing, PEER, play } from '../message-layer/message-layer.fixture.ts';
import { MessageType } from '../wire/index.ts';
import { cocoa } from './index.ts';

const A = { name: 'A' };

describe('the estimate of CoCoA (draft-ietf-core-cocoa-03 §4.2)', () => {
  test('begins with the default', () => {
    expect(cocoa().peer().rtoMs(0)).toBe(2000);
  });

  test('a message that was sent once counts half, with four times its variation', () => {
    const peer = cocoa().peer();
    peer.noteRoundTrip(100, 0, 0);
    // The estimate is 100 + 4 * 50.
    expect(peer.rtoMs(0)).toBe(0.5 * 300 + 0.5 * 2000);
    peer.noteRoundTrip(100, 0, 0);
    expect(peer.rtoMs(0)).toBe(0.5 * (100 + 4 * 37.5) + 0.5 * 1150);
  });

  test.each([1, 2])('a message that was sent again %i times counts a quarter, with its variation once', (again) => {
    const peer = cocoa().peer();
    peer.noteRoundTrip(4000, again, 0);
    expect(peer.rtoMs(0)).toBe(0.25 * 6000 + 0.75 * 2000);
  });

  test('one that was sent again three times says nothing', () => {
    const peer = cocoa().peer();
    peer.noteRoundTrip(9000, 3, 0);
    expect(peer.rtoMs(0)).toBe(2000);
  });

  test.each([
    [999, 3],
    [1000, 2],
    [3000, 2],
    [3001, 1.5],
  ])('after a first wait of %i ms, each is %f times as long', (firstMs, factor) => {
    expect(cocoa().peer().backOff(firstMs)).toBe(factor);
  });

  test('a short estimate doubles when it was not confirmed for 16 times itself', () => {
    const peer = cocoa({ rtoInitialMs: 400 }).peer();
    peer.noteRoundTrip(100, 0, 0);
    expect(peer.rtoMs(16 * 350)).toBe(350);
    expect(peer.rtoMs(16 * 350 + 1)).toBe(700);
    expect(peer.rtoMs(1_000_000)).toBe(1400);
  });

  test('a long estimate comes down when it was not confirmed for 4 times itself', () => {
    const peer = cocoa({ rtoInitialMs: 8000 }).peer();
    peer.noteRoundTrip(2000, 0, 0);
    expect(peer.rtoMs(4 * 7000)).toBe(7000);
    expect(peer.rtoMs(4 * 7000 + 1)).toBe(4500);
    expect(peer.rtoMs(10_000_000)).toBeLessThanOrEqual(3000);
  });

  test('stays within rtoMinMs and rtoMaxMs, bounds in disorder are refused', () => {
    const peer = cocoa({ rtoMinMs: 500, rtoMaxMs: 5000 }).peer();
    for (let count = 0; count < 50; count++) peer.noteRoundTrip(1, 0, 0);
    expect(peer.rtoMs(0)).toBe(500);
    for (let count = 0; count < 50; count++) peer.noteRoundTrip(60_000, 0, 0);
    expect(peer.rtoMs(0)).toBe(5000);
    // Aging does not get stuck between bounds of one kind.
    expect(cocoa({ rtoMinMs: 10, rtoInitialMs: 20, rtoMaxMs: 30 }).peer().rtoMs(9)).toBe(20);
    for (const wrong of [{ rtoMinMs: 0 }, { rtoMinMs: 3000 }, { rtoMaxMs: 1999 }, { rtoInitialMs: Number.NaN }]) {
      expect(() => cocoa(wrong)).toThrow(RangeError);
    }
  });
});

describe('a message layer with an estimator', () => {
  const ack = (messageId: number) => bytesOf({ type: MessageType.Acknowledgement, code: 0, messageId });

  test('waits as it says, backs off as it says, and gives up after MAX_RETRANSMIT', () => {
    const layer = messageLayer({ rtoEstimator: cocoa() });
    for (let messageId = 0; messageId < 40; messageId++) {
      layer.send(PEER, outgoing(), A, 0);
      layer.handleDatagram(PEER, ack(messageId), 100);
    }
    // All variation is gone: a round trip of 100 ms is known to be that.
    const effects = layer.send(PEER, outgoing(), A, 200);
    const [first = 0, ...rest] = play(layer, effects).map((line) => Number(line.split(' ')[0]) - 200);
    expect(first).toBeGreaterThan(99);
    expect(first).toBeLessThan(130);
    for (const [index, factor] of [4, 13, 40, 121].entries()) expect(rest[index]).toBeCloseTo(factor * first, 3);
  });

  test('another peer is not known for it; a peer is forgotten with what is known of it', () => {
    const layer = messageLayer({ rtoEstimator: cocoa() });
    layer.send(PEER, outgoing(), A, 0);
    layer.handleDatagram(PEER, ack(0), 100);
    expect(layer.send('192.0.2.9:1', outgoing(), { name: 'B' }, 100).wakeAt).toBe(2100);
    layer.handleUnreachable('192.0.2.9:1', 100);
    layer.handleTimeout(250_000);
    expect(layer.send(PEER, outgoing(), A, 250_000).transmits).toHaveLength(1);
    expect(layer.handleTimeout(251_999).transmits).toEqual([]);
    expect(layer.handleTimeout(252_000).transmits).toHaveLength(1);
  });

  test('a Reset is measured as an Acknowledgement is', () => {
    const layer = messageLayer({ rtoEstimator: cocoa() });
    layer.ping(PEER, A, 0);
    layer.handleDatagram(PEER, bytesOf({ type: MessageType.Reset, code: 0, messageId: 0 }), 100);
    expect(layer.send(PEER, outgoing(), A, 100).wakeAt).toBe(100 + 1150);
  });

  test('a slow peer gets no retransmission after MAX_TRANSMIT_SPAN, and no exchange lasts beyond MAX_TRANSMIT_WAIT', () => {
    const layer = messageLayer({ rtoEstimator: cocoa({ rtoInitialMs: 32_000 }) });
    expect(play(layer, layer.send(PEER, outgoing(), A, 0))).toEqual(['32000 CON 0.01 0', '80000 gave-up A timeout']);
    const slower = messageLayer({ rtoEstimator: cocoa({ rtoInitialMs: 44_000, rtoMaxMs: 44_000 }) });
    expect(play(slower, slower.send(PEER, outgoing(), A, 0))).toEqual(['44000 CON 0.01 0', '93000 gave-up A timeout']);
  });
});
