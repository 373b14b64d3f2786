import { describe, expect, test } from 'vitest';
import type { Effects } from '../effects.ts';
import { decodeMessage, type Message, MessageType, uintOption } from '../wire/index.ts';
import { bytesOf, endpoint, OTHER_PEER, observeOption, PEER, request, sent, told } from './endpoint.fixture.ts';
import type { EndpointEvent } from './endpoint-event.ts';

const { Acknowledgement, Confirmable, NonConfirmable } = MessageType;

/** The token of the message that a step sends. */
function tokenOf({ transmits: [transmit] }: Effects<unknown>): Uint8Array {
  return decodeMessage(transmit?.bytes ?? new Uint8Array(0)).token;
}

function response(token: Uint8Array, part: Partial<Message> = {}): Uint8Array {
  return bytesOf({ type: Confirmable, code: 0x45, messageId: 77, token, ...part });
}

describe('responses (RFC 7252 §5.2, §5.3)', () => {
  test.each([
    ['piggybacked', { type: Acknowledgement, messageId: 0 }, []],
    ['Confirmable, before the empty Acknowledgement', {}, ['ACK 0.00 77']],
    ['Non-confirmable', { type: NonConfirmable }, []],
  ])('%s: told once, acknowledged where it is to be, and the request is not sent again', (_name, part, expected) => {
    const core = endpoint();
    const token = tokenOf(core.request(request(), 0));
    const effects = core.handleDatagram(PEER, response(token, part), 10);
    expect([...sent(effects), ...told(effects)]).toEqual([...expected, 'response 1']);
    expect(told(core.handleDatagram(PEER, response(token, part), 11))).toEqual([]);
    expect(sent(core.handleTimeout(50_000))).toEqual([]);
  });

  test('after the empty Acknowledgement the request waits to its end', () => {
    const core = endpoint();
    const token = tokenOf(core.request(request({ timeoutMs: 60_000 }), 0));
    const empty = bytesOf({ type: Acknowledgement, code: 0, messageId: 0 });
    expect(told(core.handleDatagram(PEER, empty, 10))).toEqual([]);
    expect(sent(core.handleTimeout(30_000))).toEqual([]);
    expect(sent(core.handleDatagram(PEER, response(token), 59_000))).toEqual(['ACK 0.00 77']);
    core.request(request({ id: 2, timeoutMs: 60_000 }), 60_000);
    expect(told(core.handleTimeout(120_000))).toContain('failed 2 timeout');
  });

  test('an unexpected response: Confirmable gets a Reset, Non-confirmable silence, a notification a Reset', () => {
    const core = endpoint();
    const unknown = Uint8Array.of(9, 9);
    expect(sent(core.handleDatagram(PEER, response(unknown), 0))).toEqual(['RST 0.00 77']);
    expect(sent(core.handleDatagram(PEER, response(unknown, { messageId: 78, type: NonConfirmable }), 0))).toEqual([]);
    const forgotten = response(unknown, { messageId: 79, type: NonConfirmable, options: [observeOption(5)] });
    expect(sent(core.handleDatagram(PEER, forgotten, 0))).toEqual(['RST 0.00 79']);
    expect(core.stats().unexpectedResponses).toBe(3);
  });

  test('the right token of the wrong peer, and the wrong token of the right peer, are unexpected', () => {
    const core = endpoint();
    const token = tokenOf(core.request(request(), 0));
    expect(sent(core.handleDatagram(OTHER_PEER, response(token), 1))).toEqual(['RST 0.00 77']);
    expect(sent(core.handleDatagram(PEER, response(token.subarray(1)), 1))).toEqual(['RST 0.00 77']);
    expect(core.stats().clientExchanges).toBe(1);
  });

  test('a critical option that is not understood rejects the response', () => {
    const core = endpoint();
    const options = [{ number: 9, value: new Uint8Array(1) }];
    const token = tokenOf(core.request(request(), 0));
    const effects = core.handleDatagram(PEER, response(token, { options }), 1);
    expect([...sent(effects), ...told(effects)]).toEqual(['RST 0.00 77', 'failed 1 protocol']);
  });

  test('tokens are random, of tokenBytes, and differ', () => {
    const core = endpoint({ nstart: 9 });
    const tokens = [1, 2, 3].map((id) => tokenOf(core.request(request({ id }), 0)).join('.'));
    expect(new Set(tokens).size).toBe(3);
    const short = endpoint({ tokenBytes: 4 });
    expect(tokenOf(short.request(request(), 0))).toHaveLength(4);
  });

  test('clientExchangesPerPeerMax and one more', () => {
    const core = endpoint({ clientExchangesPerPeerMax: 2 });
    const outcomes = [1, 2, 3].map((id) => told(core.request(request({ id }), 0)));
    expect(outcomes).toEqual([[], [], ['failed 3 queue-full']]);
    expect(told(core.request(request({ id: 4, peer: OTHER_PEER }), 0))).toEqual([]);
    expect(core.stats().clientExchangesFull).toBe(1);
  });

  test('abandoned: a response that comes nevertheless gets a Reset, the next in the queue its turn', () => {
    const core = endpoint();
    const token = tokenOf(core.request(request(), 0));
    core.request(request({ id: 2 }), 0);
    expect(sent(core.abandon(1, 5))).toEqual(['CON 0.01 1']);
    expect(sent(core.handleDatagram(PEER, response(token), 6))).toEqual(['RST 0.00 77']);
  });
});

