import { expect, test } from 'vitest';
import type { PeerId } from '../effects.ts';
import type { Message } from '../wire/index.ts';
import { answer, bytesOf, endpoint, observeBytes, observeOption, PEER, request, told } from './endpoint.fixture.ts';

/** What a layer tells when the connection to a peer is no more. */
function lost(peer: PeerId) {
  const event = { kind: 'connection-lost', peer, loss: { reason: 'closed', detail: 'the peer closed it' } } as const;
  return { transmits: [], events: [event], wakeAt: undefined };
}

const OBSERVED: Partial<Message> = {
  type: 2,
  code: 0x45,
  messageId: 0,
  token: new Uint8Array(8).fill(1),
  options: [observeOption(1)],
};

test('when the association with a peer is over, all that concerns it ends and nothing is left', () => {
  const core = endpoint({ nstart: 3 });
  core.request(request({ id: 1, purpose: 'observe' }), 0);
  expect(told(core.handleDatagram(PEER, bytesOf(OBSERVED), 1))).toEqual(['response 1']);
  core.request(request({ id: 2 }), 2);
  core.handleDatagram(PEER, observeBytes({ messageId: 7 }), 3);
  core.acceptObserver(1, 3);
  core.respond(1, answer(), 4);
  core.handleDatagram(PEER, bytesOf({ messageId: 8 }), 5);
  expect(told(core.take(lost('192.0.2.7:5683'), 6))).toEqual(['connection-lost']);
  expect(core.isIdle).toBe(false);
  const ended = told(core.take(lost(PEER), 6));
  expect(new Set(ended)).toEqual(
    new Set([
      'abandoned 2',
      'failed 2 connection-lost',
      'observation-ended 1 connection-lost',
      'relation-ended 1 unreachable',
      'connection-lost',
    ]),
  );
  expect(core.isIdle).toBe(true);
  const gone = { clientExchanges: 0, serverExchanges: 0, observations: 0, observers: 0, transmissions: 0 };
  expect(core.stats()).toMatchObject(gone);
  expect(told(core.respond(2, answer(), 7))).toEqual([]);
});
