import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { DtlsClient } from '../client/dtls-client.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { HandshakeType } from '../wire/index.ts';
import { clientAddress, DtlsPair, kindsOf, type Passing, serverAddress } from './dtls-pair.fixture.ts';

const RECORD_HEADER = 13;
const clean = new DtlsPair().connect().sent;
const isHandshake = (bytes: Uint8Array): boolean => bytes[0] === 22;

/** Datagram and byte of everything that a handshake sends. */
const places = clean.flatMap(({ bytes }, datagram) => Array.from(bytes, (_, at) => [datagram, at] as const));

function changed(bytes: Uint8Array, at: number, mask: number): Uint8Array {
  return bytes.map((byte, index) => (index === at ? byte ^ mask : byte));
}

/** What has to hold however a handshake was disturbed: it ended on both sides, or both have the same keys. */
function expectEnded(pair: DtlsPair): void {
  const [client, server] = [pair.client.isConnected, pair.server.stats().associations === 1];
  expect(pair.server.stats().handshakes).toBe(0);
  if (!client || !server) return;
  expect(pair.say('beef').heard()).toContain('beef');
}

describe('one bit changed on the way', () => {
  test.each([0x01, 0x80])('mask %i, in every byte of every datagram', (mask) => {
    let ended = 0;
    for (const [datagram, at] of places) {
      const pass = ({ bytes }: Passing, index: number): Uint8Array[] =>
        index === datagram ? [changed(bytes, at, mask)] : [bytes];
      const pair = new DtlsPair({ pass }).connect().advance(400_000);
      expectEnded(pair);
      const [original] = clean.slice(datagram);
      const firstRecordEnd = RECORD_HEADER + ((original?.bytes[11] ?? 0) << 8) + (original?.bytes[12] ?? 0);
      const isMessage = isHandshake(original?.bytes ?? new Uint8Array(1)) && at >= RECORD_HEADER && at < firstRecordEnd;
      // From the second ClientHello on everything counts for Finished: what was changed is never accepted as it is.
      if (datagram < 2 || !isMessage) continue;
      if (!pair.client.isConnected) ended++;
      else expect(pair.sent.length, `datagram ${datagram}, byte ${at}`).toBeGreaterThan(clean.length);
    }
    expect(ended).toBeGreaterThan(50);
  });
  test('a changed identity whose key is the same: the keys of both differ by the extended master secret', () => {
    const pass = ({ bytes, to }: Passing): Uint8Array[] => {
      const isKeyExchange = to === 'server' && bytes[RECORD_HEADER] === HandshakeType.ClientKeyExchange;
      return [isKeyExchange ? changed(bytes, RECORD_HEADER + 12 + 2, 1) : bytes];
    };
    const pair = new DtlsPair({ pass }).connect().advance(400_000);
    expect(kindsOf(pair.clientEvents)).toEqual(['ended']);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', reason: 'timeout' });
  });
});

describe('cut short', () => {
  test('every datagram at every length: never a crash, and the rest heals it', () => {
    for (const [datagram, at] of places) {
      const pass = ({ bytes }: Passing, index: number): Uint8Array[] => [
        index === datagram ? bytes.subarray(0, at) : bytes,
      ];
      const pair = new DtlsPair({ pass }).connect().advance(5000);
      expect(kindsOf(pair.clientEvents), `datagram ${datagram} cut at ${at}`).toEqual(['connected']);
      expect(pair.say('01').heard()).toEqual(['01']);
    }
  });
});

describe('replay', () => {
  test('a whole recorded handshake played again leads to no association', () => {
    const pair = new DtlsPair().connect().say('01');
    const recorded = pair.sent.filter(({ to }) => to === 'server');
    const before = pair.server.stats();
    for (const passing of recorded) pair.deliver(passing);
    pair.advance(200_000);
    expect(pair.heard()).toEqual(['01']);
    expect(pair.server.stats()).toMatchObject({
      associations: 1,
      handshakes: 0,
      handshakesBegun: before.handshakesBegun,
    });
  });
  test('after the association ended, within the lifetime of its cookie, it is a handshake that fails', () => {
    const pair = new DtlsPair().connect().say('01');
    const recorded = pair.sent.filter(({ to }) => to === 'server');
    pair.byClient(pair.client.close()).pump();
    for (const passing of recorded) pair.deliver(passing);
    pair.advance(200_000);
    expect(pair.heard()).toEqual(['01']);
    expect(pair.server.stats()).toMatchObject({
      associations: 0,
      handshakes: 0,
      handshakesBegun: 2,
      handshakesFailed: 1,
    });
  });
});

