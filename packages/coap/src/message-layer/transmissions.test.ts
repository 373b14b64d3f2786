import { describe, expect, test } from 'vitest';
import { retransmissionSchedule } from '../parameters.ts';
import { MessageType } from '../wire/index.ts';
import {
  bytesOf,
  messageLayer,
  messageLayerParameters,
  newMessageLayer,
  OTHER_PEER,
  outgoing,
  PEER,
  play,
  sent,
  told,
  zeros,
} from './message-layer.fixture.ts';

const [A, B, C, D, E] = ['A', 'B', 'C', 'D', 'E'].map((name) => ({ name })) as [
  { name: string },
  { name: string },
  { name: string },
  { name: string },
  { name: string },
];
const ack = (messageId: number) => bytesOf({ type: MessageType.Acknowledgement, code: 0, messageId });
const rst = (messageId: number) => bytesOf({ type: MessageType.Reset, code: 0, messageId });
const non = outgoing({ isConfirmable: false });

describe('retransmission', () => {
  test('follows the schedule of RFC 7252 §4.2, then gives up', () => {
    const layer = messageLayer();
    const effects = layer.send(PEER, outgoing(), A, 0);
    expect(sent(effects)).toEqual(['CON 0.01 0']);
    expect(told(effects)).toEqual(['sent A']);
    const [, ...times] = retransmissionSchedule(messageLayerParameters, 0, 0);
    const history = play(layer, effects);
    expect(history).toEqual([...times.slice(0, 4).map((at) => `${at} CON 0.01 0`), '62000 gave-up A timeout']);
    expect(layer.counters).toMatchObject({ retransmissions: 4, transmissionsGivenUp: 1, datagramsOut: 5 });
    expect(layer.gauges()).toMatchObject({ transmissions: 0, peersKnown: 0 });
  });

  test('the first wait is up to ACK_RANDOM_FACTOR longer', () => {
    const layer = newMessageLayer(messageLayerParameters, { fill: (bytes) => bytes.fill(0xff) });
    const { wakeAt } = layer.send(PEER, outgoing(), A, 0);
    expect(wakeAt).toBeGreaterThan(2999);
    expect(wakeAt).toBeLessThanOrEqual(3000);
  });

  test.each([
    ['an Acknowledgement', ack(0), ['acknowledged A']],
    ['a Reset', rst(0), ['reset A']],
  ])('ends with %s', (_name, bytes, events) => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), A, 0);
    const effects = layer.handleDatagram(PEER, bytes, 100);
    expect(told(effects)).toEqual(events);
    expect(play(layer, effects)).toEqual([]);
  });

  test('an Acknowledgement of another peer, another message or with another token changes nothing', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing({ token: Uint8Array.of(7) }), A, 0);
    const forged = bytesOf({ type: MessageType.Acknowledgement, code: 0x45, messageId: 0, token: Uint8Array.of(8) });
    expect(told(layer.handleDatagram(OTHER_PEER, ack(0), 1))).toEqual([]);
    expect(told(layer.handleDatagram(PEER, ack(1), 1))).toEqual([]);
    expect(told(layer.handleDatagram(PEER, forged, 1))).toEqual([]);
    expect(layer.counters.ignored).toBe(3);
    expect(sent(layer.handleTimeout(2000))).toEqual(['CON 0.01 0']);
  });

  test('late timers neither bunch up nor leave MAX_TRANSMIT_SPAN', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), A, 0);
    expect(sent(layer.handleTimeout(20_000))).toEqual(['CON 0.01 0']);
    expect(layer.handleTimeout(20_000).wakeAt).toBe(22_000);
    // Suspended for an hour.
    expect(told(layer.handleTimeout(3_600_000))).toEqual(['gave-up A timeout']);
  });

  test('an early or repeated call does nothing', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), A, 0);
    expect(layer.handleTimeout(1999)).toEqual({ transmits: [], events: [], wakeAt: 2000 });
  });

  test('stop ends it without a word', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), A, 0);
    const effects = layer.stop(A, 1);
    expect([...told(effects), ...play(layer, effects)]).toEqual([]);
  });

  test('a peer that cannot be reached ends what is in flight and what waits, for that peer alone', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), A, 0);
    layer.send(PEER, outgoing(), B, 0);
    layer.send(OTHER_PEER, outgoing(), C, 0);
    expect(told(layer.handleUnreachable(PEER, 5))).toEqual(['gave-up A unreachable', 'gave-up B unreachable']);
    expect(layer.gauges().transmissions).toBe(1);
  });
});

