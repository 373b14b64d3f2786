import { encodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { encodeUintOption } from '../wire/index.ts';
import { CSM, empty, frame, get, layer, OTHER_PEER, SERVER_PEER, sent, told } from './connection.fixture.ts';

const answer = (token = 7) => ({ code: 0x45, token: Uint8Array.of(token), options: [], payload: empty() });
const opened = (...parameters: Parameters<typeof layer>) => {
  const made = layer(...parameters);
  made.handleConnected(SERVER_PEER, 0);
  made.handleBytes(SERVER_PEER, CSM, 0);
  return made;
};

describe('connecting', () => {
  test('what is asked before there is a connection waits for it and for its CSM', () => {
    const core = layer();
    expect(told(core.send(SERVER_PEER, get(), { name: 'a' }, 0))).toEqual(['connect']);
    expect(told(core.ping(SERVER_PEER, { name: 'b' }, 0))).toEqual([]);
    expect(sent(core.handleConnected(SERVER_PEER, 0))).toEqual(['7.01 2=fe00 4=']);
    const effects = core.handleBytes(SERVER_PEER, CSM, 0);
    expect(sent(effects)).toEqual(['0.01 07', '7.02 00000000']);
    expect(told(effects)).toEqual(['connected', 'sent a', 'acknowledged a', 'sent b']);
  });

  test('waitsForCsm: without, it goes out behind our own CSM (RFC 8323 §3.3)', () => {
    const core = layer({ waitsForCsm: false });
    core.send(SERVER_PEER, get(), { name: 'a' }, 0);
    expect(sent(core.handleConnected(SERVER_PEER, 0))).toEqual(['7.01 2=fe00 4=', '0.01 07']);
    expect(sent(core.send(SERVER_PEER, get(8), { name: 'b' }, 0))).toEqual(['0.01 08']);
  });

  test('a message that waited and is longer than the peer takes is told as what it is', () => {
    const core = layer();
    core.send(SERVER_PEER, { ...get(), payload: new Uint8Array(2000) }, { name: 'a' }, 0);
    core.handleConnected(SERVER_PEER, 0);
    const csm = frame({ code: 0xe1, options: [encodeUintOption(2, 200)] });
    expect(told(core.handleBytes(SERVER_PEER, csm, 0))).toEqual(['connected', 'garbled a']);
    expect(core.transmissionCount).toBe(0);
  });

  test('connectQueueMax', () => {
    const core = layer({ connectQueueMax: 1 });
    core.send(SERVER_PEER, get(1), { name: 'a' }, 0);
    expect(told(core.send(SERVER_PEER, get(2), { name: 'b' }, 0))).toEqual(['refused b connectQueueMax']);
    expect(core.counters.queueFull).toBe(1);
  });

  test('what cannot be connected to is told to those who wait, and the next request tries again', () => {
    const core = layer();
    core.send(SERVER_PEER, get(), { name: 'a' }, 0);
    const effects = core.handleDisconnected(SERVER_PEER, 0, new Error('ECONNREFUSED'));
    expect(told(effects)).toEqual(['connection-lost closed', 'gave-up a unreachable']);
    expect(effects.events[0]).toMatchObject({ loss: { detail: 'ECONNREFUSED' } });
    expect(told(core.send(SERVER_PEER, get(), { name: 'b' }, 0))).toEqual(['connect']);
  });

  test('somebody to whom there is no connection cannot be reached', () => {
    const core = opened();
    expect(told(core.send(OTHER_PEER, get(), { name: 'a' }, 0))).toEqual(['gave-up a unreachable']);
    expect(told(core.send(OTHER_PEER, { ...get(), code: 0x45 }, { name: 'b' }, 0))).toEqual(['gave-up b unreachable']);
    expect(sent(core.respond(OTHER_PEER, 0, answer(), 0))).toEqual([]);
  });

  test('a request that is stopped while it waits is not sent', () => {
    const core = layer();
    const context = { name: 'a' };
    core.send(SERVER_PEER, get(), context, 0);
    core.stop(context, 0);
    core.handleConnected(SERVER_PEER, 0);
    expect(sent(core.handleBytes(SERVER_PEER, CSM, 0))).toEqual([]);
    expect(core.transmissionCount).toBe(0);
  });
});

describe('exchanges', () => {
  test('a response is told without context, and its request is no more under way', () => {
    const core = opened();
    core.send(SERVER_PEER, get(), { name: 'a' }, 0);
    expect(core.transmissionCount).toBe(1);
    expect(told(core.handleBytes(SERVER_PEER, frame(answer()), 0))).toEqual(['response -']);
    expect(core.transmissionCount).toBe(0);
  });

  test('a request is told, its answer goes back; there are no Acknowledgements and no Resets', () => {
    const core = opened({}, undefined);
    const effects = core.handleBytes(SERVER_PEER, frame({ token: Uint8Array.of(7) }), 0);
    expect(told(effects)).toEqual(['request']);
    expect(sent(core.acknowledge(SERVER_PEER, 0, 0))).toEqual([]);
    expect(sent(core.reject(SERVER_PEER, 0, 0))).toEqual([]);
    expect(sent(core.respond(SERVER_PEER, 0, answer(), 0))).toEqual(['2.05 07']);
  });

  test('nothing takes the place of what was handed out', () => {
    const core = opened();
    const context = { name: 'a' };
    core.send(SERVER_PEER, { ...get(), code: 0x45 }, context, 0);
    expect(core.supersede(context, get())).toBe(false);
  });

  test('a Pong without a token, as of libcoap 4.3.1, is for the oldest Ping; without a Ping it is told', () => {
    const core = opened();
    const pong = frame({ code: 0xe3 });
    expect(told(core.handleBytes(SERVER_PEER, pong, 0))).toEqual(['custody']);
    core.send(SERVER_PEER, get(1), { name: 'request' }, 0);
    core.ping(SERVER_PEER, { name: 'a' }, 0);
    core.ping(SERVER_PEER, { name: 'b' }, 0);
    expect(told(core.handleBytes(SERVER_PEER, pong, 0))).toEqual(['acknowledged a']);
    expect(told(core.handleBytes(SERVER_PEER, pong, 0))).toEqual(['acknowledged b']);
    expect(core.stats().transmissions).toBe(1);
  });

  test('a Pong is the acknowledgement of its Ping, another is told to who asked for custody', () => {
    const core = opened();
    core.ping(SERVER_PEER, { name: 'a' }, 0);
    core.ping(SERVER_PEER, { name: 'b' }, 0);
    const pong = (number: number) => frame({ code: 0xe3, token: Uint8Array.of(0, 0, 0, number) });
    expect(told(core.handleBytes(SERVER_PEER, pong(2), 0))).toEqual(['custody']);
    expect(told(core.handleBytes(SERVER_PEER, pong(1), 0))).toEqual(['acknowledged b']);
    expect(told(core.handleBytes(SERVER_PEER, pong(0), 0))).toEqual(['acknowledged a']);
  });

  test('blockLimits says what the peer said', () => {
    const core = opened();
    expect(core.blockLimits(SERVER_PEER)).toEqual({ maxMessageBytes: 1152, isBlockWise: false });
    const options = [encodeUintOption(2, 9000), { number: 4, value: empty() }];
    core.handleBytes(SERVER_PEER, frame({ code: 0xe1, options }), 0);
    expect(core.blockLimits(SERVER_PEER)).toEqual({ maxMessageBytes: 9000, isBlockWise: true });
    expect(core.blockLimits(OTHER_PEER)).toBeUndefined();
    core.handleConnected(OTHER_PEER, 0);
    expect(core.blockLimits(OTHER_PEER)).toBeUndefined();
  });
});

describe('the end of a connection', () => {
  test('requests and Pings under way are given up, nothing is left', () => {
    const core = opened();
    core.send(SERVER_PEER, get(), { name: 'a' }, 0);
    core.ping(SERVER_PEER, { name: 'b' }, 0);
    expect(told(core.handleDisconnected(SERVER_PEER, 0))).toEqual([
      'connection-lost closed',
      'gave-up a unreachable',
      'gave-up b unreachable',
    ]);
    expect(core.stats()).toMatchObject({ connections: 0, transmissions: 0, partialBytes: 0 });
    expect(core.wakeAt).toBeUndefined();
    expect(told(core.handleDisconnected(SERVER_PEER, 0))).toEqual([]);
  });

  test('what cannot be read: Abort, disconnect, loss', () => {
    const core = opened();
    core.send(SERVER_PEER, get(), { name: 'a' }, 0);
    const effects = core.handleBytes(SERVER_PEER, Uint8Array.of(0x09, 1), 0);
    expect(sent(effects)).toEqual([expect.stringMatching(/^7\.05 /)]);
    expect(told(effects)).toEqual(['disconnect protocol', 'connection-lost protocol', 'gave-up a unreachable']);
    expect(sent(core.handleBytes(SERVER_PEER, frame(), 0))).toEqual([]);
  });

  test('a new connection takes the place of the old one', () => {
    const core = opened({}, undefined);
    expect(told(core.handleConnected(SERVER_PEER, 0))).toEqual(['connection-lost closed']);
    expect(core.stats().connections).toBe(1);
  });

  test('what the peer says last in words is in the loss', () => {
    const core = opened();
    const abort = frame({ code: 0xe5, payload: encodeUtf8('overloaded') });
    expect(core.handleBytes(SERVER_PEER, abort, 0).events[1]).toMatchObject({
      loss: { reason: 'aborted', detail: 'overloaded' },
    });
  });

  test('workPerStepMax: time-outs beyond it wait for the next step', () => {
    const core = layer({ workPerStepMax: 2, csmTimeoutMs: 100 }, undefined);
    for (const peer of ['a', 'b', 'c']) core.handleConnected(peer, 0);
    const first = core.handleTimeout(100);
    expect(told(first).filter((line) => line.startsWith('disconnect'))).toHaveLength(2);
    expect(first.wakeAt).toBe(100);
    expect(told(core.handleTimeout(100)).filter((line) => line.startsWith('disconnect'))).toHaveLength(1);
    expect(core.wakeAt).toBeUndefined();
  });

  test('abort says why', () => {
    const core = opened();
    const effects = core.abort(SERVER_PEER, 'enough', 0);
    expect(sent(effects)).toEqual(['7.05 "enough"']);
    expect(told(effects)).toEqual(['disconnect local', 'connection-lost local']);
  });
});

describe('Release (RFC 8323 §5.5)', () => {
  const release = frame({ code: 0xe4, options: [encodeUintOption(4, 30)] });

  test('with nothing under way the connection is closed at once', () => {
    const effects = opened().handleBytes(SERVER_PEER, release, 0);
    expect(told(effects)).toEqual(['released', 'disconnect released', 'connection-lost released']);
    expect(effects.events[1]).toMatchObject({ loss: { advice: { holdOffSeconds: 30 } } });
  });

  test('the answers of both sides are waited for', () => {
    const core = opened();
    core.send(SERVER_PEER, get(1), { name: 'a' }, 0);
    core.handleBytes(SERVER_PEER, frame({ token: Uint8Array.of(2) }), 0);
    expect(told(core.handleBytes(SERVER_PEER, release, 0))).toEqual(['released']);
    expect(told(core.handleBytes(SERVER_PEER, frame(answer(1)), 0))).toEqual(['response -']);
    const effects = core.respond(SERVER_PEER, 0, answer(2), 0);
    expect(sent(effects)).toEqual(['2.05 02']);
    expect(told(effects)).toEqual(['disconnect released', 'connection-lost released']);
  });

  test('they are waited for no longer than releaseTimeoutMs', () => {
    const core = opened({ releaseTimeoutMs: 500 });
    core.send(SERVER_PEER, get(1), { name: 'a' }, 0);
    expect(core.handleBytes(SERVER_PEER, release, 0).wakeAt).toBe(500);
    expect(told(core.handleTimeout(500))).toEqual([
      'disconnect released',
      'connection-lost released',
      'gave-up a unreachable',
    ]);
  });

  test('requests that come up meanwhile wait for the next connection', () => {
    const core = opened();
    core.send(SERVER_PEER, get(1), { name: 'a' }, 0);
    core.handleBytes(SERVER_PEER, release, 0);
    expect(sent(core.send(SERVER_PEER, get(2), { name: 'b' }, 0))).toEqual([]);
    expect(told(core.handleBytes(SERVER_PEER, frame(answer(1)), 0))).toEqual([
      'response -',
      'disconnect released',
      'connection-lost released',
      'connect',
    ]);
    core.handleConnected(SERVER_PEER, 0);
    expect(sent(core.handleBytes(SERVER_PEER, CSM, 0))).toEqual(['0.01 02']);
  });

  test('one that is sent lets the peer close the connection', () => {
    const core = opened();
    expect(sent(core.release(SERVER_PEER, {}, 0))).toEqual(['7.04']);
    expect(core.peers()).toEqual([SERVER_PEER]);
    expect(told(core.handleDisconnected(SERVER_PEER, 0))).toEqual(['connection-lost closed']);
  });
});
