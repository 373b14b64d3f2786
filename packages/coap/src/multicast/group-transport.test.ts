import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import type { PeerId } from '../effects.ts';
import { bytesOf, PEER } from '../message-layer/message-layer.fixture.ts';
import type { DatagramReceiver } from '../platform/transport.ts';
import { decodeMessage, encodeUintOption, hasOption, MessageType, OptionNumber } from '../wire/index.ts';
import { type GroupParameters, GroupTransport } from './index.ts';

const { Confirmable, NonConfirmable, Acknowledgement, Reset } = MessageType;
const token = Uint8Array.of(5);
const request = (part: Parameters<typeof bytesOf>[0] = {}) => bytesOf({ type: NonConfirmable, token, ...part });
const answer = (part: Parameters<typeof bytesOf>[0] = {}) =>
  bytesOf({ type: NonConfirmable, token, code: 0x45, payload: Uint8Array.of(1), ...part });

/** A group transport whose socket and endpoint are the test. */
function groupTransport(parameters: Partial<GroupParameters> = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const { clock, randomSource: random } = network;
  const sent: { peer: PeerId; bytes: Uint8Array; at: number }[] = [];
  const came: Uint8Array[] = [];
  let socket: DatagramReceiver | undefined;
  const transport = new GroupTransport({
    group: {
      localUrl: 'coap://224.0.1.187:5683',
      remote: undefined,
      open: (receiver) => {
        socket = receiver;
      },
      send: () => undefined,
      close: () => Promise.resolve(),
    },
    unicast: { send: (peer, bytes) => sent.push({ peer, bytes, at: clock.now() }) },
    clock,
    random,
    parameters,
  });
  transport.open({
    datagram: (_peer, bytes) => came.push(bytes),
    unreachable: () => undefined,
    closed: () => undefined,
  });
  const take = (bytes: Uint8Array, peer: PeerId = PEER): void => socket?.datagram(peer, bytes);
  return { network, transport, take, sent, came };
}

describe('what comes to a group', () => {
  test.each([
    ['a Confirmable request', request({ type: Confirmable })],
    ['a ping', bytesOf({ code: 0 })],
    ['a response', answer()],
    ['an Acknowledgement', bytesOf({ type: Acknowledgement, code: 0 })],
    ['a Reset', bytesOf({ type: Reset, code: 0 })],
    ['a malformed Confirmable message', Uint8Array.of(0x4f, 1, 0, 1)],
    ['nothing', new Uint8Array(0)],
  ])('%s is ignored, without a word (RFC 7252 §8.1)', (_name, bytes) => {
    const { transport, take, came, sent } = groupTransport();
    take(bytes);
    expect([came, sent, transport.counters.ignored]).toEqual([[], [], 1]);
  });

  test('a Non-confirmable request comes through as it is, but for Observe', () => {
    const { take, came } = groupTransport();
    take(request());
    expect(came).toEqual([request()]);
    take(request({ messageId: 2, options: [encodeUintOption(OptionNumber.Observe, 0)] }));
    const stripped = decodeMessage(came[1] ?? new Uint8Array(0));
    expect([hasOption(stripped, OptionNumber.Observe), stripped.messageId]).toEqual([false, 2]);
  });
});

describe('what goes out', () => {
  test('an answer with something to say, at a time within leisureMs', async () => {
    const { network, transport, take, sent } = groupTransport({ leisureMs: 100 });
    take(request());
    transport.send(PEER, answer());
    expect(sent).toEqual([]);
    await network.run(100);
    expect(sent.map(({ peer, bytes }) => ({ peer, bytes }))).toEqual([{ peer: PEER, bytes: answer() }]);
  });

  test.each([
    ['a Reset', bytesOf({ type: Reset, code: 0 })],
    ['an Acknowledgement', bytesOf({ type: Acknowledgement, code: 0 })],
    ['a Confirmable response', answer({ type: Confirmable })],
    ['an answer to another token', answer({ token: Uint8Array.of(6) })],
    ['an error', answer({ code: 0x84 })],
    ['a failure', answer({ code: 0xa0 })],
    ['an answer without a payload', answer({ payload: new Uint8Array(0) })],
  ])('%s does not', async (_name, bytes) => {
    const { network, transport, take, sent } = groupTransport();
    take(request());
    transport.send(PEER, bytes);
    await network.run(20_000);
    expect([sent, transport.counters.suppressed]).toEqual([[], 1]);
  });

  test.each([
    [0, ['2.04', '4.04', '5.00']],
    [2, ['4.04', '5.00']],
    [8, ['2.04', '5.00']],
    [16, ['2.04', '4.04']],
    [24, ['2.04']],
    [26, []],
  ])('No-Response %i in the request decides (RFC 7967 §2.1)', async (value, expected) => {
    const { network, transport, take, sent } = groupTransport();
    for (const code of [0x44, 0x84, 0xa0]) {
      take(request({ options: [encodeUintOption(OptionNumber.NoResponse, value)] }));
      transport.send(PEER, answer({ code, payload: new Uint8Array(0) }));
    }
    await network.run(60_000);
    const words = sent.map(({ bytes }) => `${(bytes[1] ?? 0) >>> 5}.0${(bytes[1] ?? 0) & 31}`);
    expect(new Set(words)).toEqual(new Set(expected));
  });

  test('groupRequestsMax answers wait, one more is dropped; so is one that nobody waits for any more', async () => {
    const { network, transport, take, sent } = groupTransport({ groupRequestsMax: 3, leisureMs: 10 });
    const ask = (index: number): void => {
      take(request({ token: Uint8Array.of(index) }));
      transport.send(PEER, answer({ token: Uint8Array.of(index) }));
    };
    for (const index of [1, 2, 3, 4]) ask(index);
    await network.run(1000);
    expect([sent.length, transport.counters.dropped]).toEqual([3, 1]);
    const slow = groupTransport({ leisureMs: 100_000 });
    for (const index of [1, 2, 3]) {
      slow.take(request({ token: Uint8Array.of(index) }));
      slow.transport.send(PEER, answer({ token: Uint8Array.of(index) }));
    }
    await slow.network.run(1_000_000);
    // The third would begin after 200 s.
    expect([slow.sent.length, slow.transport.counters.dropped]).toEqual([2, 1]);
  });

  test('groupRequestsMax requests may be with the handler, the oldest gives way to one more', async () => {
    const { network, transport, take, sent } = groupTransport({ groupRequestsMax: 2 });
    for (const index of [1, 2, 3]) take(request({ token: Uint8Array.of(index) }));
    for (const index of [1, 2, 3]) transport.send(PEER, answer({ token: Uint8Array.of(index) }));
    await network.run(60_000);
    expect(new Set(sent.map(({ bytes }) => bytes[4]))).toEqual(new Set([2, 3]));
    expect(transport.counters).toEqual({ ignored: 0, suppressed: 1, dropped: 1 });
  });

  test('nothing after close', async () => {
    const { network, transport, take, sent } = groupTransport();
    take(request());
    transport.send(PEER, answer());
    await transport.close();
    await network.run(20_000);
    expect([sent, network.pendingTimers]).toEqual([[], 0]);
  });
});

test.each([{ leisureMs: -1 }, { leisureMs: Number.NaN }, { groupRequestsMax: 0 }, { groupRequestsMax: 1.5 }])(
  '%o is refused',
  (parameters) => {
    expect(() => groupTransport(parameters)).toThrow(RangeError);
  },
);