describe('NSTART', () => {
  test('one Confirmable message at a time per peer; the next when it ends', () => {
    const layer = messageLayer();
    expect(sent(layer.send(PEER, outgoing(), A, 0))).toEqual(['CON 0.01 0']);
    expect(sent(layer.send(PEER, outgoing({ code: 2 }), B, 0))).toEqual([]);
    expect(sent(layer.send(OTHER_PEER, outgoing(), C, 0))).toEqual(['CON 0.01 0']);
    const effects = layer.handleDatagram(PEER, ack(0), 10);
    expect(sent(effects)).toEqual(['CON 0.02 1']);
    expect(told(effects)).toEqual(['sent B', 'acknowledged A']);
  });

  test('queueMax messages may wait, one more is refused', () => {
    const layer = messageLayer({ queueMax: 3 });
    layer.send(PEER, outgoing(), A, 0);
    for (const waiting of [B, C, D]) expect(told(layer.send(PEER, outgoing(), waiting, 0))).toEqual([]);
    expect(told(layer.send(PEER, outgoing(), E, 0))).toEqual(['refused E queueMax']);
    expect(layer.counters.queueFull).toBe(1);
  });

  test('with nstart 2, two are in flight', () => {
    const layer = messageLayer({ nstart: 2 });
    expect([A, B, C].flatMap((context) => sent(layer.send(PEER, outgoing(), context, 0)))).toHaveLength(2);
  });

  test('what waits longer than queueWaitMaxMs is given up', () => {
    const layer = messageLayer({ queueWaitMaxMs: 5000 });
    layer.send(PEER, outgoing(), A, 0);
    layer.send(PEER, outgoing(), B, 0);
    expect(told(layer.handleTimeout(4999))).toEqual([]);
    expect(told(layer.handleTimeout(5000))).toEqual(['gave-up B queue-timeout']);
  });

  test('a Non-confirmable message does not wait', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), A, 0);
    expect(sent(layer.send(PEER, non, B, 0))).toEqual(['NON 0.01 1']);
  });

  test('a message without a free ID waits if it is Confirmable, and is refused if it is not', () => {
    const layer = messageLayer({ probingBytesMax: 1_000_000 });
    for (let count = 0; count < 65_536; count++) layer.send(PEER, non, A, 1000);
    expect(told(layer.send(PEER, non, B, 1000))).toEqual(['refused B message-ids']);
    expect(sent(layer.send(PEER, outgoing(), C, 200_000))).toEqual([]);
    expect(sent(layer.handleTimeout(247_999))).toEqual([]);
    expect(sent(layer.handleTimeout(248_000))).toEqual(['CON 0.01 0']);
  });

  test('a step does at most workPerStepMax, and says that more is due', () => {
    const layer = messageLayer({ nstart: 9, workPerStepMax: 4, queueMax: 9 });
    for (let count = 0; count < 6; count++) layer.send(PEER, outgoing(), { name: `${count}` }, 0);
    const first = layer.handleTimeout(2000);
    expect(first.transmits).toHaveLength(4);
    expect(first.wakeAt).toBeLessThanOrEqual(2000);
    expect(layer.handleTimeout(2000).transmits).toHaveLength(2);
  });
});

