import { expect, test } from 'vitest';
import {
  bytesOf,
  endpoint,
  OTHER_PEER,
  observeOption,
  PEER,
  request,
  sent,
  told,
} from '../endpoint/endpoint.fixture.ts';
import {
  type ResponseMatching,
  relaxedMatching,
  sameIdentityMatching,
  strictMatching,
} from '../exchange/response-matching.ts';
import { decodeMessage, type Message } from '../wire/index.ts';

const STRANGER = '198.51.100.9:5683';
const identities = new Map([
  [PEER, 'urn:dev:1'],
  [OTHER_PEER, 'urn:dev:1'],
]);
const sameIdentity = sameIdentityMatching((peer) => identities.get(peer));

/** A request to PEER, and what a response with its token from another peer comes to. */
function respondedBy(peer: string, matching: ResponseMatching, part: Partial<Message> = {}) {
  const core = endpoint({ responseMatching: matching });
  const [transmit] = core.request(request(), 0).transmits;
  const { token } = decodeMessage(transmit?.bytes ?? new Uint8Array(0));
  const effects = core.handleDatagram(peer, bytesOf({ code: 0x45, messageId: 77, token, ...part }), 1);
  return { core, to: effects.transmits.map((each) => each.peer), words: [...sent(effects), ...told(effects)] };
}

test.each([
  ['strict', strictMatching, OTHER_PEER, false],
  ['same identity: the same', sameIdentity, OTHER_PEER, true],
  ['same identity: nobody', sameIdentity, STRANGER, false],
  ['relaxed', relaxedMatching, STRANGER, true],
])('%s: a separate response of another address (RFC 7252 §5.3.2)', (_name, matching, peer, isTaken) => {
  const { core, to, words } = respondedBy(peer, matching);
  expect(to).toEqual([peer]);
  expect(words).toEqual(isTaken ? ['ACK 0.00 77', 'response 1'] : ['RST 0.00 77']);
  expect(core.stats()).toMatchObject({ clientExchanges: isTaken ? 0 : 1, unexpectedResponses: isTaken ? 0 : 1 });
  // What was asked is not asked again once it is answered.
  expect(sent(core.handleTimeout(3000))).toHaveLength(isTaken ? 0 : 1);
});

test('an Acknowledgement of another address is ignored whatever the policy, since message IDs can be guessed', () => {
  const { words } = respondedBy(STRANGER, relaxedMatching, { type: 2, messageId: 0 });
  expect(words).toEqual([]);
});

test.each([
  ['strict', strictMatching, ['RST 0.00 78']],
  ['relaxed', relaxedMatching, ['ACK 0.00 78', 'notification 1']],
])('%s: a notification of another address', (_name, responseMatching, expected) => {
  const core = endpoint({ responseMatching });
  core.request(request({ purpose: 'observe' }), 0);
  const token = new Uint8Array(8).fill(1);
  core.handleDatagram(PEER, bytesOf({ type: 2, code: 0x45, messageId: 0, token, options: [observeOption(1)] }), 1);
  const later = bytesOf({ code: 0x45, messageId: 78, token, options: [observeOption(2)] });
  const effects = core.handleDatagram(STRANGER, later, 2);
  expect([...sent(effects), ...told(effects)]).toEqual(expected);
});
