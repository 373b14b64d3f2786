import { expect, test } from 'vitest';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import {
  bytesOf,
  endpoint,
  notification,
  OTHER_PEER,
  observeBytes,
  PEER,
  request,
  sent,
  told,
} from '../endpoint/endpoint.fixture.ts';
import { ProtocolError } from '../errors.ts';
import type { ObserverRelation } from '../server/observer-relation.ts';
import { decodeMessage, type Message, MessageType } from '../wire/index.ts';
import { lastSent } from './block-wise.fixture.ts';

const type = MessageType.Acknowledgement;

/** A core whose request has message ID 0, and a piggybacked response of so many bytes. */
function asked(length: number, part: Partial<Message> = {}) {
  const core = endpoint();
  const { token } = lastSent(core.request(request(), 0));
  const head = bytesOf({ type, code: 0x45, messageId: 0, token, ...part }).length;
  const payload = new Uint8Array(length - head - 1);
  return { core, token, bytes: bytesOf({ type, code: 0x45, messageId: 0, token, payload, ...part }) };
}

test.each([
  [4096, ['response 1']],
  [4097, ['failed 1 protocol']],
])('datagramBytesMax: a piggybacked response of %i bytes', (length, expected) => {
  const { core, bytes } = asked(length);
  expect(bytes.length).toBe(length);
  expect(told(core.handleDatagram(PEER, bytes, 10))).toEqual(expected);
  // Nobody is asked again.
  expect(sent(core.handleTimeout(50_000))).toEqual([]);
  expect(core.stats()).toMatchObject({ clientExchanges: 0, transmissions: 0 });
});

test('a malformed piggybacked response fails its exchange, and names the rule', () => {
  const { core, token } = asked(100);
  const head = bytesOf({ type, code: 0x45, messageId: 0, token });
  const effects = core.handleDatagram(PEER, Uint8Array.of(...head, 0xff), 10);
  expect([...sent(effects), ...told(effects)]).toEqual(['malformed', 'failed 1 protocol']);
  expect(effects.events[1]).toMatchObject({ failure: { section: expect.stringMatching(/^RFC 7252 §/) } });
});

test.each<[string, string, Partial<Message>]>([
  ['of another peer', OTHER_PEER, {}],
  ['with another token', PEER, { token: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }],
  ['with a shorter token', PEER, { token: Uint8Array.of(1) }],
  ['with another message ID', PEER, { messageId: 1 }],
  ['with the code of a request', PEER, { code: 1 }],
  ['that is Non-confirmable', PEER, { type: MessageType.NonConfirmable }],
])('an oversized one %s is ignored', (_name, peer, part) => {
  const { core, bytes } = asked(5000, part);
  expect(told(core.handleDatagram(peer, bytes, 10))).toEqual([]);
  expect(core.stats()).toMatchObject({ clientExchanges: 1, transmissions: 1, oversized: 1 });
});

test.each([0, 1, 2, 3, 4, 5, 11])('the first %i bytes of a response end nothing', (length) => {
  const { core, bytes } = asked(100);
  const effects = core.handleDatagram(PEER, bytes.subarray(0, length), 10);
  expect(told(effects)).toEqual(['malformed']);
  expect(core.stats().clientExchanges).toBe(1);
});

test('the Acknowledgement of a notification counts, whatever it carries', () => {
  const core = endpoint();
  core.handleDatagram(PEER, observeBytes(), 0);
  core.acceptObserver(1, 0);
  core.respond(1, { code: 0x45, options: [], payload: new Uint8Array(0) }, 0);
  const { messageId, token } = lastSent(core.notify(1, notification(), 0));
  const bytes = bytesOf({ type, code: 0x45, messageId, token, payload: new Uint8Array(5000) });
  expect(told(core.handleDatagram(PEER, bytes, 1))).toEqual([]);
  expect(core.stats()).toMatchObject({ observers: 1, transmissions: 0 });
});

test('the caller gets a ProtocolError at once', async () => {
  const { network, client, serverTransport } = pair(() => new Promise(() => {}));
  network.tap(({ bytes, to }) => {
    if (to !== SERVER) return;
    const { messageId, token } = decodeMessage(bytes);
    const payload = new Uint8Array(5000);
    serverTransport.send('10.0.0.2:40000', bytesOf({ type, code: 0x45, messageId, token, payload }));
  });
  const error = await network.settle(client.request(SERVER, { method: 'GET' }).catch((reason: unknown) => reason));
  expect(ProtocolError.is(error) && [error.section, network.clock.now() < 1000]).toEqual(['RFC 7252 §4.6', true]);
});

test('an observation whose first response cannot be read is forgotten, on both sides', async () => {
  const relations: ObserverRelation[] = [];
  const made = pair((request) => {
    relations.push(request.acceptObserver());
    return { code: 0x45, options: [{ number: 8, value: Uint8Array.of(0xff) }] };
  });
  const init = { method: 'GET' as const, path: ['a'] };
  const callbacks = { onNotification: () => undefined, onEnd: () => undefined };
  await expect(made.network.settle(made.client.observe(SERVER, init, callbacks))).rejects.toMatchObject({
    name: 'ProtocolError',
  });
  expect(made.client.stats().observations).toBe(0);
  relations[0]?.notify({ code: 0x45 }, { confirmable: true });
  await made.network.run(1000);
  expect(made.server.stats().observers).toBe(0);
});
