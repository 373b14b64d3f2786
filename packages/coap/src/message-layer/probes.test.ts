import { describe, expect, test } from 'vitest';
import { MessageType } from '../wire/index.ts';
import { bytesOf, messageLayer, OTHER_PEER, outgoing, PEER, play, sent, told } from './message-layer.fixture.ts';

const [A, B, C, D, E] = ['A', 'B', 'C', 'D', 'E'].map((name) => ({ name })) as [
  { name: string },
  { name: string },
  { name: string },
  { name: string },
  { name: string },
];
/** A Non-confirmable GET of so many bytes: header 4, token 1, marker 1. */
const probe = (length: number) => outgoing({ isConfirmable: false, payload: new Uint8Array(length - 6) });

describe('PROBING_RATE (RFC 7252 §4.7)', () => {
  test('probingBytesMax bytes go at once to a peer that is silent, one more waits until time made up for it', () => {
    const layer = messageLayer({ probingBytesMax: 100, probingRateBytesPerSecond: 1 });
    expect(sent(layer.send(PEER, probe(60), A, 0))).toEqual(['NON 0.01 0']);
    expect(sent(layer.send(PEER, probe(40), B, 0))).toEqual(['NON 0.01 1']);
    const effects = layer.send(PEER, probe(7), C, 0);
    expect(sent(effects)).toEqual([]);
    expect(effects.wakeAt).toBe(7000);
    expect(layer.counters.probesDelayed).toBe(1);
    expect(layer.gauges()).toMatchObject({ transmissions: 1, silentPeers: 1 });
    expect(sent(layer.handleTimeout(6999))).toEqual([]);
    expect(sent(layer.handleTimeout(7000))).toEqual(['NON 0.01 2']);
  });

  test('the order is kept: a short one does not overtake a long one that waits', () => {
    const layer = messageLayer({ probingBytesMax: 100 });
    layer.send(PEER, probe(90), A, 0);
    layer.send(PEER, probe(50), B, 0);
    expect(play(layer, layer.send(PEER, probe(10), C, 0)).filter((line) => line.includes('NON'))).toEqual([
      '40000 NON 0.01 1',
      '50000 NON 0.01 2',
    ]);
  });

  test('what is longer than probingBytesMax goes when all before it is made up for', () => {
    const layer = messageLayer({ probingBytesMax: 0 });
    expect(sent(layer.send(PEER, probe(30), A, 0))).toEqual(['NON 0.01 0']);
    expect(sent(layer.send(PEER, probe(30), B, 0))).toEqual([]);
    expect(sent(layer.handleTimeout(29_999))).toEqual([]);
    expect(sent(layer.handleTimeout(30_000))).toEqual(['NON 0.01 1']);
  });

  test.each([
    ['a response', bytesOf({ type: MessageType.NonConfirmable, code: 0x45, messageId: 9 })],
    ['a request', bytesOf({ messageId: 9 })],
    ['a Reset', bytesOf({ type: MessageType.Reset, code: 0, messageId: 0 })],
  ])('%s of the peer shows that it is there: what waits goes at once', (_name, bytes) => {
    const layer = messageLayer({ probingBytesMax: 10 });
    layer.send(PEER, probe(10), A, 0);
    layer.send(PEER, probe(10), B, 0);
    expect(sent(layer.handleDatagram(OTHER_PEER, bytes, 1))).not.toContain('NON 0.01 1');
    expect(sent(layer.handleDatagram(PEER, bytes, 2))).toContain('NON 0.01 1');
  });

  test('junk shows nothing', () => {
    const layer = messageLayer({ probingBytesMax: 10 });
    layer.send(PEER, probe(10), A, 0);
    layer.send(PEER, probe(10), B, 0);
    expect(sent(layer.handleDatagram(PEER, Uint8Array.of(0x40, 1), 1))).toEqual([]);
  });

  test('answers and notifications are not probes: they go to who asked for them', () => {
    const layer = messageLayer({ probingBytesMax: 10 });
    const answer = outgoing({ isConfirmable: false, code: 0x45, payload: new Uint8Array(100) });
    expect([A, B, C].flatMap((context) => sent(layer.send(PEER, answer, context, 0)))).toHaveLength(3);
    expect(layer.gauges().silentPeers).toBe(0);
  });

  test('queueMax may wait, one more is refused; after queueWaitMaxMs they are given up', () => {
    const layer = messageLayer({ probingBytesMax: 100, queueMax: 3, queueWaitMaxMs: 5000 });
    layer.send(PEER, probe(100), A, 0);
    for (const waiting of [B, C, D]) expect(told(layer.send(PEER, probe(100), waiting, 0))).toEqual([]);
    expect(told(layer.send(PEER, probe(100), E, 0))).toEqual(['refused E queueMax']);
    expect(told(layer.handleTimeout(4999))).toEqual([]);
    expect(told(layer.handleTimeout(5000))).toEqual([
      'gave-up B queue-timeout',
      'gave-up C queue-timeout',
      'gave-up D queue-timeout',
    ]);
    expect(layer.counters).toMatchObject({ queueFull: 1, transmissionsGivenUp: 3, datagramsOut: 1 });
  });

  test('stop ends the waiting without a word, unreachable with one', () => {
    const layer = messageLayer({ probingBytesMax: 10 });
    for (const context of [A, B, C]) layer.send(PEER, probe(10), context, 0);
    expect(told(layer.stop(B, 1))).toEqual([]);
    expect(told(layer.handleUnreachable(PEER, 2))).toEqual(['gave-up C unreachable']);
    expect(layer.gauges().transmissions).toBe(0);
    expect(play(layer, layer.handleTimeout(3))).toEqual([]);
  });

  test('a silent peer is remembered as long as it counts, peersMax of them and not one more', () => {
    const layer = messageLayer({ peersMax: 2, probingBytesMax: 1000 });
    const effects = layer.send('a:1', probe(500), A, 0);
    layer.send('b:1', probe(10), A, 0);
    expect(told(layer.send('c:1', probe(10), A, 0))).toEqual(['refused A peersMax']);
    layer.handleTimeout(10_000);
    expect(layer.gauges().silentPeers).toBe(1);
    play(layer, effects);
    expect(layer.gauges()).toMatchObject({ silentPeers: 0, peersKnown: 0 });
  });
});
