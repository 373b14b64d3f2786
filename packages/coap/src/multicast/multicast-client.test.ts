import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { AbortedError, EndpointClosedError, PeerUnreachableError, QueueFullError } from '../errors.ts';
import { bytesOf } from '../message-layer/message-layer.fixture.ts';
import { AbortSource } from '../platform/abort-source.ts';
import type { DatagramReceiver } from '../platform/transport.ts';
import { decodeMessage, encodeUintOption, type Message, MessageType, OptionNumber } from '../wire/index.ts';
import { MulticastClient, type MulticastClientParameters } from './index.ts';
import { collect, GROUP } from './multicast.fixture.ts';

const GET = { method: 'GET' } as const;
const { Confirmable, NonConfirmable } = MessageType;

/** A client whose socket is the test. */
function multicastClient(parameters: Partial<MulticastClientParameters> = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const sent: Message[] = [];
  let socket: DatagramReceiver | undefined;
  const client = new MulticastClient({
    transport: {
      localUrl: 'coap://10.0.0.9:1',
      remote: undefined,
      open: (receiver) => {
        socket = receiver;
      },
      send: (_peer, bytes) => sent.push(decodeMessage(bytes.slice())),
      close: () => Promise.resolve(),
    },
    clock: network.clock,
    random: network.randomSource,
    parameters,
  });
  /** Answers the newest request. */
  const answer = (peer: string, part: Partial<Message> = {}): void => {
    const token = sent.findLast(({ code }) => code === 1)?.token ?? new Uint8Array(0);
    socket?.datagram(peer, bytesOf({ type: NonConfirmable, code: 0x45, token, payload: Uint8Array.of(1), ...part }));
  };
  return { network, client, sent, answer, socket: () => socket };
}

describe('a request', () => {
  test('is Non-confirmable and goes out at once, under a message ID of its own', () => {
    const { client, sent } = multicastClient();
    client.request(GROUP, GET);
    client.request(GROUP, GET);
    expect(sent.map(({ type }) => type)).toEqual([NonConfirmable, NonConfirmable]);
    expect(sent[1]?.messageId).not.toBe(sent[0]?.messageId);
    expect(sent[1]?.token).not.toEqual(sent[0]?.token);
  });

  test.each([
    ['an ETag (RFC 7252 §8.2.1)', { number: OptionNumber.ETag, value: Uint8Array.of(1) }],
    ['Observe', encodeUintOption(OptionNumber.Observe, 0)],
    ['Block1', encodeUintOption(OptionNumber.Block1, 0)],
    ['a later block (RFC 7959 §2.8)', encodeUintOption(OptionNumber.Block2, 0x16)],
  ])('with %s is refused', (_name, option) => {
    const { client, sent } = multicastClient();
    expect(() => client.request(GROUP, { ...GET, options: [option] })).toThrow(TypeError);
    expect(sent).toEqual([]);
  });

  test('may ask for a first block of a size', () => {
    const { client, sent } = multicastClient();
    client.request(GROUP, { ...GET, options: [encodeUintOption(OptionNumber.Block2, 2)] });
    expect(sent).toHaveLength(1);
  });

  test('groupRequestsMax may be under way, one more is refused; one that ended makes room', async () => {
    const { client } = multicastClient({ groupRequestsMax: 2 });
    const first = client.request(GROUP, GET);
    client.request(GROUP, GET);
    expect(() => client.request(GROUP, GET)).toThrow(QueueFullError);
    await first.return();
    client.request(GROUP, GET);
  });
});

