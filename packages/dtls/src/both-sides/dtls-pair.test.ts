import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { CipherSuiteId, cipherSuiteOf, defaultCipherSuites } from '../record/cipher-suite.ts';
import { ContentType } from '../wire/index.ts';
import { clientAddress, DtlsPair, kindsOf, type Passing, psk } from './dtls-pair.fixture.ts';
import { optionsFor } from './handshake-shapes.fixture.ts';

const recordTypes = ({ bytes }: Passing): number => bytes[0] ?? 0;

describe('a handshake', () => {
  test.each(defaultCipherSuites)('with suite %i', (suite) => {
    const pair = new DtlsPair(optionsFor(suite)).connect();
    const known = cipherSuiteOf(suite);
    expect(pair.clientEvents.at(-1)).toMatchObject({ kind: 'connected', extendedMasterSecret: true });
    expect(pair.serverEvents.at(-1)).toMatchObject({
      kind: 'connected',
      cipherSuite: known,
      extendedMasterSecret: true,
    });
    // ClientHello, HelloVerifyRequest, ClientHello, the server's flight, the client's, the server's last.
    expect(pair.sent.map(({ to }) => to)).toEqual(['server', 'client', 'server', 'client', 'server', 'client']);
    expect(pair.say('0102').heard()).toEqual(['0102']);
    pair.byServer(pair.server.send(pair.peer(), fromHex('0304'))).pump();
    expect(pair.clientEvents.at(-1)).toEqual({ kind: 'datagram', bytes: expect.objectContaining(fromHex('0304')) });
  });
  test('a pre-shared key is asked for by its identity', () => {
    const pair = new DtlsPair().connect();
    expect(pair.serverEvents).toMatchObject([
      { kind: 'credentialWanted', wanted: { kind: 'key', identity: psk.identity }, address: clientAddress },
      { kind: 'connected', identity: psk.identity, peerCertificate: undefined },
    ]);
  });
  test('the server chooses by its own order', () => {
    const cipherSuites = [CipherSuiteId.PskAes128GcmSha256, CipherSuiteId.PskAes128Ccm8];
    const pair = new DtlsPair({ server: { cipherSuites } }).connect();
    expect(pair.clientEvents).toMatchObject([{ cipherSuite: { name: 'TLS_PSK_WITH_AES_128_GCM_SHA256' } }]);
  });
  test('with an identity hint', () => {
    const pair = new DtlsPair({ server: { identityHint: encodeUtf8('fleet') } }).connect();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
  });
  test('no suite in common ends with handshake_failure on both sides', () => {
    const cipherSuites = [CipherSuiteId.PskAes128Ccm];
    const pair = new DtlsPair({ client: { cipherSuites }, server: { cipherSuites: [CipherSuiteId.PskAes128Ccm8] } });
    pair.connect();
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 40 }]);
    expect(pair.serverEvents).toMatchObject([{ kind: 'handshakeFailed', reason: 'alert-sent', alert: 40 }]);
  });
  test('a key that is looked up later, while the client repeats itself', () => {
    const pair = new DtlsPair({ key: 'later' }).connect().advance(20_000);
    expect(kindsOf(pair.serverEvents)).toEqual(['credentialWanted']);
    const [wanted] = pair.serverEvents;
    const request = wanted?.kind === 'credentialWanted' ? wanted.request : -1;
    pair.byServer(pair.server.provideCredential(request, { kind: 'key', key: psk.key }, pair.now)).pump();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
    expect(kindsOf(pair.serverEvents)).toEqual(['credentialWanted', 'connected']);
    // Answered once is answered.
    expect(pair.server.provideCredential(request, { kind: 'key', key: psk.key }, pair.now).events).toEqual([]);
  });
  test('a look-up that never ends is given up at handshakeTimeoutMs, and a late answer is ignored', () => {
    const pair = new DtlsPair({ key: 'later' }).connect().advance(120_000);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', reason: 'timeout' });
    expect(pair.server.stats()).toMatchObject({ handshakes: 0, associations: 0 });
    expect(pair.server.provideCredential(1, { kind: 'key', key: psk.key }, pair.now)).toMatchObject({
      transmits: [],
      events: [],
    });
  });
  test.each([
    ['an unknown identity', undefined],
    ['a wrong key', fromHex('ff'.repeat(16))],
  ])('%s ends in silence and a time-out', (_name, key) => {
    const pair = new DtlsPair({ key }).connect().advance(130_000);
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'timeout', alert: undefined }]);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', reason: 'timeout' });
    expect(pair.sent.map(recordTypes)).not.toContain(ContentType.Alert);
  });
  test('an unknown identity and a wrong key look alike to the client', () => {
    const seen = [undefined, fromHex('ff'.repeat(16))].map((key) => {
      const pair = new DtlsPair({ key }).connect().advance(130_000);
      return pair.sent.map(({ to, bytes }) => `${to} ${bytes.length}`);
    });
    expect(seen[0]).toEqual(seen[1]);
  });
  test('an extension that was taken out on the way is noticed, and at once where it is demanded', () => {
    // Turns the type of the extension into one that nobody knows, in the hello and in all its copies.
    const pass = ({ to, bytes }: Passing): Uint8Array[] => {
      const hex = toHex(bytes);
      return [to === 'server' && bytes[13] === 1 ? fromHex(hex.replace('00170000', '7a7a0000')) : bytes];
    };
    const lax = new DtlsPair({ pass }).connect();
    // Both have the same keys, and find that they do not speak of the same hello.
    expect(lax.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', reason: 'alert-sent', alert: 51 });
    expect(lax.clientEvents).toEqual([{ kind: 'ended', reason: 'alert-received', alert: 51 }]);
    const strict = new DtlsPair({ pass, server: { parameters: { requireExtendedMasterSecret: true } } }).connect();
    expect(strict.serverEvents).toMatchObject([{ kind: 'handshakeFailed', reason: 'alert-sent', alert: 40 }]);
  });
});

