import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { MessageType } from '../wire/index.ts';
import { bytesOf, messageLayer, OTHER_PEER, PEER, sent, told } from './message-layer.fixture.ts';

const { Confirmable, NonConfirmable, Acknowledgement, Reset } = MessageType;
const response = { code: 0x45, token: new Uint8Array(0), options: [], payload: Uint8Array.of(1) };

describe('new messages', () => {
  test.each([Confirmable, NonConfirmable])('a request of type %i is told once', (type) => {
    const layer = messageLayer();
    expect(told(layer.handleDatagram(PEER, bytesOf({ type }), 0))).toEqual(['request']);
    expect(told(layer.handleDatagram(PEER, bytesOf({ type }), 1))).toEqual([]);
    expect(layer.counters.duplicates).toBe(1);
  });

  test.each([Confirmable, NonConfirmable])('a response of type %i is told once', (type) => {
    const layer = messageLayer();
    expect(told(layer.handleDatagram(PEER, bytesOf({ type, code: 0x45 }), 0))).toEqual(['response -']);
    expect(told(layer.handleDatagram(PEER, bytesOf({ type, code: 0x45 }), 1))).toEqual([]);
  });

  test('the same ID of another peer is another message', () => {
    const layer = messageLayer();
    layer.handleDatagram(PEER, bytesOf({}), 0);
    expect(told(layer.handleDatagram(OTHER_PEER, bytesOf({}), 0))).toEqual(['request']);
  });
});

