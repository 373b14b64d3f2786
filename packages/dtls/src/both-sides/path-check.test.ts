import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { type DecoderCase, testDecoder } from '../wire/decoder-case.fixture.ts';
import { decodePathMessage, ExtensionType, encodePathMessage } from '../wire/index.ts';
import { DtlsPair, kindsOf, type PairOptions } from './dtls-pair.fixture.ts';

const cases: readonly DecoderCase[] = [
  {
    name: 'message of the return routability check',
    recode: (bytes) => encodePathMessage(decodePathMessage(bytes)),
    valid: { challenge: '00 0102030405060708', response: '01 0102030405060708', drop: '02 0102030405060708' },
    invalid: {
      'another kind': ['03 0102030405060708', 'reserved-value', 0],
      'seven bytes': ['00 01020304050607', 'truncated', 8],
      'something behind it': ['00 0102030405060708 00', 'trailing-bytes', 9],
    },
  },
];

describe.each(cases)('$name', testDecoder);

const elsewhere = '198.51.100.7:61000';
const home = '192.0.2.1:40000';

/** A pair whose client goes on from another address. */
function moved(options: PairOptions = {}): DtlsPair {
  const pair = new DtlsPair(options).connect().say('01');
  pair.address = elsewhere;
  return pair;
}

describe('an association that moved is asked where it is (RFC 9853)', () => {
  test('it answers, and gets as much as there is', () => {
    const pair = moved().say('02');
    expect(pair.server.stats()).toMatchObject({ moves: 1, pathsChecked: 1, withheld: 0 });
    pair.byServer(pair.server.send(pair.peer(), new Uint8Array(5000))).pump();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected', 'datagram']);
    expect(pair.server.stats().withheld).toBe(0);
    expect(pair.advance(100_000).server.addressOf(pair.peer())).toBe(elsewhere);
  });
  test('until it answers it gets three times what it sent, whatever else it says', () => {
    const pair = moved({ pass: ({ to, bytes, address }) => (to === 'client' && address === elsewhere ? [] : [bytes]) });
    pair.say('02');
    const before = pair.sent.length;
    pair.byServer(pair.server.send(pair.peer(), new Uint8Array(5000))).pump();
    pair
      .say('03')
      .byServer(pair.server.send(pair.peer(), new Uint8Array(5000)))
      .pump();
    expect(pair.sent.slice(before).filter(({ to, bytes }) => to === 'client' && bytes.length > 200)).toEqual([]);
    expect(pair.server.stats()).toMatchObject({ pathsChecked: 0, withheld: 2 });
  });
  test('no answer for three times pathCheckMs: back to where it was', () => {
    const pair = moved({
      server: { parameters: { pathCheckMs: 500 } },
      pass: ({ to, bytes, address }) => (to === 'client' && address === elsewhere ? [] : [bytes]),
    });
    pair.say('02').advance(1499);
    expect(pair.server.addressOf(pair.peer())).toBe(elsewhere);
    // One that answers here, and three challenges there.
    expect(pair.sent.filter(({ to, address }) => to === 'client' && address === elsewhere)).toHaveLength(3);
    pair.advance(1500);
    expect(pair.server.addressOf(pair.peer())).toBe(home);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'moved', address: home, previousAddress: elsewhere });
    pair.address = home;
    pair.byServer(pair.server.send(pair.peer(), fromHex('0a'))).pump();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected', 'datagram']);
  });
  test('an answer from another address, or an old one, is none', () => {
    const held: Uint8Array[] = [];
    const pair = moved({
      pass: ({ to, bytes, address }) => {
        // The answer to the first challenge is caught.
        if (to === 'server' && address === elsewhere && held.length < 2) {
          held.push(bytes);
          return held.length === 1 ? [bytes] : [];
        }
        return [bytes];
      },
    }).say('02');
    const answer = held[1] ?? fromHex('');
    pair.byServer(pair.server.handleDatagram('203.0.113.9:1', answer, pair.now));
    expect(pair.server.stats()).toMatchObject({ pathsChecked: 0 });
  });
  test('back home before it answered: nobody is asked any more', () => {
    const pair = moved({ pass: ({ to, bytes, address }) => (to === 'client' && address === elsewhere ? [] : [bytes]) });
    pair.say('02');
    pair.address = home;
    pair.say('03').advance(60_000);
    expect(pair.server.addressOf(pair.peer())).toBe(home);
    expect(pair.sent.filter(({ to, address }) => to === 'client' && address === elsewhere)).toHaveLength(1);
  });
  test('only together with connection IDs', () => {
    const typed = (pair: DtlsPair): boolean =>
      pair.sent.some(({ bytes }) =>
        Buffer.from(bytes).includes(Buffer.from([0, ExtensionType.ReturnRoutabilityCheck, 0, 0])),
      );
    expect(typed(new DtlsPair().connect())).toBe(true);
    expect(typed(new DtlsPair({ client: { connectionIdBytes: false } }).connect())).toBe(false);
  });
});
