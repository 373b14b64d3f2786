import { ByteReader, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { CipherSuiteId } from '../record/cipher-suite.ts';
import { ContentType, decodeRecord, RECORD_HEADER_BYTES } from '../wire/index.ts';
import { clientAddress, DtlsPair, kindsOf, type PairOptions, type Passing } from './dtls-pair.fixture.ts';
import { mutual, optionsFor } from './handshake-shapes.fixture.ts';
import { comeBack, isResumed, resumingPair } from './resumption.fixture.ts';

/** A pair in which each side takes records of so many bytes, and the other of 2^14 unless it is said. */
function pairOf(client: number, server = 2 ** 14, options: PairOptions = {}): DtlsPair {
  return new DtlsPair({
    ...options,
    client: { ...options.client, parameters: { recordBytesMax: client } },
    server: { ...options.server, parameters: { recordBytesMax: server } },
  });
}

/** Sends so many bytes from the server to the client; what comes out there. */
function hearFromServer(pair: DtlsPair, length: number): number[] {
  const before = pair.clientEvents.length;
  pair.byServer(pair.server.send(pair.peer(), new Uint8Array(length))).pump();
  return pair.clientEvents.slice(before).flatMap((event) => (event.kind === 'datagram' ? [event.bytes.length] : []));
}

/** Lengths of the fragments of all records for one side, of one content type. */
function fragmentsTo(pair: DtlsPair, to: Passing['to'], wanted: number): { epoch: number; length: number }[] {
  return pair.sent.flatMap(({ to: target, bytes }) => {
    const reader = new ByteReader(bytes, 'test');
    const found: { epoch: number; length: number }[] = [];
    while (target === to && reader.remaining > 0) {
      const { contentType, epoch, fragment } = decodeRecord(reader, target === 'server' ? 8 : 0);
      if (contentType === wanted) found.push({ epoch, length: fragment.length });
    }
    return found;
  });
}

describe('record_size_limit (RFC 8449 §4)', () => {
  test.each([64, 65, 512, 1000])('a client that takes %s bytes gets them, and no more', (limit) => {
    const pair = pairOf(limit).connect();
    expect(hearFromServer(pair, limit)).toEqual([limit]);
    expect(() => pair.server.send(pair.peer(), new Uint8Array(limit + 1))).toThrow(RangeError);
    // The other direction is as it was.
    expect(pair.say('00'.repeat(2000)).heard().at(-1)?.length).toBe(4000);
  });

  test('with a connection ID the type within the record counts too', () => {
    const pair = pairOf(2 ** 14, 100).connect();
    pair.say('00'.repeat(99));
    expect(pair.heard()).toEqual(['00'.repeat(99)]);
    expect(() => pair.say('00'.repeat(100))).toThrow('99 bytes');
    const without = pairOf(2 ** 14, 100, { server: { connectionIdBytes: false } }).connect();
    expect(without.say('00'.repeat(100)).heard()).toEqual(['00'.repeat(100)]);
    expect(() => without.say('00'.repeat(101))).toThrow('100 bytes');
  });

  test('both sides at once, each its own, and a Finished that fits', () => {
    const pair = pairOf(64, 80, { server: { connectionIdBytes: false } }).connect();
    expect(hearFromServer(pair, 64)).toEqual([64]);
    expect(pair.say('01'.repeat(80)).heard()).toEqual(['01'.repeat(80)]);
    const finished = fragmentsTo(pair, 'client', ContentType.Handshake).filter(({ epoch }) => epoch === 1);
    expect(finished).not.toHaveLength(0);
  });

  test('a certificate in the clear is not subject to it', () => {
    const pair = pairOf(64, 64, mutual()).connect();
    expect(kindsOf(pair.clientEvents)).toContain('connected');
    const clear = fragmentsTo(pair, 'client', ContentType.Handshake).filter(({ epoch }) => epoch === 0);
    expect(Math.max(...clear.map(({ length }) => length))).toBeGreaterThan(64);
  });

  test('it is agreed on anew when a session is resumed', () => {
    const pair = resumingPair('ticket', { client: { parameters: { recordBytesMax: 300 } } });
    comeBack(pair.connect());
    expect(isResumed(pair)).toBe(true);
    expect(hearFromServer(pair, 300)).toEqual([300]);
    expect(() => pair.server.send(pair.peer(), new Uint8Array(301))).toThrow(RangeError);
  });

  test.each([63, 0, 2 ** 14 + 1])('recordBytesMax %s is out of its bounds', (limit) => {
    expect(() => pairOf(limit)).toThrow(RangeError);
    expect(() => pairOf(64, limit)).toThrow(RangeError);
  });
});

describe('what fits into a datagram', () => {
  test.each([
    [CipherSuiteId.PskAes128Ccm8, 1232 - RECORD_HEADER_BYTES - 16],
    [CipherSuiteId.PskAes128Ccm, 1232 - RECORD_HEADER_BYTES - 24],
    [CipherSuiteId.PskChaCha20Poly1305, 1232 - RECORD_HEADER_BYTES - 16],
  ])('payloadBytesMax of suite %s', (suite, bytes) => {
    const options = optionsFor(suite);
    const pair = new DtlsPair({ ...options, server: { ...options.server, connectionIdBytes: false } });
    expect(pair.client.payloadBytesMax).toBeUndefined();
    pair.connect();
    expect(pair.client.payloadBytesMax).toBe(bytes);
    expect(pair.server.payloadBytesMaxOf(pair.peer())).toBe(bytes);
    pair.say(toHex(new Uint8Array(bytes)));
    expect(pair.sent.at(-1)?.bytes.length).toBe(1232);
  });

  test('with a connection ID less, and not more than a record of the peer', () => {
    const pair = pairOf(512, 200).connect();
    expect(pair.client.payloadBytesMax).toBe(199);
    expect(pair.server.payloadBytesMaxOf(pair.peer())).toBe(512);
    expect(new DtlsPair().connect().client.payloadBytesMax).toBe(1232 - RECORD_HEADER_BYTES - 16 - 9);
  });
});

describe('a path that says that a datagram is too large (EMSGSIZE)', () => {
  test('the flight of a server is sent in smaller ones at once, and only once so', () => {
    const options = mutual();
    const pair = new DtlsPair({
      ...options,
      server: { ...options.server, parameters: { datagramBytesAfterTimeouts: 330 } },
      pass: ({ to, bytes }) => (to === 'server' || bytes.length <= 330 ? [bytes] : []),
    }).connect();
    expect(pair.client.isConnected).toBe(false);
    pair.byServer(pair.server.handleTooLarge(clientAddress, pair.now)).pump();
    expect(pair.client.isConnected).toBe(true);
    expect(pair.now).toBe(0);
    const { length } = pair.sent;
    pair.byServer(pair.server.handleTooLarge(clientAddress, pair.now)).pump();
    expect(pair.sent).toHaveLength(length);
  });

  test('that of a client too', () => {
    const options = mutual();
    let isNarrow = false;
    const pair = new DtlsPair({
      ...options,
      client: { ...options.client, parameters: { datagramBytesAfterTimeouts: 200 } },
      pass: ({ to, bytes }, index) => {
        isNarrow ||= index >= 4;
        return isNarrow && to === 'server' && bytes.length > 200 ? [] : [bytes];
      },
    }).connect();
    expect(pair.client.isConnected).toBe(false);
    pair.byClient(pair.client.handleTooLarge(pair.now)).pump();
    expect(pair.client.isConnected).toBe(true);
  });
});