describe('superseding (RFC 7641 §4.5.2)', () => {
  const old = outgoing({ code: 0x45, payload: Uint8Array.of(1) });
  const newer = outgoing({ code: 0x45, payload: Uint8Array.of(2) });

  test('the newer message goes out when the wait of the older ends, with its timer and counter', () => {
    const layer = messageLayer();
    layer.send(PEER, old, A, 0);
    expect(layer.supersede(A, newer)).toBe(true);
    const effects = layer.handleTimeout(2000);
    expect(sent(effects)).toEqual(['CON 2.05 1']);
    expect(effects.transmits[0]?.bytes.at(-1)).toBe(2);
    expect(play(layer, effects)).toEqual([
      '6000 CON 2.05 1',
      '14000 CON 2.05 1',
      '30000 CON 2.05 1',
      '62000 gave-up A timeout',
    ]);
  });

  test('an Acknowledgement of the older starts the newer afresh', () => {
    const layer = messageLayer();
    layer.send(PEER, old, A, 0);
    layer.handleTimeout(2000);
    layer.supersede(A, newer);
    const effects = layer.handleDatagram(PEER, ack(0), 2500);
    expect(sent(effects)).toEqual(['CON 2.05 1']);
    expect(effects.wakeAt).toBe(4500);
  });

  test('a late Acknowledgement of the older keeps the newer going; a Reset ends it', () => {
    const layer = messageLayer();
    layer.send(PEER, old, A, 0);
    layer.supersede(A, newer);
    layer.handleTimeout(2000);
    expect(told(layer.handleDatagram(PEER, ack(0), 2100))).toEqual([]);
    const effects = layer.handleDatagram(PEER, rst(0), 2200);
    expect(told(effects)).toEqual(['reset A']);
    expect(play(layer, effects)).toEqual([]);
  });

  test('a late Acknowledgement of the older starts the counting of attempts anew', () => {
    const layer = messageLayer();
    layer.send(PEER, old, A, 0);
    layer.supersede(A, newer);
    layer.handleTimeout(2000);
    const effects = layer.handleDatagram(PEER, ack(0), 5900);
    expect(play(layer, effects)).toEqual([
      '6000 CON 2.05 1',
      '10000 CON 2.05 1',
      '18000 CON 2.05 1',
      '34000 CON 2.05 1',
      '66000 gave-up A timeout',
    ]);
  });

  test('once the newer is acknowledged, what comes for the older means nothing', () => {
    const layer = messageLayer();
    layer.send(PEER, old, A, 0);
    layer.supersede(A, newer);
    layer.handleTimeout(2000);
    expect(told(layer.handleDatagram(PEER, ack(1), 2100))).toEqual(['acknowledged A']);
    layer.send(PEER, outgoing(), B, 2200);
    expect(told(layer.handleDatagram(PEER, rst(0), 2300))).toEqual([]);
    // And NSTART still holds.
    expect(sent(layer.send(PEER, outgoing(), C, 2400))).toEqual([]);
  });

  test('only the newest of several is sent, and one that waits is replaced in its place', () => {
    const layer = messageLayer();
    layer.send(PEER, outgoing(), B, 0);
    layer.send(PEER, old, A, 0);
    for (const value of [3, 4, 5]) layer.supersede(A, outgoing({ code: 0x45, payload: Uint8Array.of(value) }));
    const effects = layer.handleDatagram(PEER, ack(0), 10);
    expect(effects.transmits.map(({ bytes }) => bytes.at(-1))).toEqual([5]);
  });

  test('nothing under way is not superseded', () => {
    expect(messageLayer().supersede(A, newer)).toBe(false);
  });
});

describe('Reset of a Non-confirmable message', () => {
  test('finds its sender among the latest nonRememberedMax', () => {
    const layer = messageLayer({ nonRememberedMax: 2 });
    for (const context of [A, B, C]) layer.send(PEER, non, context, 0);
    expect(told(layer.handleDatagram(PEER, rst(0), 1))).toEqual([]);
    expect(told(layer.handleDatagram(PEER, rst(1), 1))).toEqual(['reset B']);
    expect(told(layer.handleDatagram(PEER, rst(2), 1))).toEqual(['reset C']);
    expect(layer.counters).toMatchObject({ resetsIn: 3, ignored: 1 });
  });
});

describe('peers', () => {
  test('peersMax are known, one more is refused, and idle ones are forgotten', () => {
    const layer = messageLayer({ peersMax: 2 });
    layer.send('a:1', non, A, 0);
    layer.send('b:1', non, A, 0);
    expect(told(layer.send('c:1', non, A, 0))).toEqual(['refused A peersMax']);
    expect(layer.counters.peersFull).toBe(1);
    layer.send('a:1', non, A, 100_000);
    layer.handleTimeout(247_000);
    expect(layer.gauges().peersKnown).toBe(1);
    expect(sent(layer.send('c:1', non, A, 247_000))).toEqual(['NON 0.01 0']);
  });
});

test('a message longer than datagramBytesMax is not sent, one of that length is', () => {
  const layer = newMessageLayer(messageLayerParameters, zeros);
  const payload = (length: number) => outgoing({ payload: new Uint8Array(length) });
  // Header 4, token 1, marker 1.
  expect(layer.send(PEER, payload(1152 - 6), A, 0).transmits).toHaveLength(1);
  expect(() => layer.send(PEER, payload(1152 - 5), B, 0)).toThrow(RangeError);
  expect(layer.gauges().transmissions).toBe(1);
});
