import { decodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { decodeMessage, MessageType, uintOption } from '../wire/index.ts';
import {
  answer,
  bytesOf,
  endpoint,
  notification,
  OTHER_PEER,
  observeBytes,
  PEER,
  sent,
  told,
} from './endpoint.fixture.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointParameters } from './endpoint-parameters.ts';

const { Acknowledgement, Confirmable, NonConfirmable, Reset } = MessageType;
const option = (number: number, length = 0) => ({ number, value: new Uint8Array(length) });

describe('options that are not understood (RFC 7252 §5.4)', () => {
  test.each([
    ['unknown and critical', option(9), 'ACK 4.02 1', 'OSCORE is not supported'],
    ['unknown, critical and unregistered', option(65_001), 'ACK 4.02 1', 'Option 65001 is not supported'],
    ['Block1 of four bytes', option(27, 4), 'ACK 4.02 1', 'Block1 is not supported'],
    ['If-Match, unless the handler takes care of it', option(1), 'ACK 4.02 1', 'If-Match is not supported'],
    ['Accept of three bytes', option(17, 3), 'ACK 4.02 1', 'Accept is not supported'],
    ['Uri-Host without a byte', option(3), 'ACK 4.02 1', 'Uri-Host is not supported'],
    ['Proxy-Uri, since this is no proxy', option(35, 1), 'ACK 5.05 1', 'Proxy-Uri is not supported'],
    ['Proxy-Scheme, since this is no proxy', option(39, 1), 'ACK 5.05 1', 'Proxy-Scheme is not supported'],
  ])('%s: Confirmable is refused, Non-confirmable ignored', (_name, unknown, expected, diagnostic) => {
    const core = endpoint();
    const effects = core.handleDatagram(PEER, bytesOf({ options: [unknown] }), 0);
    expect([...sent(effects), ...told(effects)]).toEqual([expected]);
    expect(decodeUtf8(decodeMessage(effects.transmits[0]?.bytes ?? new Uint8Array(0)).payload)).toBe(diagnostic);
    const silent = core.handleDatagram(PEER, bytesOf({ type: NonConfirmable, messageId: 2, options: [unknown] }), 0);
    expect([...sent(silent), ...told(silent)]).toEqual([]);
    expect(core.stats().badOptions).toBe(2);
  });

  test('a second occurrence of one that may come once', () => {
    const twice = [option(17, 1), option(17, 1)];
    expect(sent(endpoint().handleDatagram(PEER, bytesOf({ options: twice }), 0))).toEqual(['ACK 4.02 1']);
  });

  test('criticalOptions adds to what is understood', () => {
    const core = endpoint({ criticalOptions: [1, 11] });
    expect(told(core.handleDatagram(PEER, bytesOf({ options: [option(1, 3), option(1, 4)] }), 0))).toEqual([
      'request 1',
    ]);
  });

  test('elective ones are ignored: unknown, or of an illegal length', () => {
    const core = endpoint();
    const options = [option(6, 4), option(12, 3), option(65_000)];
    const { events } = core.handleDatagram(PEER, bytesOf({ options }), 0);
    expect(events).toMatchObject([{ kind: 'request', options: [] }]);
  });
});

test('an unknown method gets 4.05', () => {
  const core = endpoint();
  expect(sent(core.handleDatagram(PEER, bytesOf({ code: 8 }), 0))).toEqual(['ACK 4.05 1']);
  expect(sent(core.handleDatagram(PEER, bytesOf({ code: 31, type: NonConfirmable, messageId: 2 }), 0))).toEqual([
    'NON 4.05 0',
  ]);
});

describe('answers', () => {
  test('to a Non-confirmable request are Non-confirmable, at once or later', () => {
    const core = endpoint();
    core.handleDatagram(PEER, bytesOf({ type: NonConfirmable }), 0);
    expect(sent(core.handleTimeout(30_000))).toEqual([]);
    expect(sent(core.respond(1, answer(), 30_000))).toEqual(['NON 2.05 0']);
  });

  test('piggybackWindowMs decides: in the Acknowledgement or after it', () => {
    const core = endpoint({ piggybackWindowMs: 300 });
    core.handleDatagram(PEER, bytesOf({}), 0);
    expect(sent(core.handleTimeout(299))).toEqual([]);
    expect(sent(core.handleTimeout(300))).toEqual(['ACK 0.00 1']);
    expect(sent(core.respond(1, answer(), 400))).toEqual(['CON 2.05 0']);
    // "it MUST NOT send back the response in another Acknowledgement" (RFC 7252 §5.2.2).
    expect(sent(core.handleDatagram(PEER, bytesOf({}), 500))).toEqual(['ACK 0.00 1']);
  });

  test('one that does not fit throws, and the request can still be answered', () => {
    const core = endpoint();
    core.handleDatagram(PEER, bytesOf({}), 0);
    expect(() => core.respond(1, { ...answer(), options: [option(65_000, 4096)] }, 1)).toThrow(RangeError);
    expect(sent(core.respond(1, answer(0xa0), 1))).toEqual(['ACK 5.00 1']);
  });

  test('a separate response that is lost is told where that was asked for', () => {
    const core = endpoint({ queueMax: 0 });
    for (const messageId of [1, 2]) core.handleDatagram(PEER, bytesOf({ messageId }), 0);
    core.handleTimeout(200);
    expect(told(core.respond(1, { ...answer(), isSendingTold: true }, 300))).toEqual(['answered 1']);
    expect(told(core.respond(2, { ...answer(), isSendingTold: true }, 300))).toEqual(['unsent 2']);
    expect(told(core.respond(2, { ...answer(), isSendingTold: true }, 300))).toEqual(['unsent 2']);
    expect(core.stats()).toMatchObject({ answersLost: 1, queueFull: 1, lateAnswers: 1 });
  });
});

describe('limits of what peers may ask at a time', () => {
  test('serverExchangesPerPeerMax and one more', () => {
    const core = endpoint({ serverExchangesPerPeerMax: 2 });
    for (const messageId of [1, 2]) expect(told(core.handleDatagram(PEER, bytesOf({ messageId }), 0))).toHaveLength(1);
    expect(sent(core.handleDatagram(PEER, bytesOf({ messageId: 3 }), 0))).toEqual(['ACK 5.03 3']);
    const non = bytesOf({ messageId: 4, type: NonConfirmable });
    expect(sent(core.handleDatagram(PEER, non, 0))).toEqual(['NON 5.03 0']);
    expect(told(core.handleDatagram(OTHER_PEER, bytesOf({}), 0))).toEqual(['request 3']);
    core.respond(1, answer(), 0);
    expect(told(core.handleDatagram(PEER, bytesOf({ messageId: 5 }), 0))).toEqual(['request 4']);
    expect(core.stats().serverExchangesFull).toBe(2);
  });

  test('serverExchangesMax and one more', () => {
    const core = endpoint({ serverExchangesMax: 1 });
    core.handleDatagram(PEER, bytesOf({}), 0);
    expect(sent(core.handleDatagram(OTHER_PEER, bytesOf({}), 0))).toEqual(['ACK 5.03 1']);
  });

  test('a step gives up at most workPerStepMax handlers, and says that more is due', () => {
    const core = endpoint({ workPerStepMax: 3, piggybackWindowMs: 100 });
    for (let messageId = 1; messageId <= 5; messageId++) core.handleDatagram(PEER, bytesOf({ messageId }), 0);
    const first = core.handleTimeout(100);
    expect([first.transmits.length, first.wakeAt]).toEqual([3, 100]);
    expect(core.handleTimeout(100).transmits).toHaveLength(2);
  });
});

describe('observers (RFC 7641 §4)', () => {
  const register = (core = endpoint(), part: Parameters<typeof observeBytes>[0] = {}, id = 1) => {
    core.handleDatagram(PEER, observeBytes(part), 0);
    core.acceptObserver(id, 0);
    return core;
  };
  const sequences = (effects: { readonly transmits: readonly { readonly bytes: Uint8Array }[] }) =>
    effects.transmits.map(({ bytes }) => uintOption(decodeMessage(bytes), 6));
  const reset = (messageId: number) => bytesOf({ type: Reset, code: 0, messageId });
  const ack = (messageId: number) => bytesOf({ type: Acknowledgement, code: 0, messageId });

  test('answer and notifications are numbered upwards', () => {
    const core = register();
    expect(sequences(core.respond(1, answer(), 0))).toEqual([1]);
    expect(sequences(core.notify(1, notification(false), 1))).toEqual([2]);
    expect(sequences(core.notify(1, notification(), 2))).toEqual([3]);
  });

  test('an answer that is not 2.xx ends it, and has no number', () => {
    const core = register();
    const effects = core.respond(1, answer(0x84), 0);
    expect([...sequences(effects), ...told(effects)]).toEqual([undefined, 'relation-ended 1 error-answer']);
    expect(sent(core.notify(1, notification(), 1))).toEqual([]);
  });

  test('so does a notification that is not 2.xx, which still goes out', () => {
    const core = register();
    core.respond(1, answer(), 0);
    const effects = core.notify(1, notification(true, 0x84), 1);
    expect([...sent(effects), ...sequences(effects), ...told(effects)]).toEqual([
      'CON 4.04 0',
      undefined,
      'relation-ended 1 error-answer',
    ]);
    expect(sent(core.handleTimeout(2001))).toEqual(['CON 4.04 0']);
  });

  test('a notification before the answer waits for it, the newest of several', () => {
    const core = register();
    expect(sent(core.notify(1, notification(), 0))).toEqual([]);
    expect(sent(core.notify(1, { ...notification(), code: 0x43 }, 0))).toEqual([]);
    expect(sent(core.respond(1, answer(), 0))).toEqual(['ACK 2.05 1', 'CON 2.03 0']);
  });

  test.each([
    ['Confirmable', true],
    ['Non-confirmable', false],
  ])('a Reset of a %s notification ends it', (_name, isConfirmable) => {
    const core = register();
    core.respond(1, answer(), 0);
    core.notify(1, notification(isConfirmable), 1);
    expect(told(core.handleDatagram(PEER, reset(0), 2))).toEqual(['relation-ended 1 reset']);
    expect(core.stats().observers).toBe(0);
  });

  test('GET with Observe 1 and the same token ends it; with another token it does not', () => {
    const core = register(endpoint(), { token: Uint8Array.of(7) });
    core.respond(1, answer(), 0);
    const deregister = (messageId: number, token: number) =>
      bytesOf({ messageId, token: Uint8Array.of(token), options: [{ number: 6, value: Uint8Array.of(1) }] });
    expect(told(core.handleDatagram(PEER, deregister(2, 8), 1))).toEqual(['request 2']);
    expect(told(core.handleDatagram(OTHER_PEER, deregister(2, 7), 1))).toEqual(['request 3']);
    expect(told(core.handleDatagram(PEER, deregister(3, 7), 1))).toEqual(['relation-ended 1 cancelled', 'request 4']);
    expect(sequences(core.respond(4, answer(), 1))).toEqual([undefined]);
  });

  test('registering anew with the same token replaces the entry and goes on with its numbers', () => {
    const core = register();
    core.respond(1, answer(), 0);
    core.notify(1, notification(false), 1);
    core.handleDatagram(PEER, observeBytes({ messageId: 2 }), 2);
    expect(told(core.acceptObserver(2, 2))).toEqual(['relation-ended 1 replaced']);
    expect(sequences(core.respond(2, answer(), 2))).toEqual([3]);
    expect(core.stats().observers).toBe(1);
  });

  test('a registration that is not taken ends the entry of the same token', () => {
    const core = register();
    core.respond(1, answer(), 0);
    core.handleDatagram(PEER, observeBytes({ messageId: 2 }), 1);
    expect(told(core.respond(2, answer(), 1))).toEqual(['relation-ended 1 replaced']);
  });

  test('while one is in flight the newest waits, and follows on the Acknowledgement', () => {
    const core = register();
    core.respond(1, answer(), 0);
    expect(sequences(core.notify(1, notification(), 1))).toEqual([2]);
    for (const now of [2, 3]) expect(sequences(core.notify(1, notification(), now))).toEqual([]);
    expect(sequences(core.handleDatagram(PEER, ack(0), 4))).toEqual([4]);
    expect(core.stats().superseded).toBe(2);
  });

  test('observersPerPeerMax and observersMax, and one more', () => {
    const core = endpoint({ observersPerPeerMax: 2, observersMax: 3 });
    let [id, messageId] = [0, 0];
    const accept = (peer: string, token: number) => {
      core.handleDatagram(peer, observeBytes({ messageId: ++messageId, token: Uint8Array.of(token) }), 0);
      const { limit } = core.acceptObserver(++id, 0);
      core.respond(id, answer(), 0);
      return limit;
    };
    expect([accept(PEER, 1), accept(PEER, 2), accept(PEER, 3)]).toEqual([undefined, undefined, 'observersPerPeerMax']);
    expect(accept(PEER, 2)).toBeUndefined();
    expect([accept(OTHER_PEER, 1), accept(OTHER_PEER, 2)]).toEqual([undefined, 'observersMax']);
    expect(core.stats()).toMatchObject({ observers: 3, observersFull: 2 });
  });

  test('only an unanswered request with Observe 0 makes an observation', () => {
    const core = endpoint();
    core.handleDatagram(PEER, bytesOf({}), 0);
    expect(() => core.acceptObserver(1, 0)).toThrow(TypeError);
    core.handleDatagram(PEER, observeBytes({ messageId: 2 }), 0);
    core.respond(2, answer(), 0);
    expect(() => core.acceptObserver(2, 0)).toThrow(TypeError);
  });

  test('a peer that cannot be reached loses the relation whose notification is in flight', () => {
    const core = register();
    core.respond(1, answer(), 0);
    core.notify(1, notification(), 1);
    expect(told(core.handleUnreachable(PEER, 2))).toEqual(['relation-ended 1 unreachable']);
  });

  test('a notification is not refused for those that wait before it (RFC 7641 §4.2)', () => {
    const core = observedTwice({ queueMax: 0 });
    expect(sent(core.notify(1, notification(), 1))).toEqual(['CON 2.05 0']);
    expect(sent(core.notify(2, notification(), 1))).toEqual([]);
    expect(core.stats()).toMatchObject({ notificationsDropped: 0, transmissions: 2 });
    const acknowledged = core.handleDatagram(PEER, bytesOf({ type: Acknowledgement, code: 0, messageId: 0 }), 2);
    expect(sent(acknowledged)).toEqual(['CON 2.05 1']);
  });

  test('a notification to a peer that there is no room to know is dropped and counted', () => {
    const core = observedTwice({ peersMax: 1 });
    core.notify(1, notification(), 1);
    core.handleDatagram(OTHER_PEER, observeBytes({ messageId: 3 }), 1);
    core.acceptObserver(3, 1);
    core.respond(3, answer(), 1);
    expect(sent(core.notify(3, notification(), 1))).toEqual([]);
    expect(core.stats()).toMatchObject({ notificationsDropped: 1, observers: 3 });
  });

  test('forgetting an observer stops its notification', () => {
    const core = register();
    core.respond(1, answer(), 0);
    core.notify(1, notification(), 1);
    expect(told(core.endRelation(1, 2))).toEqual([]);
    expect(sent(core.handleTimeout(10_000))).toEqual([]);
  });
});

test('an Acknowledgement that carries something is taken for empty where no request waits for it', () => {
  const core = endpoint();
  core.handleDatagram(PEER, bytesOf({}), 0);
  core.handleTimeout(200);
  core.respond(1, answer(), 300);
  const loaded = bytesOf({ type: Acknowledgement, code: 0x45, messageId: 0 });
  expect(told(core.handleDatagram(PEER, loaded, 301))).toEqual([]);
  expect(core.stats().transmissions).toBe(0);
});

test('the type of a request shows in the answer', () => {
  const core = endpoint();
  const types = [Confirmable, NonConfirmable].map((type, index) => {
    core.handleDatagram(PEER, bytesOf({ type, messageId: index + 1 }), 0);
    return decodeMessage(core.respond(index + 1, answer(), 0).transmits[0]?.bytes ?? new Uint8Array(0)).type;
  });
  expect(types).toEqual([Acknowledgement, NonConfirmable]);
});

/** An endpoint that one peer observes with two tokens. */
function observedTwice(parameters: Partial<EndpointParameters>): Endpoint {
  const core = endpoint(parameters);
  for (const token of [1, 2]) {
    core.handleDatagram(PEER, observeBytes({ messageId: token, token: Uint8Array.of(token) }), 0);
    core.acceptObserver(token, 0);
    core.respond(token, answer(), 0);
  }
  return core;
}

test('a notification given before the answer that fits no datagram ends the observation, not the answer', () => {
  const core = endpoint({ datagramBytesMax: 1152 });
  core.handleDatagram(PEER, observeBytes({ messageId: 7 }), 0);
  core.acceptObserver(1, 0);
  core.notify(1, { ...notification(), options: Array.from({ length: 6 }, () => option(8, 250)) }, 0);
  const effects = core.respond(1, answer(), 0);
  expect([...sent(effects), ...told(effects)]).toEqual(['ACK 2.05 7', 'relation-ended 1 error-answer']);
  expect(core.stats()).toMatchObject({ serverExchanges: 0, observers: 0, notificationsDropped: 1 });
});