describe('floods', () => {
  const hello = clean[0]?.bytes ?? new Uint8Array(0);
  test('ClientHellos from 20,000 addresses leave nothing behind, and get no more than they sent', () => {
    const { server } = new DtlsPair();
    let received = 0;
    for (let index = 0; index < 20_000; index++) {
      const { transmits, events, wakeAt } = server.handleDatagram(`192.0.2.9:${index}`, hello, index);
      expect(events).toEqual([]);
      expect(wakeAt).toBeUndefined();
      received += transmits.reduce((sum, { bytes }) => sum + bytes.length, 0);
    }
    expect(received).toBeLessThanOrEqual(hello.length * 20_000);
    expect(server.stats()).toMatchObject({ handshakes: 0, associations: 0, cookiesSent: 20_000, handshakesBegun: 0 });
  });
  test('a ClientHello of messageBytesMax bytes is answered, one of one byte more is not', () => {
    const messageBytesMax = hello.length - RECORD_HEADER - 12;
    const answersWith = (limit: number): number =>
      new DtlsPair({ server: { parameters: { messageBytesMax: limit } } }).server.handleDatagram(
        clientAddress,
        hello,
        0,
      ).transmits.length;
    expect([answersWith(messageBytesMax), answersWith(messageBytesMax - 1)]).toEqual([1, 0]);
  });
  test('a ClientHello in parts is not answered, and nothing is kept of it', () => {
    const { server } = new DtlsPair();
    // The first half: 13 + 12 bytes of headers, then 20 of the message.
    const half = hello.slice(0, RECORD_HEADER + 12 + 20);
    half.set([0, 32], 11);
    half.set([0, 0, 20], RECORD_HEADER + 9);
    expect(server.handleDatagram(clientAddress, half, 0)).toEqual({ transmits: [], events: [], wakeAt: undefined });
    expect(server.stats()).toMatchObject({ handshakes: 0, recordsDropped: 1 });
  });
  test('a cookie is for one address, one hello and a time', () => {
    const pair = new DtlsPair().connect();
    const second = pair.sent[2]?.bytes ?? new Uint8Array(0);
    const { server } = new DtlsPair();
    const first = server.handleDatagram('192.0.2.7:1', hello, 0).transmits;
    expect(first[0]?.bytes[RECORD_HEADER]).toBe(HandshakeType.HelloVerifyRequest);
    // The cookie of another server, and of another address.
    expect(server.handleDatagram('192.0.2.7:1', second, 0).transmits[0]?.bytes[RECORD_HEADER]).toBe(3);
    expect(pair.server.handleDatagram('192.0.2.7:1', second, 0).transmits[0]?.bytes[RECORD_HEADER]).toBe(3);
    // The random of the hello is at 13 + 12 + 2.
    const other = changed(second, RECORD_HEADER + 14, 1);
    expect(pair.server.handleDatagram(clientAddress, other, 0).transmits[0]?.bytes[RECORD_HEADER]).toBe(3);
    expect(pair.server.handleDatagram(clientAddress, second, 59_999).transmits).toEqual([]); // of the one that stands
    expect(pair.server.handleDatagram(clientAddress, second, 60_000).transmits[0]?.bytes[RECORD_HEADER]).toBe(3);
  });
  /** A client that stops after its second ClientHello. */
  function halfOpen(pair: DtlsPair, index: number): void {
    const random = { fill: (bytes: Uint8Array): void => void bytes.fill(index + 1) };
    const psk = { identity: fromHex('61'), key: fromHex('00') };
    const client = new DtlsClient({ address: serverAddress, psk, provider: nodeCryptoProvider, random });
    const address = `192.0.2.8:${index}`;
    const [first] = client.connect(0).transmits;
    const [verify] = pair.server.handleDatagram(address, first?.bytes ?? fromHex(''), 0).transmits;
    const [second] = client.handleDatagram(verify?.bytes ?? fromHex(''), 0).transmits;
    pair.byServer(pair.server.handleDatagram(address, second?.bytes ?? fromHex(''), 0));
  }
  test('handshakesMax handshakes, and one more: the oldest makes room', () => {
    const pair = new DtlsPair({ server: { parameters: { handshakesMax: 5 } } });
    for (let index = 0; index < 5; index++) halfOpen(pair, index);
    expect(pair.server.stats()).toMatchObject({ handshakes: 5, handshakesEvicted: 0 });
    halfOpen(pair, 5);
    expect(pair.server.stats()).toMatchObject({ handshakes: 5, handshakesEvicted: 1 });
    pair.advance(130_000);
    expect(pair.server.stats()).toMatchObject({ handshakes: 0, handshakesFailed: 6 });
  });
  test('associationsMax associations, and one more: the one that was silent longest makes room', () => {
    const pair = new DtlsPair({ server: { parameters: { associationsMax: 2 } } });
    const peers = [1, 2, 3].map((index) => {
      pair.address = `192.0.2.1:${index}`;
      const other = new DtlsPair({ seed: index });
      other.byClient(other.client.connect(0));
      for (let next = 0; next < other.sent.length; next++) {
        const passing = other.sent[next];
        if (passing?.to !== 'server') continue;
        const effects = pair.server.handleDatagram(pair.address, passing.bytes, 0);
        pair.byServer({ ...effects, transmits: [] });
        for (const { bytes } of effects.transmits) other.byClient(other.client.handleDatagram(bytes, 0));
      }
      return pair.peer();
    });
    expect(new Set(peers).size).toBe(3);
    expect(pair.server.stats()).toMatchObject({ associations: 2, associationsEvicted: 1 });
    expect(pair.serverEvents).toContainEqual({ kind: 'ended', peer: peers[0], reason: 'evicted', alert: undefined });
  });
});

describe('a client', () => {
  test('does not answer cookies for ever', () => {
    const verify = (index: number): Uint8Array =>
      fromHex(`16fefd000000000000000${index}0010 03000004000${index}000000000004 feff01aa`);
    const pair = new DtlsPair({ pass: () => [] }).connect();
    for (let index = 0; index < 4; index++) pair.byClient(pair.client.handleDatagram(verify(index), 0));
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-sent', alert: 10 }]);
  });
});