describe('duplicates (RFC 7252 §4.5)', () => {
  test('of an answered request get the same answer', () => {
    const layer = messageLayer();
    layer.handleDatagram(PEER, bytesOf({}), 0);
    const [first] = layer.respond(PEER, 1, response, 1).transmits;
    const [again] = layer.handleDatagram(PEER, bytesOf({}), 246_999).transmits;
    expect(again?.bytes).toEqual(first?.bytes);
  });

  test('of a request that is still with the handler get the empty Acknowledgement once it went out', () => {
    const layer = messageLayer();
    layer.handleDatagram(PEER, bytesOf({}), 0);
    expect(sent(layer.handleDatagram(PEER, bytesOf({}), 1))).toEqual([]);
    expect(sent(layer.acknowledge(PEER, 1, 2))).toEqual(['ACK 0.00 1']);
    expect(sent(layer.handleDatagram(PEER, bytesOf({}), 3))).toEqual(['ACK 0.00 1']);
    expect(sent(layer.handleDatagram(PEER, bytesOf({}), 4))).toEqual(['ACK 0.00 1']);
  });

  test('none is a message with a known ID and another token: libcoap numbers more than 65,536 blocks of a body', () => {
    const layer = messageLayer();
    const [first, other] = [Uint8Array.of(1), Uint8Array.of(2)];
    layer.handleDatagram(PEER, bytesOf({ token: first }), 0);
    const [answer] = layer.respond(PEER, 1, { ...response, token: first }, 1).transmits;
    expect(told(layer.handleDatagram(PEER, bytesOf({ token: other }), 100_000))).toEqual(['request']);
    expect(layer.counters).toMatchObject({ duplicates: 0, messageIdsReused: 1 });
    const [later] = layer.respond(PEER, 1, { ...response, token: other }, 100_001).transmits;
    expect(later?.bytes).not.toEqual(answer?.bytes);
    const [again] = layer.handleDatagram(PEER, bytesOf({ token: other }), 100_002).transmits;
    expect(again?.bytes).toEqual(later?.bytes);
  });

  test('is a message with a known ID and another token while the first is answered by nothing that names a token', () => {
    const layer = messageLayer();
    const [first, other] = [Uint8Array.of(1), Uint8Array.of(2)];
    layer.handleDatagram(PEER, bytesOf({ token: first }), 0);
    expect(told(layer.handleDatagram(PEER, bytesOf({ token: other }), 1))).toEqual([]);
    layer.acknowledge(PEER, 1, 2);
    expect(sent(layer.handleDatagram(PEER, bytesOf({ token: other }), 3))).toEqual(['ACK 0.00 1']);
    expect(layer.counters).toMatchObject({ duplicates: 2, messageIdsReused: 0 });
  });

  test('of a rejected message get the Reset again', () => {
    const layer = messageLayer();
    layer.handleDatagram(PEER, bytesOf({ code: 0x45 }), 0);
    expect(sent(layer.reject(PEER, 1, 0))).toEqual(['RST 0.00 1']);
    expect(sent(layer.handleDatagram(PEER, bytesOf({ code: 0x45 }), 1))).toEqual(['RST 0.00 1']);
  });

  test('a Non-confirmable one gets nothing', () => {
    const layer = messageLayer();
    layer.handleDatagram(PEER, bytesOf({ type: NonConfirmable }), 0);
    expect(sent(layer.handleDatagram(PEER, bytesOf({ type: NonConfirmable }), 1))).toEqual([]);
  });

  test.each([
    ['Confirmable', Confirmable, 247_000],
    ['Non-confirmable', NonConfirmable, 145_000],
  ])('a %s message is new again after its lifetime, not a millisecond before', (_name, type, lifetimeMs) => {
    const layer = messageLayer();
    layer.handleDatagram(PEER, bytesOf({ type }), 1000);
    expect(told(layer.handleDatagram(PEER, bytesOf({ type }), 1000 + lifetimeMs - 1))).toEqual([]);
    expect(told(layer.handleDatagram(PEER, bytesOf({ type }), 1000 + lifetimeMs))).toEqual(['request']);
  });

  test('without memory to tell them, a request is answered 5.03 and never runs', () => {
    const layer = messageLayer({ duplicateBytesMax: 1300 });
    // The first table takes 1024 bytes, a peer about 100.
    expect(told(layer.handleDatagram(PEER, bytesOf({ code: 2 }), 0))).toEqual(['request']);
    expect(told(layer.handleDatagram('192.0.2.2:1', bytesOf({ code: 2 }), 0))).toEqual(['request']);
    const refused = layer.handleDatagram('192.0.2.3:1', bytesOf({ code: 2, token: Uint8Array.of(5) }), 0);
    expect([...sent(refused), ...told(refused)]).toEqual(['ACK 5.03 1']);
    const silent = layer.handleDatagram('192.0.2.3:1', bytesOf({ code: 2, type: NonConfirmable, messageId: 2 }), 0);
    expect([...sent(silent), ...told(silent)]).toEqual([]);
    // The known peer still finds room, and what is known is still known.
    expect(told(layer.handleDatagram(PEER, bytesOf({ code: 2, messageId: 2 }), 0))).toEqual(['request']);
    expect(told(layer.handleDatagram(PEER, bytesOf({ code: 2 }), 0))).toEqual([]);
    expect(layer.counters.duplicateMemoryFull).toBe(2);
    expect(layer.gauges().duplicateBytes).toBeLessThanOrEqual(1300);
    // A response needs no memory: its token is used up.
    expect(told(layer.handleDatagram('192.0.2.3:1', bytesOf({ code: 0x45 }), 0))).toEqual(['response -']);
  });

  test('memory comes back with time', () => {
    const layer = messageLayer();
    const { wakeAt } = layer.handleDatagram(PEER, bytesOf({}), 0);
    expect(layer.gauges()).toMatchObject({ duplicatesRemembered: 1 });
    layer.handleTimeout(wakeAt ?? 0);
    expect(layer.gauges()).toMatchObject({ duplicatesRemembered: 0, duplicateBytes: 0 });
    expect(wakeAt).toBeLessThanOrEqual(247_000 * 1.5);
  });
});

