import { expect, test } from 'vitest';
import { zeros } from '../message-layer/message-layer.fixture.ts';
import { tokenKey } from '../wire/token-key.ts';
import { type ClientExchange, type ClientExchangeInit, ClientExchanges } from './client-exchanges.ts';

const parameters = {
  responseMatching: () => false,
  tokenBytes: 4,
  clientExchangesPerPeerMax: 2,
  serverExchangesPerPeerMax: 1,
  serverExchangesMax: 1,
  piggybackWindowMs: 200,
  handlerTimeoutMs: 60_000,
  criticalOptions: [],
};
const asked = (id: number, part: Partial<ClientExchangeInit> = {}): ClientExchangeInit => ({
  id,
  peer: `192.0.2.${id}:5683`,
  purpose: 'request',
  deadline: 100,
  ...part,
});
const nothing = (): boolean => false;
const FIRST = Uint8Array.of(0, 0, 0, 0);

/** Draws these bytes one after the other, and counts the draws. */
function drawing(...values: number[]) {
  const random = { draws: 0, fill: (bytes: Uint8Array) => void bytes.fill(values[random.draws++] ?? 255) };
  return random;
}

test('a token that is in use at any peer is drawn again', () => {
  const random = drawing(0, 0, 5);
  const exchanges = new ClientExchanges(parameters, random, nothing);
  const tokens = [1, 2].map((id) => (exchanges.open(asked(id)) as ClientExchange).token);
  expect(tokens).toEqual([FIRST, Uint8Array.of(5, 5, 5, 5)]);
  expect(random.draws).toBe(3);
});

test('so is the token of an observation', () => {
  const exchanges = new ClientExchanges(parameters, drawing(0, 5), (key) => key === tokenKey(FIRST));
  expect((exchanges.open(asked(1)) as ClientExchange).token).toEqual(Uint8Array.of(5, 5, 5, 5));
});

test('after eight draws it is given up, and nothing is left of the attempt', () => {
  const random = drawing(...new Array<number>(9).fill(0));
  const exchanges = new ClientExchanges(parameters, random, nothing);
  exchanges.open(asked(1));
  expect(exchanges.open(asked(2))).toBe('tokens');
  expect([random.draws, exchanges.count, exchanges.ofPeer('192.0.2.2:5683')]).toEqual([9, 1, []]);
  const eighth = new ClientExchanges(parameters, drawing(0, 0, 0, 0, 0, 0, 0, 0, 7), nothing);
  eighth.open(asked(1));
  expect(eighth.open(asked(2))).toMatchObject({ id: 2 });
});

test('a ping has no token, and needs none', () => {
  const exchanges = new ClientExchanges(parameters, zeros, () => true);
  expect(exchanges.open(asked(1, { purpose: 'ping' }))).toMatchObject({ token: new Uint8Array(0) });
  expect(exchanges.open(asked(2))).toBe('tokens');
});

test('clientExchangesPerPeerMax and one more', () => {
  const exchanges = new ClientExchanges(parameters, drawing(1, 2, 3), nothing);
  const peer = '192.0.2.9:5683';
  for (const id of [1, 2]) expect(exchanges.open(asked(id, { peer }))).toMatchObject({ id });
  expect(exchanges.open(asked(3, { peer }))).toBe('clientExchangesPerPeerMax');
});
