import { ByteReader, encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { type ExportedAssociation, encodeExportedAssociation } from '../association/exported-association.ts';
import { sealExport } from '../association/sealed-export.ts';
import type { Established } from '../handshake/handshake-role.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { CipherSuiteId, defaultCipherSuites } from '../record/cipher-suite.ts';
import { decodeRecord } from '../wire/index.ts';
import { clientAddress, DtlsPair, type PairOptions } from './dtls-pair.fixture.ts';
import { mutual, optionsFor } from './handshake-shapes.fixture.ts';

const key = new Uint8Array(32).fill(7);
const elsewhere = '198.51.100.7:61000';
const noise = { fill: (bytes: Uint8Array) => void bytes.fill(1) };

/** What was told of the association when it came to be. */
function knownOf(pair: DtlsPair): Established {
  const connected = pair.serverEvents.findLast((event) => event.kind === 'connected');
  if (connected?.kind !== 'connected') throw new Error('there is no association');
  return connected;
}

/** What the server of a pair hands over. */
function exportOf(pair: DtlsPair, sealing = key): Uint8Array {
  const { exported, effects } = pair.server.exportAssociation(pair.peer(), knownOf(pair), sealing, pair.now);
  pair.byServer(effects);
  if (exported === undefined) throw new Error('nothing was exported');
  return exported;
}

/** A pair whose server took over the association of another pair; the clients are still those of the pairs. */
function takenOver(pair: DtlsPair, options: PairOptions = {}): DtlsPair {
  const next = new DtlsPair({ seed: 2, ...options });
  return next.byServer(next.server.importAssociation(exportOf(pair), key, 0));
}

/** Lets the client of a pair speak to a server; what came out there. */
function say({ client, now }: DtlsPair, { server }: DtlsPair, hex: string, address = clientAddress): string[] {
  return client
    .send(fromHex(hex), now)
    .transmits.flatMap(({ bytes }) => server.handleDatagram(address, bytes, 0).events)
    .flatMap((event) => (event.kind === 'datagram' ? [toHex(event.bytes)] : []));
}

/** Lets a server speak to the client of a pair; what came out there, and the numbers of the records. */
function answer({ client, now }: DtlsPair, { server }: DtlsPair, peer: string, hex: string): [string[], number[]] {
  const { transmits } = server.send(peer, fromHex(hex));
  const numbers = transmits.map(({ bytes }) => decodeRecord(new ByteReader(bytes, 'test'), 0).sequence);
  const events = transmits.flatMap(({ bytes }) => client.handleDatagram(bytes, now).events);
  return [events.flatMap((event) => (event.kind === 'datagram' ? [toHex(event.bytes)] : [])), numbers];
}

const shapes = [
  ...defaultCipherSuites.map((suite) => [`suite ${suite}`, optionsFor(suite)] as const),
  ['raw public keys', mutual()] as const,
  ['no connection IDs', { client: { connectionIdBytes: false }, server: { connectionIdBytes: false } }] as const,
  [
    'CBC without encrypt-then-MAC',
    {
      client: { cipherSuites: [CipherSuiteId.PskAes128CbcSha256], dangerouslyAllowCbcWithoutEncryptThenMac: true },
      server: { dangerouslyAllowCbcWithoutEncryptThenMac: true },
    },
  ] as const,
  ['limits of records', { client: { parameters: { recordBytesMax: 64 } } }] as const,
];

describe('an association of a server goes on elsewhere', () => {
  test.each(shapes)('%s: data both ways, and who it is', (_name, options: PairOptions) => {
    const pair = new DtlsPair(options).connect().say('01');
    const peer = pair.peer();
    const known = knownOf(pair);
    const fits = pair.server.payloadBytesMaxOf(peer);
    const next = takenOver(pair, { ...options, seed: 3 });
    expect(next.serverEvents).toMatchObject([{ ...known, kind: 'connected', peer, address: clientAddress }]);
    expect(say(pair, next, '02')).toEqual(['02']);
    expect(answer(pair, next, peer, '03')[0]).toEqual(['03']);
    expect(next.server.payloadBytesMaxOf(peer)).toBe(fits);
    expect(next.server.stats()).toMatchObject({ associations: 1, cookiesSent: 0, handshakesBegun: 0 });
  });

  test('the exporting side has forgotten it: it sends and takes nothing any more, and says no word', () => {
    const pair = new DtlsPair().connect().say('01');
    const peer = pair.peer();
    const before = pair.sent.length;
    exportOf(pair);
    expect(pair.sent).toHaveLength(before);
    expect(pair.serverEvents.at(-1)).toEqual({ kind: 'ended', peer, reason: 'exported', alert: undefined });
    expect(pair.server.send(peer, fromHex('02')).transmits).toEqual([]);
    expect(pair.server.exportAssociation(peer, knownOf(pair), key, 0).exported).toBeUndefined();
    expect(pair.say('03').heard()).toEqual(['01']);
  });

  test('record numbers go on after the last, with a leap, and never twice even with two imports', () => {
    const pair = new DtlsPair().connect().say('01');
    const peer = pair.peer();
    const numbers = [1, 2, 3].flatMap(() => answer(pair, pair, peer, 'aa')[1]);
    const exported = exportOf(pair);
    for (const seed of [2, 3, 4]) {
      const next = new DtlsPair({ seed });
      next.server.importAssociation(exported, key, 0);
      numbers.push(...[1, 2, 3].flatMap(() => answer(pair, next, peer, 'aa')[1]));
    }
    expect(new Set(numbers).size).toBe(12);
    const last = numbers[2] ?? 0;
    expect(numbers.slice(3).every((number) => number > last && number < 2 ** 48)).toBe(true);
  });

  test('a record that was heard before is not heard again', () => {
    const pair = new DtlsPair({ server: { connectionIdBytes: false } }).connect();
    const [heard] = pair.client.send(fromHex('01'), 0).transmits;
    const [delayed] = pair.client.send(fromHex('02'), 0).transmits;
    if (heard === undefined || delayed === undefined) throw new Error('nothing was sent');
    pair.byServer(pair.server.handleDatagram(clientAddress, heard.bytes, 0));
    const next = takenOver(pair, { server: { connectionIdBytes: false } });
    const eventsOf = (bytes: Uint8Array): number => next.server.handleDatagram(clientAddress, bytes, 0).events.length;
    expect(eventsOf(heard.bytes)).toBe(0);
    expect(eventsOf(delayed.bytes)).toBe(1);
    expect(eventsOf(delayed.bytes)).toBe(0);
  });

  test('the connection ID is kept: the client may move, and has its name', () => {
    const pair = new DtlsPair().connect().say('01');
    const peer = pair.peer();
    const next = takenOver(pair);
    expect(say(pair, next, '02', elsewhere)).toEqual(['02']);
    expect(next.server.addressOf(peer)).toBe(elsewhere);
  });

  test('one that is asked where it is goes back, and is asked again', () => {
    const pair = new DtlsPair({
      pass: ({ to, address, bytes }) => (to === 'client' && address === elsewhere ? [] : [bytes]),
    });
    pair.connect().say('01');
    pair.address = elsewhere;
    pair.say('02');
    const peer = pair.peer();
    expect(pair.server.addressOf(peer)).toBe(elsewhere);
    const next = takenOver(pair);
    expect(next.server.addressOf(peer)).toBe(clientAddress);
    say(pair, next, '03', elsewhere);
    expect(next.server.stats()).toMatchObject({ moves: 1, pathsChecked: 0 });
  });

  test('one that nobody confirmed gets no more than before', () => {
    const pair = new DtlsPair({ client: { answersPathChecks: false } }).connect().say('01');
    pair.address = elsewhere;
    pair.say('02');
    const peer = pair.peer();
    const next = takenOver(pair);
    next.server.send(peer, new Uint8Array(1000));
    expect(next.server.stats().withheld).toBe(1);
  });

  test('its silence counts on', () => {
    const pair = new DtlsPair().connect().say('01');
    const peer = pair.peer();
    pair.advance(5000);
    const next = takenOver(pair, { server: { parameters: { idleTimeoutMs: 6000 } } });
    expect(next.server.handleTimeout(999).events).toEqual([]);
    expect(next.server.handleTimeout(1000).events).toMatchObject([{ kind: 'ended', peer, reason: 'idle' }]);
  });

  test('forged records count on', () => {
    const parameters = { authenticationFailuresMax: 3 };
    const pair = new DtlsPair({ server: { parameters, connectionIdBytes: false } }).connect().say('01');
    const forged = pair.client.send(fromHex('02'), 0).transmits[0]?.bytes.slice() ?? fromHex('');
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    for (let count = 0; count < 2; count++) pair.byServer(pair.server.handleDatagram(clientAddress, forged, 0));
    const next = takenOver(pair, { server: { parameters, connectionIdBytes: false } });
    expect(next.server.handleDatagram(clientAddress, forged, 0).events).toMatchObject([{ reason: 'forged' }]);
  });

  test('a new ClientHello from its address makes a new one, with another name', () => {
    const pair = new DtlsPair({ server: { connectionIdBytes: false } }).connect().say('01');
    const next = takenOver(pair, { server: { connectionIdBytes: false } });
    next.connect();
    expect(next.serverEvents.map(({ kind }) => kind)).toEqual(['connected', 'credentialWanted', 'ended', 'connected']);
    expect(next.peer()).not.toBe(pair.peer());
  });

  test('at associationsMax the one that was silent longest makes room', () => {
    const pair = new DtlsPair().connect().say('01');
    const next = new DtlsPair({ seed: 2, server: { parameters: { associationsMax: 1 } } });
    next.address = elsewhere;
    next.connect();
    const before = next.peer();
    next.byServer(next.server.importAssociation(exportOf(pair), key, 0));
    expect(next.serverEvents.at(-1)).toMatchObject({ kind: 'ended', peer: before, reason: 'evicted' });
  });
});

describe('an association of a client goes on elsewhere', () => {
  test.each(shapes)('%s', (_name, options: PairOptions) => {
    const pair = new DtlsPair(options).connect().say('01');
    const { effects, exported } = pair.client.exportAssociation(key);
    expect(effects).toMatchObject({ transmits: [], events: [{ kind: 'ended', reason: 'exported' }] });
    expect(pair.client.isConnected).toBe(false);
    const next = new DtlsPair({ ...options, seed: 2 });
    const { events } = next.client.importAssociation(exported ?? fromHex(''), key);
    expect(events).toMatchObject([{ kind: 'connected', isResumed: false }]);
    expect(say(next, pair, '02')).toEqual(['02']);
    expect(answer(next, pair, pair.peer(), '03')[0]).toEqual(['03']);
    expect(() => next.client.importAssociation(exported ?? fromHex(''), key)).toThrow('in-use');
  });

  test('without an association there is nothing to export', () => {
    expect(new DtlsPair().client.exportAssociation(key).exported).toBeUndefined();
  });

  test('the length of its own connection IDs has to be the same', () => {
    const pair = new DtlsPair({ client: { connectionIdBytes: 4 } }).connect();
    const { exported = fromHex('') } = pair.client.exportAssociation(key);
    const nextOf = (connectionIdBytes: number): DtlsPair => new DtlsPair({ client: { connectionIdBytes } });
    expect(() => nextOf(5).client.importAssociation(exported, key)).toThrow('unfit');
    expect(() => nextOf(4).client.importAssociation(exported, key)).not.toThrow();
  });
});

describe('what is not imported', () => {
  const pair = new DtlsPair().connect().say('01');
  const peer = pair.peer();
  const known = knownOf(pair);
  const exported = exportOf(pair);
  const importing = (bytes: Uint8Array, sealing = key, options: PairOptions = {}): void =>
    void new DtlsPair(options).server.importAssociation(bytes, sealing, 0);

  test('every byte of it changed, and every prefix of it', () => {
    for (let at = 0; at < exported.length; at++) {
      const changed = exported.map((byte, place) => (place === at ? byte ^ 1 : byte));
      expect(() => importing(changed), `byte ${at}`).toThrow(expect.objectContaining({ code: 'unauthentic' }));
      expect(() => importing(exported.subarray(0, at))).toThrow(expect.objectContaining({ code: 'unauthentic' }));
    }
  });
  test('another key', () => {
    expect(() => importing(exported, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'unauthentic' }));
    expect(() => importing(exported, new Uint8Array(16))).toThrow(expect.objectContaining({ code: 'unauthentic' }));
  });
  test.each([15, 17, 31, 33])('a key of %s bytes', (length) => {
    expect(() => importing(exported, new Uint8Array(length))).toThrow(RangeError);
  });
  test('one of a client in a server, and one of a server in a client', () => {
    const other = new DtlsPair().connect();
    const { exported: ofClient = fromHex('') } = other.client.exportAssociation(key);
    expect(() => importing(ofClient)).toThrow(expect.objectContaining({ name: 'ImportError', code: 'wrong-role' }));
    expect(() => new DtlsPair().client.importAssociation(exported, key)).toThrow('wrong-role');
  });
  test('connection IDs of another length', () => {
    expect(() => importing(exported, key, { server: { connectionIdBytes: 7 } })).toThrow('unfit');
  });
  test('one that is here already', () => {
    const next = new DtlsPair();
    next.server.importAssociation(exported, key, 0);
    expect(() => next.server.importAssociation(exported, key, 0)).toThrow('in-use');
  });
  test('one without connection ID, where its address has another by now', () => {
    const without = { server: { connectionIdBytes: false } } as const;
    const old = exportOf(new DtlsPair(without).connect().say('01'));
    const next = new DtlsPair({ ...without, seed: 9 });
    // So that the names differ.
    next.connect().byServer(next.server.close(next.peer())).pump();
    next.connect();
    expect(() => next.server.importAssociation(old, key, 0)).toThrow('in-use');
  });
  test('a platform without its cipher', () => {
    const provider = { ...nodeCryptoProvider, supports: () => false };
    const next = new DtlsPair({ server: { provider } });
    expect(() => next.server.importAssociation(exported, key, 0)).toThrow('unfit');
  });

  const secrets = (): ExportedAssociation['layer']['read'] => ({
    macKey: fromHex(''),
    key: new Uint8Array(16),
    iv: new Uint8Array(4),
  });
  const suite = known.cipherSuite;
  const state = (): ExportedAssociation => ({
    cipherSuite: suite,
    encryptThenMac: false,
    connectionIdBytes: 0,
    checksPaths: false,
    authenticationFailures: 0,
    known,
    layer: {
      nextSequence: 5,
      window: { newest: 3, seen: [15, 0, 0, 0] },
      read: secrets(),
      write: secrets(),
      peerConnectionId: fromHex(''),
      wantsId: false,
      limits: { sendBytesMax: 512, receiveBytesMax: 512, isForAll: true },
    },
    place: {
      peer,
      address: clientAddress,
      clientRandom: new Uint8Array(32),
      connectionId: fromHex(''),
      sessionId: fromHex(''),
      isLimited: false,
      silentMs: 0,
    },
  });
  test('what was sealed with the key and is no export: another layout, and things that nobody knows', () => {
    const aead = nodeCryptoProvider.createAead('aes-256-gcm', key);
    const sealed = (plain: Uint8Array): Uint8Array => {
      const nonce = new Uint8Array(12);
      return Uint8Array.from([...nonce, ...aead.seal(nonce, encodeUtf8('motestack dtls 1'), plain)]);
    };
    const plain = encodeExportedAssociation(state());
    expect(() => importing(sealed(plain))).not.toThrow();
    const unreadable = expect.objectContaining({ code: 'unreadable' });
    for (const [at, value] of [
      [0, 2], // layout
      [2, 255], // suite
      [3, 255], // flags
      [5, 255], // a number beyond 2^48
    ] as const)
      expect(() => importing(sealed(plain.map((byte, place) => (place === at ? value : byte))))).toThrow(unreadable);
    expect(() => importing(sealed(Uint8Array.from([...plain, 0])))).toThrow(unreadable);
    for (let end = 0; end < plain.length; end++)
      expect(() => importing(sealed(plain.slice(0, end)))).toThrow(unreadable);
  });
  test('no number is left: the first word ends it', () => {
    const exhausted = { ...state(), layer: { ...state().layer, nextSequence: 2 ** 48 - 1 } };
    const next = new DtlsPair();
    next.server.importAssociation(sealExport(nodeCryptoProvider, noise, key, exhausted), key, 0);
    expect(next.server.send(peer, fromHex('01'))).toMatchObject({ transmits: [], events: [{ reason: 'exhausted' }] });
  });
});
