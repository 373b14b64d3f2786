import { encodeUtf8 } from '@motestack/bytes';
import { SimulatedNetwork } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLIENT, SERVER } from '../coap-endpoint.fixture.ts';
import { EndpointClosedError, QueueFullError } from '../errors.ts';
import {
  decodeMessage,
  encodeMessage,
  encodeUintOption,
  type Message,
  MessageType,
  OptionNumber,
} from '../wire/index.ts';
import { StatelessClient, type StatelessClientOptions } from './index.ts';
import { aesSealer, SEAL_BYTES } from './stateless.fixture.ts';

const { Acknowledgement, Confirmable, NonConfirmable, Reset } = MessageType;
const GET = { method: 'GET', path: ['temperature'] } as const;
const STATE = Uint8Array.of(1, 2, 3);
const TOKEN_BYTES = SEAL_BYTES + STATE.length;
const EXTENDED = { extendedTokens: true };

/** A client, and a server that is played by the test. */
function stateless(options: Partial<StatelessClientOptions> = {}) {
  const network = new SimulatedNetwork({ seed: 1 });
  const { clock, randomSource: random } = network;
  const received: string[] = [];
  const got: Message[] = [];
  const server = network.transport(SERVER);
  server.open({
    datagram: (_peer, bytes) => got.push(decodeMessage(new Uint8Array(bytes), EXTENDED)),
    unreachable: () => undefined,
    closed: () => undefined,
  });
  const client = new StatelessClient({
    transport: network.transport(CLIENT),
    clock,
    random,
    sealer: aesSealer(),
    onResponse: ({ peer, code }, state) => received.push(`${peer} ${code.toString(16)} ${state}`),
    parameters: { tokenBytesMax: TOKEN_BYTES },
    ...options,
  });
  let messageId = 100;
  const answer = async (message: Partial<Message>): Promise<Message[]> => {
    got.length = 0;
    const whole = { type: NonConfirmable, code: 0x45, messageId: messageId++, token: new Uint8Array(0), ...message };
    server.send(CLIENT, encodeMessage({ options: [], payload: new Uint8Array(0), ...whole }, EXTENDED));
    await network.run(clock.now() + 100);
    return [...got];
  };
  const ask = async (): Promise<Message> => {
    got.length = 0;
    client.request(SERVER, GET, STATE);
    await network.run(clock.now() + 100);
    const [request] = got;
    if (request === undefined) throw new Error('no request came');
    return request;
  };
  return { network, client, received, ask, answer };
}

