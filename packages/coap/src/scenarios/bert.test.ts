import { describe, expect, test } from 'vitest';
import { type BlockLimits, blocksFor } from '../block/block-size.ts';
import type { Effects, PeerId } from '../effects.ts';
import { bytesOf, PEER, request } from '../endpoint/endpoint.fixture.ts';
import type { EndpointEvent, MessageContext } from '../endpoint/endpoint-event.ts';
import { resolveEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { ServerHalf } from '../endpoint/server-half.ts';
import { ServingCore } from '../endpoint/serving-core.ts';
import { DuplicateTable } from '../message-layer/duplicate-table.ts';
import { zeros } from '../message-layer/message-layer.fixture.ts';
import { MessageLayer } from '../message-layer/message-layer.ts';
import { derivedTimes } from '../parameters.ts';
import { type DecodedMessage, decodeMessage, encodeBlock, type Message, Method, OptionNumber } from '../wire/index.ts';
import { answerTo, blockOptions, blocksIn, lastSent } from './block-wise.fixture.ts';
import { bodyBytes } from './streaming-bodies.fixture.ts';

const { Block1, Block2 } = OptionNumber;
/** What a block option with SZX 7 says. */
const bert = (number: number, blockNumber: number, more: boolean) => ({
  number,
  value: encodeBlock({ blockNumber, more, szx: 7 }),
});

/** A layer whose peers said what they take, as those of a connection do. */
class LimitedLayer extends MessageLayer<MessageContext> {
  limits: BlockLimits | undefined = { maxMessageBytes: 1152, isBlockWise: true };

  blockLimits(): BlockLimits | undefined {
    return this.limits;
  }
}

/** An endpoint in both roles whose peers have such limits. */
function endpointFor(limits: BlockLimits | undefined) {
  const parameters = resolveEndpointParameters({ datagramBytesMax: 65_507 });
  const times = derivedTimes(parameters);
  const messages = new LimitedLayer(parameters, zeros, new DuplicateTable({ ...times, ...parameters }));
  messages.limits = limits;
  const serve = (shared: ConstructorParameters<typeof ServerHalf>[1]) =>
    new ServerHalf(parameters, shared, { random: zeros, streamsRequestBody: undefined });
  const core = new ServingCore({ parameters, random: zeros, messages, serve });
  const handleDatagram = (peer: PeerId, bytes: Uint8Array, now: number): Effects<EndpointEvent> =>
    core.take(messages.handleDatagram(peer, bytes, now), now);
  return Object.assign(core, { handleDatagram, messages });
}

/** The messages between two such endpoints, until the request is answered. */
function exchanged(limits: BlockLimits, payload: Uint8Array, answer: Uint8Array) {
  const [client, server] = [endpointFor(limits), endpointFor(limits)];
  const lines: string[] = [];
  const bodies: Uint8Array[] = [];
  const note = (message: DecodedMessage): void =>
    void lines.push(`${blocksIn(message)} ${message.payload.length}`.trim());
  let effects = client.request(request({ code: Method.Post, payload }), 0);
  for (let round = 0; round < 100; round++) {
    const [event] = effects.events;
    if (event?.kind === 'response') return { lines, bodies, response: event.message.payload };
    const sent = effects.transmits[0];
    if (sent === undefined) break;
    note(decodeMessage(sent.bytes));
    let answered = server.handleDatagram(PEER, sent.bytes.slice(), 0);
    const [asked] = answered.events;
    if (asked?.kind === 'request') {
      bodies.push(asked.message.payload);
      answered = server.respond(asked.exchangeId, { code: 0x44, options: [], payload: answer }, 0);
    }
    const reply = answered.transmits[0];
    if (reply === undefined) break;
    note(decodeMessage(reply.bytes));
    effects = client.handleDatagram(PEER, reply.bytes.slice(), 0);
  }
  throw new Error(`no response: ${lines.join(', ')}`);
}

test.each([
  [1152, '1:0/1/1024'],
  [1153, '1:0/1/1024'],
  [2304, '1:0/1/1024'],
  [3 * 1024 + 256, '1:0/1/1024'],
])('maxMessageBytes of %i: bodies go both ways, whole (RFC 8323 §6)', (maxMessageBytes, first) => {
  const [payload, answer] = [bodyBytes(1, 10_000), bodyBytes(2, 7000)];
  const { lines, bodies, response } = exchanged({ maxMessageBytes, isBlockWise: true }, payload, answer);
  expect([bodies, response]).toEqual([[payload], answer]);
  const units = Math.max(1, Math.floor((maxMessageBytes - 256) / 1024));
  const bytes = maxMessageBytes > 1152 ? units * 1024 : 1024;
  expect(lines[0]).toBe(`${first} ${bytes}`);
  // Each number counts in units of 1024 bytes.
  expect(lines[2]).toBe(`1:${bytes / 1024}/1/1024 ${bytes}`);
});

test('a peer that says nothing of blocks gets whole messages', () => {
  const [payload, answer] = [bodyBytes(1, 10_000), bodyBytes(2, 7000)];
  const { lines, response } = exchanged({ maxMessageBytes: 60_000, isBlockWise: false }, payload, answer);
  expect([lines, response]).toEqual([['10000', '7000'], answer]);
});

test.each([
  [896, '896'],
  [1024, '1024'],
  [1025, '1:0/1/1024 1024'],
])('a peer that says nothing at all: %i bytes begin with %s (RFC 8323 §5.3.2)', (length, first) => {
  const [payload, answer] = [bodyBytes(1, length), bodyBytes(2, length)];
  const { lines, bodies, response } = exchanged({ maxMessageBytes: 1152, isBlockWise: false }, payload, answer);
  expect([lines[0], bodies, response]).toEqual([first, [payload], answer]);
});

test.each([
  [9744, '9744'],
  [9745, '1:0/1/1024 1024'],
])('a peer that says nothing of blocks and takes 10,000 bytes: a body of %i begins with %s', (length, first) => {
  const payload = bodyBytes(1, length);
  const { lines, bodies } = exchanged({ maxMessageBytes: 10_000, isBlockWise: false }, payload, Uint8Array.of(1));
  expect([lines[0], bodies]).toEqual([first, [payload]]);
});

test.each([
  [64 * 1024 + 256, 64],
  [65 * 1024 + 256, 64],
  [10_000_000, 64],
  [64 * 1024 + 255, 63],
])('for a peer that takes %i bytes a message has %i units', (maxMessageBytes, units) => {
  expect(blocksFor(6, { maxMessageBytes, isBlockWise: true })).toMatchObject({ szx: 7, bytes: units * 1024 });
});

test('a body that begins before the CSM of the peer is here goes in blocks of 1024 bytes to its end (RFC 8323 §5.3)', () => {
  const core = endpointFor(undefined);
  let effects = core.request(request({ code: Method.Put, payload: bodyBytes(1, 10_000) }), 0);
  expect(blocksIn(lastSent(effects))).toBe('1:0/1/1024');
  core.messages.limits = { maxMessageBytes: 4 * 1024 + 256, isBlockWise: true };
  effects = answerTo(core as never, effects, { code: 0x5f, options: blockOptions('1:0/1/1024') });
  expect(`${blocksIn(lastSent(effects))} ${lastSent(effects).payload.length}`).toBe('1:1/1/1024 1024');
});

test.each([
  [1152, 1024],
  [1151, 512],
  [384, 256],
  [383, 128],
  [143, 16],
  [10, 16],
])('for a peer that takes %i bytes a block has %i', (maxMessageBytes, bytes) => {
  for (const isBlockWise of [true, false])
    expect(blocksFor(6, { maxMessageBytes, isBlockWise })).toMatchObject({ bytes });
});

test('who prefers smaller blocks than 1024 bytes gets no BERT', () => {
  expect(blocksFor(5, { maxMessageBytes: 60_000, isBlockWise: true })).toEqual({
    szx: 5,
    bytes: 512,
    wholeBytesMax: 512,
  });
});

describe('the peer chooses how many units it sends (RFC 8323 §6.1, §6.2)', () => {
  const limits = { maxMessageBytes: 4096, isBlockWise: true };

  test('GET with blocks of 3072, 5120 and 4711 bytes', () => {
    const core = endpointFor(limits);
    const body = bodyBytes(1, 12_903);
    let effects = core.request(request(), 0);
    for (const [blockNumber, length] of [
      [0, 3072],
      [3, 5120],
      [8, 4711],
    ] as const) {
      const part: Partial<Message> = {
        options: [bert(Block2, blockNumber, blockNumber < 8)],
        payload: body.subarray(blockNumber * 1024, blockNumber * 1024 + length),
      };
      effects = answerTo(core as never, effects, part);
      if (blockNumber < 8)
        expect(lastSent(effects).options.at(-1)).toEqual(bert(Block2, blockNumber === 0 ? 3 : 8, false));
    }
    expect(effects.events).toMatchObject([{ kind: 'response', message: { payload: body } }]);
  });

  test('PUT with blocks of 8192, 16384 and 5683 bytes', () => {
    const core = endpointFor(limits);
    const body = bodyBytes(2, 30_259);
    let messageId = 0;
    const put = (blockNumber: number, length: number, more: boolean): Effects<EndpointEvent> => {
      const payload = body.subarray(blockNumber * 1024, blockNumber * 1024 + length);
      const options = [bert(Block1, blockNumber, more)];
      return core.handleDatagram(PEER, bytesOf({ code: Method.Put, messageId: ++messageId, options, payload }), 0);
    };
    expect(lastSent(put(0, 8192, true)).options).toEqual([bert(Block1, 0, true)]);
    expect(lastSent(put(8, 16_384, true)).options).toEqual([bert(Block1, 8, true)]);
    expect(put(24, 5683, false).events).toMatchObject([{ kind: 'request', message: { payload: body } }]);
  });

  test.each([0, 1000, 1025])('a block of %i bytes that is not the last gets 4.00', (length) => {
    const core = endpointFor(limits);
    const options = [bert(Block1, 0, true)];
    const reply = core.handleDatagram(PEER, bytesOf({ code: Method.Put, options, payload: new Uint8Array(length) }), 0);
    expect(lastSent(reply).code).toBe(0x80);
  });

  test('a block of 1024 bytes in answer to BERT is taken, and the rest is asked for in that size', () => {
    const core = endpointFor(limits);
    const first = { options: blockOptions('2:0/1/1024'), payload: new Uint8Array(1024) };
    const effects = answerTo(core as never, core.request(request(), 0), first);
    expect(blocksIn(lastSent(effects))).toBe('2:1/0/1024');
  });
});