describe('flights and their timers', () => {
  test('a silent server: 1 s, doubling, until handshakeTimeoutMs', () => {
    const times: number[] = [];
    const pair: DtlsPair = new DtlsPair({
      pass: () => {
        times.push(pair.now);
        return [];
      },
    });
    pair.connect().advance(200_000);
    expect(times).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
    expect(pair.clientEvents).toEqual([{ kind: 'ended', reason: 'timeout', alert: undefined }]);
  });
  test('the start of RFC 7925 §11', () => {
    const times: number[] = [];
    const pair: DtlsPair = new DtlsPair({
      client: { parameters: { retransmitMsInitial: 9000, retransmitMsMax: 60_000, handshakeTimeoutMs: 150_000 } },
      pass: () => {
        times.push(pair.now);
        return [];
      },
    });
    pair.connect().advance(200_000);
    expect(times).toEqual([0, 9000, 27_000, 63_000, 123_000]);
  });
  test.each([0, 1, 2, 3, 4, 5])('any one datagram lost: number %i', (lost) => {
    const pair = new DtlsPair({ pass: ({ bytes }, index) => (index === lost ? [] : [bytes]) });
    pair.connect().advance(3000);
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
    expect(kindsOf(pair.serverEvents)).toEqual(['credentialWanted', 'connected']);
    expect(pair.say('01').heard()).toEqual(['01']);
  });
  test('every datagram twice', () => {
    const pair = new DtlsPair({ pass: ({ bytes }) => [bytes, bytes.slice()] }).connect();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
    expect(pair.say('01').heard()).toEqual(['01']);
    expect(pair.advance(60_000).sent.length).toBeLessThan(12);
  });
  test.each([64, 65, 70, 77, 90, 100, 128, 200, 1232])('messages split to fit %i bytes', (datagramBytesMax) => {
    const parameters = { datagramBytesMax };
    const identity = encodeUtf8('i'.repeat(128));
    const pair = new DtlsPair({
      client: { parameters, psk: { identity, key: psk.key } },
      server: { parameters, identityHint: encodeUtf8('h'.repeat(128)) },
    }).connect();
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
    const [first, , second] = pair.sent; // a ClientHello is never split
    const others = pair.sent.filter(({ bytes }) => ![first?.bytes.length, second?.bytes.length].includes(bytes.length));
    expect(Math.max(...others.map(({ bytes }) => bytes.length))).toBeLessThanOrEqual(datagramBytesMax);
  });
  test('datagramBytesMax one less than the least', () => {
    expect(() => new DtlsPair({ client: { parameters: { datagramBytesMax: 63 } } })).toThrow(RangeError);
  });
});