describe('messages that make no sense', () => {
  test.each([
    ['an empty Confirmable message, which is a ping', '40 00 0001', ['RST 0.00 1']],
    ['an empty Non-confirmable message', '50 00 0001', []],
    ['a reserved class 1 in a Confirmable message', '40 21 0001', ['RST 0.00 1']],
    ['a reserved class 6 in a Confirmable message', '40 c1 0001', ['RST 0.00 1']],
    ['a reserved class 7 in a Confirmable message', '40 e1 0001', ['RST 0.00 1']],
    ['a reserved class in a Non-confirmable message', '50 21 0001', []],
    ['a request in an Acknowledgement', '60 01 0001', []],
    ['a reserved class in an Acknowledgement', '60 21 0001', []],
    ['a Reset that is not empty', '70 45 0001', []],
    ['an Acknowledgement of nothing', '60 00 0001', []],
    ['a Reset of nothing', '70 00 0001', []],
  ])('%s', (_name, hex, expected) => {
    const layer = messageLayer();
    const effects = layer.handleDatagram(PEER, fromHex(hex), 0);
    expect([...sent(effects), ...told(effects)]).toEqual(expected);
    expect(layer.counters).toMatchObject({ ignored: 1, malformed: 0 });
  });

  test.each([
    ['no bytes', '', []],
    ['three bytes', '40 01 00', []],
    ['another version', '80 01 0001', []],
    ['a Confirmable message with a token of 9 bytes', '49 01 0001 000102030405060708', ['RST 0.00 1']],
    ['a Confirmable message that is cut in its token', '44 01 0001 00', ['RST 0.00 1']],
    ['a Confirmable message with a marker without payload', '40 01 0001 ff', ['RST 0.00 1']],
    ['a Confirmable empty message with a token', '41 00 0001 00', ['RST 0.00 1']],
    ['a Non-confirmable one', '50 01 0001 ff', []],
    ['an Acknowledgement', '60 45 0001 ff', []],
    ['a Reset', '70 00 0001 ff', []],
  ])('malformed: %s', (_name, hex, expected) => {
    const layer = messageLayer();
    const effects = layer.handleDatagram(PEER, fromHex(hex), 0);
    expect(sent(effects)).toEqual(expected);
    expect(told(effects)).toEqual(['malformed']);
    expect(layer.counters.malformed).toBe(1);
  });

  test('optionCountMax options are read, one more is malformed', () => {
    const options = (count: number) => Array.from({ length: count }, () => ({ number: 11, value: Uint8Array.of(97) }));
    const layer = messageLayer({ optionCountMax: 5 });
    expect(told(layer.handleDatagram(PEER, bytesOf({ messageId: 1, options: options(5) }), 0))).toEqual(['request']);
    expect(told(layer.handleDatagram(PEER, bytesOf({ messageId: 2, options: options(6) }), 0))).toEqual(['malformed']);
  });
});

describe('datagrams of datagramBytesMax and one more', () => {
  const long = (over: number, part: Parameters<typeof bytesOf>[0] = {}) =>
    bytesOf({ token: Uint8Array.of(1, 2), ...part, payload: new Uint8Array(1152 - 7 + over) });

  test('at the limit it is a message', () => {
    expect(told(messageLayer().handleDatagram(PEER, long(0), 0))).toEqual(['request']);
  });

  test.each([
    ['a Confirmable request gets 4.13', long(1), ['ACK 4.13 1']],
    ['a Confirmable response gets a Reset', long(1, { code: 0x45 }), ['RST 0.00 1']],
    ['a Non-confirmable one gets silence', long(1, { type: NonConfirmable }), []],
    ['an Acknowledgement gets silence', long(1, { type: Acknowledgement, code: 0x45 }), []],
    ['a Reset gets silence', long(1, { type: Reset }), []],
  ])('%s', (_name, bytes, expected) => {
    const layer = messageLayer();
    const effects = layer.handleDatagram(PEER, bytes, 0);
    expect([...sent(effects), ...told(effects)]).toEqual(expected);
    expect(layer.counters.oversized).toBe(1);
  });
});

test('a ping is an empty Confirmable message, and the Reset is its answer', () => {
  const layer = messageLayer();
  const context = { name: 'ping' };
  expect(sent(layer.ping(PEER, context, 0))).toEqual(['CON 0.00 0']);
  const reset = bytesOf({ type: Reset, code: 0, messageId: 0 });
  expect(told(layer.handleDatagram(PEER, reset, 9))).toEqual(['reset ping']);
});

test('a piggybacked response comes with the context of its request', () => {
  const layer = messageLayer();
  const token = Uint8Array.of(7);
  layer.send(PEER, { isConfirmable: true, code: 1, token, options: [], payload: new Uint8Array(0) }, { name: 'A' }, 0);
  const answer = bytesOf({ type: Acknowledgement, code: 0x45, messageId: 0, token });
  expect(told(layer.handleDatagram(PEER, answer, 9))).toEqual(['response A']);
  expect(told(layer.handleDatagram(PEER, answer, 10))).toEqual([]);
});