describe('observations (RFC 7641 §3)', () => {
  const first = (token: Uint8Array, value = 10): Uint8Array =>
    response(token, { type: Acknowledgement, messageId: 0, options: [observeOption(value)] });

  function observing() {
    const core = endpoint();
    const started = core.request(request({ purpose: 'observe' }), 0);
    const token = tokenOf(started);
    return { core, started, token };
  }

  const notified = (token: Uint8Array, messageId: number, value: number, part: Partial<Message> = {}) =>
    response(token, { messageId, options: [observeOption(value)], ...part });

  test('the request has Observe 0, as an empty value; the answer with Observe establishes it', () => {
    const { core, started, token } = observing();
    const { options } = decodeMessage(started.transmits[0]?.bytes ?? new Uint8Array(0));
    expect(options).toMatchObject([{ number: 6, value: new Uint8Array(0) }]);
    const { events } = core.handleDatagram(PEER, first(token), 1);
    expect(events).toMatchObject([{ kind: 'response', id: 1, isEstablished: true }]);
    expect(core.stats().observations).toBe(1);
  });

  test.each([
    ['no Observe', {}],
    ['an error', { code: 0x84, options: [observeOption(1)] }],
    ['an Observe that is too long', { options: [{ number: 6, value: new Uint8Array(4) }] }],
  ])('%s in the answer: not established', (_name, part) => {
    const { core, token } = observing();
    const { events } = core.handleDatagram(PEER, response(token, part), 1);
    expect(events).toMatchObject([{ kind: 'response', isEstablished: false }]);
    expect(core.stats().observations).toBe(0);
  });

  test('newer notifications are told, older ones only acknowledged', () => {
    const { core, token } = observing();
    core.handleDatagram(PEER, first(token), 1);
    const step = (messageId: number, value: number, now: number) => {
      const effects = core.handleDatagram(PEER, notified(token, messageId, value), now);
      return [...sent(effects), ...told(effects)];
    };
    expect(step(1, 12, 2)).toEqual(['ACK 0.00 1', 'notification 1']);
    expect(step(2, 11, 3)).toEqual(['ACK 0.00 2']);
    expect(step(3, 12, 4)).toEqual(['ACK 0.00 3']);
    // After 128 s without one, the number does not matter.
    expect(step(4, 5, 128_003)).toEqual(['ACK 0.00 4', 'notification 1']);
    expect(core.stats()).toMatchObject({ notificationsIn: 2, notificationsReordered: 2 });
  });

  test('a notification that overtakes the first answer establishes it, and the answer is then too old', () => {
    const { core, token } = observing();
    const { events } = core.handleDatagram(PEER, notified(token, 5, 11), 1);
    expect(events).toMatchObject([{ kind: 'response', isEstablished: true }]);
    expect(told(core.handleDatagram(PEER, first(token, 10), 2))).toEqual([]);
    expect(sent(core.handleTimeout(50_000))).toEqual([]);
  });

  test.each([
    ['an error', { code: 0x84, options: [] }],
    ['2.05 without Observe', { options: [] }],
  ])('%s is the last notification', (_name, part) => {
    const { core, token } = observing();
    core.handleDatagram(PEER, first(token), 1);
    const effects = core.handleDatagram(PEER, notified(token, 1, 0, part), 2);
    expect(told(effects)).toEqual(['notification 1', 'observation-ended 1 quietly']);
    expect(sent(core.handleDatagram(PEER, notified(token, 2, 3), 3))).toEqual(['RST 0.00 2']);
  });

  test('forgotten: the next notification gets a Reset', () => {
    const { core, token } = observing();
    core.handleDatagram(PEER, first(token), 1);
    expect(told(core.forget(1, 2))).toEqual(['observation-ended 1 quietly']);
    expect(sent(core.handleDatagram(PEER, notified(token, 1, 11), 3))).toEqual(['RST 0.00 1']);
  });

  test('cancelled: Observe 1 with the same token; what is still on its way is acknowledged and not told', () => {
    const { core, token } = observing();
    core.handleDatagram(PEER, first(token), 1);
    const cancel = core.request(request({ id: 2, purpose: 'cancel', token }), 2);
    expect(tokenOf(cancel)).toEqual(token);
    expect(uintOption(decodeMessage(cancel.transmits[0]?.bytes ?? new Uint8Array(0)), 6)).toBe(1);
    expect(told(cancel)).toEqual(['observation-ended 1 quietly']);
    const late = core.handleDatagram(PEER, notified(token, 1, 11), 3);
    expect([...sent(late), ...told(late)]).toEqual(['ACK 0.00 1']);
    const final = core.handleDatagram(PEER, response(token, { type: Acknowledgement, messageId: 1 }), 4);
    expect(told(final)).toEqual(['response 2']);
    expect(sent(core.handleDatagram(PEER, notified(token, 2, 12), 5))).toEqual(['RST 0.00 2']);
  });

  test('a notification with a critical option that is not understood ends it', () => {
    const { core, token } = observing();
    core.handleDatagram(PEER, first(token), 1);
    const options = [observeOption(11), { number: 9, value: new Uint8Array(1) }];
    const effects = core.handleDatagram(PEER, notified(token, 1, 0, { options }), 2);
    expect([...sent(effects), ...told(effects)]).toEqual(['RST 0.00 1', 'observation-ended 1 protocol']);
  });
});