describe('a stateless client (RFC 8974 §3)', () => {
  test('sends a Non-confirmable request, and tells its response with its state', async () => {
    const { ask, answer, received, client } = stateless();
    const { type, code, token } = await ask();
    expect([type, code, token.length]).toEqual([NonConfirmable, 1, TOKEN_BYTES]);
    expect(await answer({ token })).toEqual([]);
    expect(received).toEqual([`${SERVER} 45 1,2,3`]);
    expect(client.stats()).toMatchObject({ responsesIn: 1, tokensRefused: 0, transmissions: 0 });
    await client.close();
  });

  test('acknowledges a Confirmable response, each time, and tells it once', async () => {
    const { ask, answer, received } = stateless();
    const { token } = await ask();
    const message = { type: Confirmable, token, messageId: 7 };
    for (const _time of [1, 2]) {
      const [acknowledgement] = await answer(message);
      expect([acknowledgement?.type, acknowledgement?.code]).toEqual([Acknowledgement, 0]);
    }
    expect(received).toHaveLength(1);
  });

  test('nothing is left of requests, answered or not, but what is known of their peer for its time', async () => {
    const { network, client, ask, answer } = stateless();
    const { token } = await ask();
    await answer({ token });
    for (let count = 0; count < 10; count++) client.request(SERVER, GET, STATE);
    await network.run(600_000);
    expect(client.stats()).toMatchObject({ transmissions: 0, peersKnown: 0, silentPeers: 0, duplicatesRemembered: 0 });
    expect(network.pendingTimers).toBe(0);
  });

  test('a token at tokenBytesMax goes, one more byte is a RangeError', () => {
    const { client } = stateless();
    client.request(SERVER, GET, STATE);
    expect(() => client.request(SERVER, GET, new Uint8Array(STATE.length + 1))).toThrow(RangeError);
  });

  test('queueMax requests wait for a silent peer, one more is a QueueFullError', () => {
    const { client } = stateless({ parameters: { tokenBytesMax: TOKEN_BYTES, queueMax: 2, probingBytesMax: 0 } });
    for (let count = 0; count < 3; count++) client.request(SERVER, GET, STATE);
    expect(() => client.request(SERVER, GET, STATE)).toThrow(QueueFullError);
  });

  test('does not observe, and asks nothing once it is closed', async () => {
    const { client } = stateless();
    const options = [encodeUintOption(OptionNumber.Observe, 0)];
    expect(() => client.request(SERVER, { ...GET, options }, STATE)).toThrow(TypeError);
    await client.close();
    expect(() => client.request(SERVER, GET, STATE)).toThrow(EndpointClosedError);
  });

  test('what the callback throws is for the log', async () => {
    const log: string[] = [];
    const onResponse = () => {
      throw new Error('mine');
    };
    const { ask, answer } = stateless({ onResponse, logger: { error: (_fields, message) => log.push(message ?? '') } });
    await answer({ token: (await ask()).token });
    expect(log).toEqual(['a callback failed']);
  });

  test('a Reset of a request is counted', async () => {
    const { ask, answer, client } = stateless();
    const { messageId } = await ask();
    await answer({ type: Reset, code: 0, messageId });
    expect(client.stats()).toMatchObject({ requestsReset: 1 });
  });
});

describe('responses that are not taken (RFC 8974 §3.1, §3.3)', () => {
  test.each([
    [Confirmable, [Reset]],
    [NonConfirmable, []],
  ])('with every byte of the token changed, every prefix of it, and a longer one (type %i)', async (type, rejected) => {
    const { ask, answer, received, client } = stateless();
    const { token } = await ask();
    const changed = [...token].map((byte, index) => token.with(index, byte ^ 1));
    const prefixes = [...token].map((_byte, end) => token.slice(0, end));
    const wrong = [...changed, ...prefixes, new Uint8Array([...token, 0])];
    for (const each of wrong) {
      const answers = await answer({ type, token: each });
      expect(answers.map((message) => message.type)).toEqual(rejected);
    }
    expect(received).toEqual([]);
    expect(client.stats()).toMatchObject({ tokensRefused: wrong.length });
    await answer({ type, token });
    expect(received).toHaveLength(1);
  });

  test('any token that was not sealed', async () => {
    const { answer, received } = stateless();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: TOKEN_BYTES + 2 }), async (token) => {
        expect(await answer({ token })).toEqual([]);
        expect(received).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('the token of another server', async () => {
    const { network, client, answer, received } = stateless();
    let token = new Uint8Array(0);
    network.tap(({ bytes, to }) => {
      if (to === '10.0.0.9:5683') token = decodeMessage(new Uint8Array(bytes), EXTENDED).token.slice();
    });
    client.request('10.0.0.9:5683', GET, STATE);
    await network.run(100);
    expect(token).toHaveLength(TOKEN_BYTES);
    await answer({ token });
    expect(received).toEqual([]);
  });

  test.each([
    ['a critical option that is not understood', { options: [{ number: 9, value: new Uint8Array(0) }] }],
    [
      'a Location-Path that is not UTF-8',
      { options: [{ number: OptionNumber.LocationPath, value: Uint8Array.of(255) }] },
    ],
    ['a request', { code: 1, payload: encodeUtf8('x') }],
  ])('%s', async (_name, message) => {
    const { ask, answer, received } = stateless();
    const { token } = await ask();
    const answers = await answer({ type: Confirmable, token, ...message });
    expect(answers.map(({ type }) => type)).toEqual([Reset]);
    expect(received).toEqual([]);
  });
});
