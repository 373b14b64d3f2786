import { expect, test } from 'vitest';
import { EMPTY_CODE, MessageType, Method } from '../wire/index.ts';
import { bytesOf, messageLayer } from './message-layer.fixture.ts';

const REQUESTS = 2_000_000;
const PEERS = 64;
const BUDGET = 64 * 1024 * 1024;

test('2 million GETs within EXCHANGE_LIFETIME are all answered 2.05, with flat memory', () => {
  const layer = messageLayer({ duplicateBytesMax: BUDGET, peersMax: PEERS });
  const response = { code: 0x45, token: new Uint8Array(4), options: [], payload: new Uint8Array(64) };
  let answered = 0;
  let most = 0;
  let bufferBytesAtHalf = 0;
  for (let count = 0; count < REQUESTS; count++) {
    const peer = `10.0.0.1:${count % PEERS}`;
    const messageId = Math.floor(count / PEERS);
    // 246 s in all: nothing is forgotten by time alone.
    const now = (count / REQUESTS) * 246_000;
    const datagram = bytesOf({ code: Method.Get, messageId, token: response.token });
    const { events, transmits } = layer.handleDatagram(peer, datagram, now);
    if (events[0]?.kind !== 'request' || transmits.length > 0) continue;
    const [sent] = layer.respond(peer, messageId, response, now).transmits;
    if (sent?.bytes[1] === 0x45) answered++;
    most = Math.max(most, layer.gauges().duplicateBytes);
    if (count === REQUESTS / 2) bufferBytesAtHalf = process.memoryUsage().arrayBuffers;
  }
  expect(answered).toBe(REQUESTS);
  expect(layer.counters).toMatchObject({ duplicateMemoryFull: 0, duplicates: 0 });
  expect(layer.counters.duplicatesEvicted).toBeGreaterThan(REQUESTS / 2);
  expect(most).toBeLessThanOrEqual(BUDGET + 65_536);
  expect(process.memoryUsage().arrayBuffers - bufferBytesAtHalf).toBeLessThan(BUDGET);
  const ping = bytesOf({ type: MessageType.Confirmable, code: EMPTY_CODE, messageId: 1 });
  expect(layer.handleDatagram('10.0.0.1:0', ping, 246_001).transmits).toHaveLength(1);
});