describe('an association', () => {
  test('close_notify is answered, and both know', () => {
    const pair = new DtlsPair().connect();
    pair.byClient(pair.client.close()).pump();
    expect(pair.clientEvents.at(-1)).toMatchObject({ kind: 'ended', reason: 'local' });
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'ended', reason: 'close-notify' });
    expect(pair.server.stats().associations).toBe(0);
  });
  test('a record that comes again counts once', () => {
    const pair = new DtlsPair().connect().say('01');
    const record = pair.sent.at(-1);
    if (record !== undefined) pair.deliver(record).deliver(record);
    expect(pair.heard()).toEqual(['01']);
    expect(pair.server.stats().recordsDropped).toBe(2);
  });
  test('forged records are dropped, and authenticationFailuresMax of them end it', () => {
    const pair = new DtlsPair({
      server: { connectionIdBytes: false, parameters: { authenticationFailuresMax: 3 } },
    }).connect();
    const forged = (sequence: string): Uint8Array => fromHex(`17fefd0001${sequence}0019${'00'.repeat(25)}`);
    for (const sequence of ['0000000000f1', '0000000000f2'])
      pair.deliver({ to: 'server', address: clientAddress, bytes: forged(sequence) });
    expect(pair.server.stats().associations).toBe(1);
    expect(pair.say('01').heard()).toEqual(['01']);
    pair.deliver({ to: 'server', address: clientAddress, bytes: forged('0000000000f3') });
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'ended', reason: 'forged' });
  });
  test('data and fatal alerts in the clear mean nothing', () => {
    const pair = new DtlsPair().connect();
    for (const hex of ['17fefd0000000000000063000101', '15fefd0000000000000064000202 28'])
      pair
        .deliver({ to: 'server', address: clientAddress, bytes: fromHex(hex) })
        .deliver({ to: 'client', address: clientAddress, bytes: fromHex(hex) });
    expect(kindsOf(pair.clientEvents)).toEqual(['connected']);
    expect(kindsOf(pair.serverEvents)).toEqual(['credentialWanted', 'connected']);
  });
  test('the client begins anew from the same address: the old association stands until the new one does', () => {
    const pair = new DtlsPair().connect();
    const [old, oldClient] = [pair.peer(), pair.client];
    const again = new DtlsPair({ seed: 2 });
    const relay = (): void => {
      // Grows while it is gone through.
      for (const [index, next] of again.sent.entries()) {
        if (next.to !== 'server') continue;
        const before = pair.sent.length;
        pair.deliver(next);
        for (const { bytes } of pair.sent.slice(before)) again.byClient(again.client.handleDatagram(bytes, 0));
        if (index === 0) pair.byClient(oldClient.send(fromHex('0a'), 0));
      }
    };
    again.byClient(again.client.connect(0));
    relay();
    expect(kindsOf(again.clientEvents)).toEqual(['connected']);
    expect(pair.peer()).not.toBe(old);
    expect(pair.serverEvents).toContainEqual({ kind: 'ended', peer: old, reason: 'replaced', alert: undefined });
    expect(pair.server.stats()).toMatchObject({ associations: 1, handshakes: 0 });
  });
  test('idleTimeoutMs after the last word', () => {
    const pair = new DtlsPair({ server: { parameters: { idleTimeoutMs: 10_000 } } }).connect();
    pair.advance(5000).say('01').advance(14_999);
    expect(pair.server.stats().associations).toBe(1);
    pair.advance(15_000);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'ended', reason: 'idle' });
    expect(pair.clientEvents.at(-1)).toMatchObject({ kind: 'ended', reason: 'close-notify' });
  });
  test('2^14 bytes go through, one more is refused', () => {
    const pair = new DtlsPair().connect();
    pair.byClient(pair.client.send(new Uint8Array(2 ** 14), 0)).pump();
    expect(pair.heard()).toHaveLength(1);
    expect(() => pair.client.send(new Uint8Array(2 ** 14 + 1), 0)).toThrow(RangeError);
  });
});

test('workPerStepMax timers in one step, and wakeAt tells of the rest', () => {
  const pair = new DtlsPair({ key: 'later', server: { parameters: { workPerStepMax: 2, idleTimeoutMs: 1000 } } });
  const other = new DtlsPair({ seed: 2 });
  expect(other.connect().server.stats().associations).toBe(1);
  for (let index = 0; index < 5; index++) {
    pair.address = `192.0.2.1:${index}`;
    pair.byClient(pair.client.connect(0)).pump();
    pair.byClient(pair.client.close());
  }
  const rounds: number[] = [];
  for (let round = 0; round < 4; round++) {
    const { wakeAt } = pair.server.handleTimeout(500_000);
    rounds.push(pair.server.stats().handshakes);
    if (wakeAt === undefined) break;
    expect(wakeAt).toBeLessThanOrEqual(500_000);
  }
  expect(rounds).toEqual([3, 1, 0]);
});
