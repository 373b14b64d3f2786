import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_STATE, stateLeft } from '../coap-endpoint.fixture.ts';
import type { Effects } from '../effects.ts';
import { decodeMessage, isRequestCode, type Message, MessageType, type Option, OptionNumber } from '../wire/index.ts';
import { bytesOf, endpoint, OTHER_PEER, observeOption, PEER, request } from './endpoint.fixture.ts';
import type { EndpointEvent } from './endpoint-event.ts';

const { Block1, Block2, Size1, Size2, ETag, UriPath } = OptionNumber;
const LIMITS = {
  blockSzx: 1,
  bodyBytesMax: 200,
  bodyTimeoutMs: 60_000,
  assembliesPerPeerMax: 2,
  assembliesMax: 3,
  assemblyBytesMax: 5000,
  responseBodiesPerPeerMax: 2,
  responseBodiesMax: 3,
  responseBodyBytesMax: 300,
  queueMax: 4,
  workPerStepMax: 3,
};

/** Small numbers and sizes, so that blocks meet, and a few that are as wrong as can be. */
const blockValue = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.nat({ max: 4 }), fc.boolean(), fc.nat({ max: 2 }))
      .map(([blockNumber, more, szx]) => Uint8Array.of((blockNumber << 4) | (more ? 8 : 0) | szx)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }) },
);
const option = (number: number, value: fc.Arbitrary<Uint8Array>, freq: number): fc.Arbitrary<Option[]> =>
  fc.option(
    value.map((bytes) => [{ number, value: bytes }]),
    { nil: [], freq },
  );
const short = fc.uint8Array({ maxLength: 2 });
const options = fc
  .tuple(
    option(Block1, blockValue, 2),
    option(Block2, blockValue, 2),
    option(Size1, short, 1),
    option(Size2, short, 1),
    option(ETag, fc.constantFrom(Uint8Array.of(1), Uint8Array.of(2)), 1),
    option(UriPath, fc.constantFrom(Uint8Array.of(97), Uint8Array.of(98)), 1),
    fc.constantFrom([], [], [observeOption(0)], [observeOption(1)]),
  )
  .map((parts) => parts.flat());
const length = fc.constantFrom(0, 10, 16, 16, 32, 32, 64, 150, 250);
const command = fc.record({
  kind: fc.constantFrom('asked', 'asked', 'answered', 'answered', 'answered', 'ask', 'observe', 'respond', 'timeout'),
  peer: fc.constantFrom(PEER, PEER, OTHER_PEER),
  code: fc.constantFrom(1, 2, 3, 5),
  responseCode: fc.constantFrom(0x5f, 0x44, 0x45, 0x45, 0x88, 0x8d),
  options,
  length,
  pick: fc.nat({ max: 3 }),
  afterMs: fc.nat({ max: 4000 }),
});
type Command = typeof command extends fc.Arbitrary<infer Value> ? Value : never;

const usual: Omit<Command, 'kind'> = {
  peer: PEER,
  code: 3,
  responseCode: 0x8d,
  options: [],
  length: 64,
  pick: 0,
  afterMs: 1,
};
const sixteenByteBlock = (more: boolean): Option => ({ number: Block1, value: Uint8Array.of(more ? 8 : 0) });
/** Always among the runs: a body of ours that begins again in smaller blocks (4.13), and a block of the peer's. */
const KNOWN_RUN: Command[] = [
  { ...usual, kind: 'ask' },
  { ...usual, kind: 'answered', options: [sixteenByteBlock(false)], length: 0 },
  { ...usual, kind: 'asked', options: [sixteenByteBlock(true)], length: 16 },
];

/** One endpoint, and what it was told and sent. */
function driven() {
  const core = endpoint(LIMITS);
  const requests: number[] = [];
  const sentRequests: { readonly peer: string; readonly message: Message }[] = [];
  const ended = new Map<number, number>();
  const state = { now: 0, asked: 0, messageId: 100 };
  const take = ({ events, transmits, wakeAt }: Effects<EndpointEvent>): number | undefined => {
    for (const { peer, bytes } of transmits) {
      const message = decodeMessage(bytes);
      if (isRequestCode(message.code)) sentRequests.unshift({ peer, message });
    }
    for (const event of events) {
      if (event.kind === 'request') requests.push(event.exchangeId);
      if (event.kind === 'response' || event.kind === 'failed') ended.set(event.id, (ended.get(event.id) ?? 0) + 1);
    }
    return wakeAt;
  };
  const run = ({ kind, peer, code, responseCode, options: own, length: bytes, pick }: Command): void => {
    const payload = new Uint8Array(bytes);
    const messageId = ++state.messageId;
    const purpose = kind === 'observe' ? ('observe' as const) : ('request' as const);
    switch (kind) {
      case 'asked':
        take(core.handleDatagram(peer, bytesOf({ code, messageId, options: own, payload }), state.now));
        return;
      case 'answered': {
        const asked = sentRequests[pick];
        if (asked === undefined) return;
        const { token, messageId: theirs } = asked.message;
        const isPiggybacked = pick % 2 === 0;
        const type = isPiggybacked ? MessageType.Acknowledgement : MessageType.Confirmable;
        const id = isPiggybacked ? theirs : messageId;
        const message = { type, code: responseCode, messageId: id, token, options: own, payload };
        take(core.handleDatagram(asked.peer, bytesOf(message), state.now));
        return;
      }
      case 'respond': {
        const exchangeId = requests.shift();
        if (exchangeId === undefined) return;
        take(core.respond(exchangeId, { code: responseCode, options: [], payload }, state.now));
        return;
      }
      case 'timeout':
        take(core.handleTimeout(state.now));
        return;
      case 'ask':
      case 'observe':
        take(core.request(request({ id: ++state.asked, peer, purpose, code, payload }), state.now));
    }
  };
  return { core, state, ended, take, run };
}

test('block options as they come: no step throws, no limit is passed, everything ends once, nothing is left', () => {
  let [restarts, assembled, fetched] = [0, 0, 0];
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const { core, state, ended, take, run } = driven();
      for (const each of commands) {
        state.now += each.afterMs;
        run(each);
        const { assemblies, assemblyBytes, responseBodies, responseBodyBytes } = core.stats();
        expect(assemblies).toBeLessThanOrEqual(LIMITS.assembliesMax);
        expect(assemblyBytes).toBeLessThanOrEqual(LIMITS.assemblyBytesMax);
        expect(responseBodies).toBeLessThanOrEqual(LIMITS.responseBodiesMax);
        expect(responseBodyBytes).toBeLessThanOrEqual(LIMITS.responseBodyBytesMax);
      }
      for (let id = 1; id <= state.asked; id++) take(core.forget(id, state.now));
      let wakeAt = take(core.handleTimeout(state.now));
      for (let rounds = 0; wakeAt !== undefined && rounds < 5000; rounds++) {
        state.now = Math.max(state.now, wakeAt);
        wakeAt = take(core.handleTimeout(state.now));
      }
      expect(wakeAt).toBeUndefined();
      for (let id = 1; id <= state.asked; id++) expect([id, ended.get(id)]).toEqual([id, 1]);
      expect(stateLeft(core.stats())).toEqual(NO_STATE);
      restarts += core.stats().bodyRestarts;
      assembled += core.stats().blocksIn;
      fetched += core.stats().blocksOut;
    }),
    { numRuns: 300, examples: [[KNOWN_RUN]] },
  );
  // It is about something.
  expect([restarts > 0, assembled > 0, fetched > 0]).toEqual([true, true, true]);
});