describe('ping', () => {
  test('a Reset is the answer, and so is an Acknowledgement', () => {
    const core = endpoint();
    for (const [id, first] of [
      [1, 0x70],
      [2, 0x60],
    ] as const) {
      core.request(request({ id, purpose: 'ping' }), 0);
      expect(told(core.handleDatagram(PEER, Uint8Array.of(first, 0, 0, id - 1), 1))).toEqual([`pong ${id}`]);
    }
  });
});

test('a peer that cannot be reached ends its exchanges, in flight, waiting and acknowledged, and no others', () => {
  const core = endpoint();
  core.request(request({ id: 1 }), 0);
  core.handleDatagram(PEER, bytesOf({ type: Acknowledgement, code: 0, messageId: 0 }), 1);
  for (const id of [2, 3]) core.request(request({ id }), 2);
  core.request(request({ id: 4, isConfirmable: false }), 2);
  core.request(request({ id: 5, peer: OTHER_PEER }), 2);
  const events: EndpointEvent[] = [...core.handleUnreachable(PEER, 3).events];
  const ids = events.map((event) => ('id' in event ? event.id : 0));
  expect(ids.toSorted((left, right) => left - right)).toEqual([1, 2, 3, 4]);
  expect(core.stats()).toMatchObject({ clientExchanges: 1, transmissions: 1 });
});
