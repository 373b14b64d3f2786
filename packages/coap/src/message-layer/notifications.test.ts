import { expect, test } from 'vitest';
import { MessageType } from '../wire/index.ts';
import { bytesOf, messageLayer, OTHER_PEER, outgoing, PEER, type Sender, sent, told } from './message-layer.fixture.ts';

const notification = (fields: { readonly payload?: Uint8Array; readonly isConfirmable?: boolean } = {}) =>
  outgoing({ code: 0x45, isNotification: true, ...fields });
const relation = (name: string): Sender => ({ name });
const ack = (messageId: number) => bytesOf({ type: MessageType.Acknowledgement, code: 0, messageId });

test('all notifications of a peer are sent, however many are beyond queueMax, one after the other', () => {
  const layer = messageLayer({ queueMax: 3 });
  const history: string[] = [];
  for (let id = 0; id < 40; id++) history.push(...sent(layer.send(PEER, notification(), relation(`${id}`), 0)));
  for (let id = 0; id < 40; id++) history.push(...sent(layer.handleDatagram(PEER, ack(id), 1 + id)));
  expect(history).toEqual(Array.from({ length: 40 }, (_, id) => `CON 2.05 ${id}`));
  expect(layer.counters.queueFull).toBe(0);
  expect(layer.transmissionCount).toBe(0);
});

test('a notification waits for longer than queueWaitMaxMs where its peer is slow', () => {
  const layer = messageLayer({ queueWaitMaxMs: 1000, maxRetransmit: 0 });
  layer.send(PEER, outgoing(), relation('request'), 0);
  layer.send(PEER, notification(), relation('relation'), 0);
  expect(sent(layer.handleTimeout(1999))).toEqual([]);
  expect(sent(layer.handleTimeout(2000))).toEqual(['CON 2.05 1']);
});

test('requests and notifications take turns', () => {
  const layer = messageLayer();
  for (const name of ['a', 'b', 'c']) layer.send(PEER, notification(), relation(name), 0);
  for (const name of ['d', 'e', 'f']) layer.send(PEER, outgoing(), relation(name), 0);
  const order = Array.from({ length: 5 }, (_, id) => sent(layer.handleDatagram(PEER, ack(id), id)));
  expect(order.flat()).toEqual(['CON 0.01 1', 'CON 2.05 2', 'CON 0.01 3', 'CON 2.05 4', 'CON 0.01 5']);
});

test('a relation that changes all the time lets others have their turn', () => {
  const layer = messageLayer();
  const [busy, quiet] = [relation('busy'), relation('quiet')];
  layer.send(PEER, notification({ payload: Uint8Array.of(1) }), busy, 0);
  layer.send(PEER, notification({ payload: Uint8Array.of(9) }), quiet, 0);
  layer.supersede(busy, notification({ payload: Uint8Array.of(2) }));
  const payloads = [0, 1].map((id) => layer.handleDatagram(PEER, ack(id), 1).transmits[0]?.bytes.at(-1));
  expect(payloads).toEqual([9, 2]);
});

test('a peer that cannot be reached loses those that wait too', () => {
  const layer = messageLayer();
  for (const name of ['a', 'b']) layer.send(PEER, notification(), relation(name), 0);
  expect(told(layer.handleUnreachable(PEER, 1))).toEqual(['gave-up a unreachable', 'gave-up b unreachable']);
  expect(layer.transmissionCount).toBe(0);
});

test('one that waits is stopped without a word', () => {
  const layer = messageLayer();
  const [first, second] = [relation('first'), relation('second')];
  layer.send(PEER, notification(), first, 0);
  layer.send(PEER, notification(), second, 0);
  layer.stop(second, 1);
  expect(sent(layer.handleDatagram(PEER, ack(0), 2))).toEqual([]);
  expect(layer.transmissionCount).toBe(0);
});

test('a Non-confirmable one that finds no message ID waits for one, as a Confirmable', () => {
  const layer = messageLayer();
  for (let id = 0; id < 0x1_0000; id++) layer.send(PEER, notification({ isConfirmable: false }), relation('many'), 0);
  const late = layer.send(PEER, notification({ isConfirmable: false }), relation('late'), 0);
  expect([...sent(late), ...told(late)]).toEqual([]);
  const { wakeAt } = layer;
  expect(sent(layer.handleTimeout(wakeAt ?? 0))).toEqual(['CON 2.05 0']);
});

test('a message with parameters of its own is sent again by them', () => {
  const layer = messageLayer();
  const retransmission = { ackTimeoutMs: 500, maxRetransmit: 1 };
  layer.send(PEER, outgoing({ retransmission }), relation('hasty'), 0);
  layer.send(OTHER_PEER, outgoing(), relation('usual'), 0);
  expect(sent(layer.handleTimeout(500))).toEqual(['CON 0.01 0']);
  expect(told(layer.handleTimeout(1500))).toEqual(['gave-up hasty timeout']);
  expect(sent(layer.handleTimeout(2000))).toEqual(['CON 0.01 0']);
});

test('parameters of a message that mean nothing, or by which it would outlive its ID, are refused before it is sent', () => {
  const layer = messageLayer();
  for (const retransmission of [{ ackRandomFactor: 0.9 }, { maxRetransmit: 6 }, { ackTimeoutMs: 0 }]) {
    expect(() => layer.send(PEER, outgoing({ retransmission }), relation('wrong'), 0)).toThrow(RangeError);
  }
  expect(layer.transmissionCount).toBe(0);
  // MAX_TRANSMIT_WAIT of 189 s is within EXCHANGE_LIFETIME, 247 s.
  expect(sent(layer.send(PEER, outgoing({ retransmission: { maxRetransmit: 5 } }), relation('A'), 0))).toHaveLength(1);
});
