import { SimulatedNetwork } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { newDatagramClient } from '../client/datagram-client.ts';
import { CLIENT, content, SERVER } from '../coap-endpoint.fixture.ts';
import { CoapEndpoint, type CoapEndpointOptions } from '../coap-endpoint.ts';
import { endpoint, PEER, bytesOf as shortBytesOf, told } from '../endpoint/endpoint.fixture.ts';
import { TimeoutError } from '../errors.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import { takesExtendedTokens } from '../stateless/index.ts';
import { decodeMessage, encodeMessage, type Message, MessageType, OptionNumber, ResponseCode } from '../wire/index.ts';

const { Acknowledgement, Confirmable, NonConfirmable } = MessageType;
const NOTHING = new Uint8Array(0);
const tokenOfLength = (length: number) => new Uint8Array(length).fill(length);

function bytesOf(message: Partial<Message>): Uint8Array {
  const whole = { type: Confirmable, code: 1, messageId: 1, token: NOTHING, options: [], payload: NOTHING, ...message };
  return encodeMessage(whole, { extendedTokens: true });
}

/** What an endpoint answers to a request with a token of this length. */
function answerTo(core: ReturnType<typeof endpoint>, message: Partial<Message>) {
  const effects = core.handleDatagram(PEER, bytesOf(message), 0);
  const answers = effects.transmits.map(({ bytes }) => decodeMessage(bytes, { extendedTokens: true }));
  return { told: told(effects), answers: answers.map(({ type, code, token }) => ({ type, code, token })) };
}

describe('tokenBytesMax over datagrams (RFC 8974)', () => {
  test('is 8 unless it is said: a longer token is a message-format error, and gets a Reset', () => {
    const { answers, told } = answerTo(endpoint(), { token: tokenOfLength(9) });
    expect(answers).toEqual([{ type: MessageType.Reset, code: 0, token: NOTHING }]);
    expect(told).toEqual(['malformed']);
  });

  test.each([9, 12, 13, 268, 269, 300])('a request with a token of %i bytes is answered with it', (length) => {
    const core = endpoint({ tokenBytesMax: 300 });
    const token = tokenOfLength(length);
    expect(answerTo(core, { token })).toEqual({ told: ['request 1'], answers: [] });
    const [answer] = core.respond(1, { code: 0x45, options: [], payload: NOTHING }, 5).transmits;
    const { type, code, token: returned } = decodeMessage(answer?.bytes ?? NOTHING, { extendedTokens: true });
    expect({ type, code, returned }).toEqual({ type: Acknowledgement, code: 0x45, returned: token });
    // Its copy gets the same, and does not run.
    const again = core.handleDatagram(PEER, bytesOf({ token }), 6);
    expect([told(again), again.transmits.map(({ bytes }) => bytes)]).toEqual([[], [answer?.bytes]]);
  });

  test.each([
    [Confirmable, Acknowledgement],
    [NonConfirmable, NonConfirmable],
  ])('one byte more is answered 4.00, never rejected (type %i)', (type, answered) => {
    const core = endpoint({ tokenBytesMax: 32 });
    expect(answerTo(core, { type, token: tokenOfLength(32) }).told).toEqual(['request 1']);
    const token = tokenOfLength(33);
    const code = ResponseCode.BadRequest;
    expect(answerTo(core, { type, messageId: 2, token })).toEqual({
      told: [],
      answers: [{ type: answered, code, token }],
    });
  });

  test('a datagram that is too long is answered 4.13 with its long token', () => {
    const core = endpoint({ tokenBytesMax: 300, datagramBytesMax: 1152 });
    const token = tokenOfLength(270);
    expect(answerTo(core, { token, payload: new Uint8Array(1152) }).answers).toEqual([
      { type: Acknowledgement, code: ResponseCode.RequestEntityTooLarge, token },
    ]);
  });

  test('every prefix of a request with a long token is taken or refused, and no Acknowledgement is answered', () => {
    for (const length of [13, 269]) {
      const whole = bytesOf({ token: tokenOfLength(length), payload: Uint8Array.of(1) });
      for (let end = 0; end < whole.length; end++) {
        const core = endpoint({ tokenBytesMax: 300 });
        const effects = core.handleDatagram(PEER, whole.subarray(0, end), 0);
        expect(effects.transmits.length + effects.events.length).toBeGreaterThan(0);
        const acknowledgement = whole.slice(0, end);
        acknowledgement[0] = (whole[0] ?? 0) | (Acknowledgement << 4);
        acknowledgement[1] = 0x45;
        expect(core.handleDatagram(PEER, acknowledgement, 0).transmits).toEqual([]);
      }
    }
    expect(shortBytesOf({})).toEqual(bytesOf({}));
  });
});

describe('takesExtendedTokens (RFC 8974 §2.2.2)', () => {
  /** A client tries tokens of 32 bytes with a server of another maximum. */
  function trial(parameters: CoapEndpointOptions['parameters'], handler?: RequestHandler) {
    const network = new SimulatedNetwork({ seed: 1 });
    const { clock, randomSource: random } = network;
    const server = network.transport(SERVER);
    new CoapEndpoint({ transport: server, clock, random, parameters, handler });
    const tokens = { tokenBytesMax: 32, tokenBytes: 32 };
    const transport = network.transport(CLIENT, { remote: SERVER });
    const client = newDatagramClient({ transport, clock, random, parameters: tokens });
    return network.settle(takesExtendedTokens(client, SERVER, { timeoutMs: 5000 }));
  }
  const slow: RequestHandler = () => new Promise(() => {});
  const understanding = { tokenBytesMax: 32, criticalOptions: [OptionNumber.IfNoneMatch] };

  test.each([
    ['who serves them says so with whatever error', {}, true],
    ['who knows nothing of them rejects the message', { tokenBytesMax: 8 }, false],
    ['who takes only shorter ones answers 4.00', { tokenBytesMax: 31 }, false],
  ])('%s', async (_name, parameters, expected) => {
    expect(await trial({ ...understanding, ...parameters })).toBe(expected);
  });

  test('5.03 is no for now, and silence is no answer', async () => {
    expect(await trial(understanding, () => ({ code: ResponseCode.ServiceUnavailable }))).toBe(false);
    expect(await trial(understanding, () => content('x'))).toBe(true);
    await expect(trial(understanding, slow)).rejects.toThrow(TimeoutError);
  });
});