describe('responses', () => {
  test('come in order, one of each peer, by the token alone', async () => {
    const { network, client, answer } = multicastClient();
    const responses = client.request(GROUP, GET);
    for (const peer of ['a:1', 'b:1', 'a:1']) answer(peer);
    answer('c:1', { token: Uint8Array.of(9) });
    const all = await network.settle(collect(responses));
    expect(all.map(({ peer }) => peer)).toEqual(['a:1', 'b:1']);
  });

  test('a Confirmable one is acknowledged; one that nobody asked for, or with a critical option, is rejected', () => {
    const { client, sent, answer } = multicastClient();
    client.request(GROUP, GET);
    answer('a:1', { type: Confirmable, messageId: 7 });
    answer('b:1', { type: Confirmable, messageId: 8, token: Uint8Array.of(9) });
    answer('c:1', { type: Confirmable, messageId: 9, options: [{ number: 2051, value: new Uint8Array(0) }] });
    expect(sent.slice(1).map(({ type, messageId }) => `${type} ${messageId}`)).toEqual(['2 7', '3 8', '3 9']);
  });

  test('junk is met as RFC 7252 §4.2 says, and answers nothing', () => {
    const { client, sent, socket } = multicastClient();
    client.request(GROUP, GET);
    socket()?.datagram('a:1', Uint8Array.of(0x40, 1, 0, 5, 0xff));
    socket()?.datagram('a:1', Uint8Array.of(0x50, 1, 0, 5, 0xff));
    socket()?.datagram('a:1', bytesOf({ messageId: 6 }));
    expect(sent.slice(1).map(({ type, messageId }) => `${type} ${messageId}`)).toEqual(['3 5', '3 6']);
  });

  test('responsesMax are taken, one more is not', async () => {
    const { network, client, answer } = multicastClient({ responsesMax: 3 });
    const responses = client.request(GROUP, GET);
    for (let index = 0; index < 5; index++) answer(`10.0.0.${index}:5683`);
    expect(await network.settle(collect(responses))).toHaveLength(3);
  });

  test('without an endpoint for the rest, the first block comes and says so', async () => {
    const { network, client, answer } = multicastClient();
    const responses = client.request(GROUP, GET);
    answer('a:1', { options: [encodeUintOption(OptionNumber.Block2, 0b1110)] });
    expect((await network.settle(collect(responses))).map(({ isComplete }) => isComplete)).toEqual([false]);
  });

  test('those after durationMs are not taken', async () => {
    const { network, client, answer } = multicastClient({ durationMs: 500 });
    const responses = client.request(GROUP, GET);
    const brief = client.request(GROUP, GET, { durationMs: 100 });
    await network.run(100);
    expect(await brief.next()).toEqual({ done: true, value: undefined });
    await network.run(500);
    answer('a:1');
    expect(await collect(responses)).toEqual([]);
    expect(network.pendingTimers).toBe(0);
  });
});

describe('the end', () => {
  test('a signal ends the waiting; what came before is still told', async () => {
    const { client, answer, network } = multicastClient();
    const source = new AbortSource();
    const responses = client.request(GROUP, GET, { signal: source.signal });
    answer('a:1');
    source.abort(new Error('enough'));
    expect((await responses.next()).done).toBe(false);
    await expect(responses.next()).rejects.toSatisfy(AbortedError.is);
    expect(await responses.next()).toEqual({ done: true, value: undefined });
    expect(network.pendingTimers).toBe(0);
    const never = client.request(GROUP, GET, { signal: source.signal });
    await expect(never.next()).rejects.toSatisfy(AbortedError.is);
  });

  test('break ends it, and the timer with it', async () => {
    const { client, answer, network } = multicastClient();
    const responses = client.request(GROUP, GET);
    answer('a:1');
    answer('b:1');
    for await (const { peer } of responses) {
      expect(peer).toBe('a:1');
      break;
    }
    expect([await responses.next(), network.pendingTimers]).toEqual([{ done: true, value: undefined }, 0]);
  });

  test('a group that cannot be reached, and close', async () => {
    const { client, socket } = multicastClient();
    const responses = client.request(GROUP, GET);
    const other = client.request('224.0.1.188:5683', GET);
    const waiting = responses.next();
    socket()?.unreachable(GROUP, new Error('ENETUNREACH'));
    await expect(waiting).rejects.toSatisfy(PeerUnreachableError.is);
    await client.close();
    await expect(other.next()).rejects.toSatisfy(EndpointClosedError.is);
    expect(() => client.request(GROUP, GET)).toThrow(EndpointClosedError);
  });

  test.each([{ durationMs: 0 }, { responsesMax: 0 }, { groupRequestsMax: 0 }, { bodyBytesMax: 0.5 }])(
    '%o is refused',
    (parameters) => {
      expect(() => multicastClient(parameters)).toThrow(RangeError);
    },
  );
});
