import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { CipherSuiteId } from '../record/cipher-suite.ts';
import { AlertDescription } from '../wire/index.ts';
import { DtlsPair, kindsOf, psk } from './dtls-pair.fixture.ts';
import { mutual, newCredential, optionsFor, serverOnly } from './handshake-shapes.fixture.ts';
import { comeBack, isResumed, lastEstablished, resumingPair, type Way } from './resumption.fixture.ts';

const ways: readonly Way[] = ['ticket', 'id'];

describe.each(ways)('an abbreviated handshake by %s', (way) => {
  test.each([
    ['PSK', {}],
    ['PSK with CBC', optionsFor(CipherSuiteId.PskAes128CbcSha256)],
    ['ECDHE-PSK', optionsFor(CipherSuiteId.EcdhePskAes128GcmSha256)],
    ['a raw public key of the server', serverOnly()],
    ['raw public keys of both', mutual()],
    ['SHA-384', { ...mutual(), client: { psk: undefined, cipherSuites: [CipherSuiteId.EcdheEcdsaAes256GcmSha384] } }],
  ])('%s', (_name, options) => {
    const pair = resumingPair(way, options).connect().say('01');
    expect(isResumed(pair)).toBe(false);
    const before = lastEstablished(pair);
    for (let round = 2; round < 5; round++) {
      const sentBefore = pair.sent.length;
      comeBack(pair).say('02');
      expect(isResumed(pair), `round ${round}`).toBe(true);
      // close_notify and its answer, hello, cookie, hello, the server's flight, ours, and the data.
      expect(pair.sent.length - sentBefore).toBe(8);
      pair.byServer(pair.server.send(pair.peer(), fromHex('03'))).pump();
      expect(pair.clientEvents.at(-1)).toMatchObject({ kind: 'datagram' });
    }
    expect(pair.heard()).toEqual(['01', '02', '02', '02']);
    expect(pair.server.stats()).toMatchObject({ resumptions: 3, associations: 1 });
    const told = ({ identity, peerCertificate, cipherSuite }: NonNullable<(typeof before)[0]>): unknown => ({
      identity,
      peerCertificate,
      cipherSuite,
    });
    expect(lastEstablished(pair).map((side) => side && told(side))).toEqual(before.map((side) => side && told(side)));
  });
  test('the keys are others', () => {
    const lines: string[] = [];
    const pair = resumingPair(way, { client: { keyLog: (line) => lines.push(line) } }).connect();
    const first = pair.say('01').sent.at(-1)?.bytes ?? fromHex('');
    comeBack(pair).say('01');
    expect(toHex(pair.sent.at(-1)?.bytes.subarray(-9) ?? first)).not.toBe(toHex(first.subarray(-9)));
    const [full, resumed] = lines.map((line) => line.split(' '));
    expect([full?.[1] === resumed?.[1], full?.[2] === resumed?.[2]]).toEqual([false, true]);
  });
  test('a pre-shared key that was changed, or is nobody’s any more, ends in a full handshake', () => {
    let key: Uint8Array | undefined = psk.key;
    const pair = resumingPair(way, { serverSources: { pskOf: () => key } }).connect();
    key = fromHex('ff'.repeat(16));
    comeBack(pair).advance(130_000);
    // The full handshake ends as a wrong key does.
    expect(kindsOf(pair.serverEvents)).toContain('handshakeFailed');
    expect(pair.server.stats().resumptions).toBe(0);
  });
  test('a key that is not believed any more', () => {
    let verdict: 'trusted' | 'access-denied' = 'trusted';
    const options = mutual();
    const verifier = { forms: ['rawPublicKey' as const], verify: () => verdict };
    const pair = resumingPair(way, { ...options, serverSources: { ...options.serverSources, verifier } }).connect();
    verdict = 'access-denied';
    comeBack(pair);
    expect(pair.clientEvents.at(-1)).toMatchObject({ kind: 'ended', alert: AlertDescription.AccessDenied });
    expect(pair.server.stats().resumptions).toBe(0);
  });
  test('a server that is not believed any more is told, and the session is forgotten', () => {
    let verdict: 'trusted' | 'certificate-revoked' = 'trusted';
    const verifier = { forms: ['rawPublicKey' as const], verify: () => verdict };
    const pair = resumingPair(way, { ...serverOnly(), clientSources: { verifier } }).connect();
    verdict = 'certificate-revoked';
    comeBack(pair);
    expect(pair.clientEvents.slice(-2)).toEqual([
      { kind: 'session', session: undefined },
      { kind: 'ended', reason: 'alert-sent', alert: AlertDescription.CertificateRevoked },
    ]);
    verdict = 'trusted';
    pair.connect();
    expect(isResumed(pair)).toBe(false);
  });
  test('a session without extended master secret is none (RFC 7627 §5.4)', () => {
    // 23 becomes an extension that nobody knows.
    const spoil = (bytes: Uint8Array): Uint8Array => fromHex(toHex(bytes).replace('00170000ff01', '7a7a0000ff01'));
    const pair = resumingPair(way, { pass: ({ bytes }) => [spoil(bytes)] });
    pair.connect().advance(1000);
    // The transcripts differ: nothing was established, and nothing is kept.
    expect(pair.store.size).toBe(0);
    expect(kindsOf(pair.clientEvents)).not.toContain('session');
  });
  test('a hello that lost its extended master secret on the way is refused (RFC 7627 §5.3)', () => {
    let isSpoiled = false;
    const spoil = (bytes: Uint8Array): Uint8Array =>
      isSpoiled ? fromHex(toHex(bytes).replace('00170000ff01', '7a7a0000ff01')) : bytes;
    const pair = resumingPair(way, { pass: ({ bytes }) => [spoil(bytes)] }).connect();
    isSpoiled = true;
    comeBack(pair);
    expect(pair.clientEvents.at(-1)).toMatchObject({
      kind: 'ended',
      reason: 'alert-received',
      alert: AlertDescription.HandshakeFailure,
    });
  });
  test('after a fatal alert there is nothing to go on from (RFC 5246 §7.2.2)', () => {
    const parameters = { authenticationFailuresMax: 1 };
    const pair = resumingPair(way, { client: { parameters }, server: { parameters } }).connect();
    const forged = fromHex('17fefd0001000000000009001000000000000000000000000000000000');
    pair.byClient(pair.client.handleDatagram(forged, 0));
    expect(pair.clientEvents.slice(-2)).toMatchObject([{ kind: 'session', session: undefined }, { reason: 'forged' }]);
    expect(pair.store.size).toBe(way === 'id' ? 1 : 0);
    expect(isResumed(pair.connect())).toBe(false);
    pair.say('01');
    const record = pair.sent.at(-1)?.bytes ?? fromHex('');
    record[10] = 9;
    pair.byServer(pair.server.handleDatagram(pair.address, record, 0));
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'ended', reason: 'forged' });
    // What is left is the session of the association that was replaced, which ended without a fault.
    expect(pair.store.size).toBe(way === 'id' ? 1 : 0);
  });
});

describe('what a session belongs to', () => {
  const sessionOf = (pair: DtlsPair): Uint8Array => {
    const told = pair.clientEvents.findLast((event) => event.kind === 'session');
    return (told?.kind === 'session' ? told.session : undefined) ?? fromHex('');
  };
  /** Another client with the session of the first. */
  function another(pair: DtlsPair, client: ConstructorParameters<typeof DtlsPair>[0]): boolean {
    const other = new DtlsPair({ ...client, seed: 2, client: { keepsSessions: true, ...client?.client } });
    other.client.useSession(sessionOf(pair));
    const relayed = Object.assign(other, { server: pair.server });
    return isResumed(relayed.connect());
  }
  test('another client with the same credentials goes on from it', () => {
    expect(another(resumingPair('ticket').connect(), {})).toBe(true);
  });
  test.each([
    ['another identity', { client: { psk: { ...psk, identity: encodeUtf8('dev-2') } } }],
    ['another name of the server', { client: { serverName: 'other.example' } }],
    ['a suite that is not offered', { client: { cipherSuites: [CipherSuiteId.PskAes128Ccm] } }],
    ['a client that has no room for its ticket', { client: { parameters: { ticketBytesMax: 8 } } }],
  ])('%s: a full handshake', (_name, options) => {
    expect(another(resumingPair('ticket').connect(), options)).toBe(false);
  });
  test('another key of the server', () => {
    const own = newCredential();
    const certificates = new Map([['a.example', own]]);
    const options = { ...serverOnly(), client: { psk: undefined, serverName: 'a.example' } };
    const sources = { ...options.serverSources, namedCertificates: certificates };
    const verifier = { forms: ['rawPublicKey' as const], verify: () => 'trusted' as const };
    const pair = resumingPair('ticket', {
      ...options,
      clientSources: { verifier },
      serverSources: sources,
      server: { namedCertificates: certificates },
    }).connect();
    expect(isResumed(comeBack(pair))).toBe(true);
    certificates.set('a.example', newCredential());
    expect(isResumed(comeBack(pair))).toBe(false);
  });
});

describe('tickets', () => {
  test('are good for sessionLifetimeMs at most', () => {
    const sessionLifetimeMs = 100_000;
    const pair = resumingPair('ticket', { server: { parameters: { sessionLifetimeMs } } }).connect();
    pair.now = 40_000;
    expect(isResumed(comeBack(pair))).toBe(true);
    pair.now = 100_000;
    expect(isResumed(comeBack(pair))).toBe(false);
  });
  test('ticketBytesMax: one byte more is not kept', () => {
    const lengthOf = (ticketBytesMax: number): number | undefined => {
      const pair = resumingPair('ticket', { client: { parameters: { ticketBytesMax } } }).connect();
      return isResumed(comeBack(pair)) ? ticketBytesMax : undefined;
    };
    // Name of the key, nonce and tag, and a session of 92 bytes.
    expect([136, 135].map(lengthOf)).toEqual([136, undefined]);
  });
  test('every byte of a ticket changed: a full handshake, and nothing breaks', () => {
    for (let at = 0; at < 136; at += 5) {
      let isOn = false;
      const pair = resumingPair('ticket', {
        pass: ({ to, bytes }) => {
          const start = toHex(bytes).indexOf('00230088') / 2;
          if (isOn && to === 'server' && start > 0) bytes[start + 4 + at] = (bytes[start + 4 + at] ?? 0) ^ 1;
          return [bytes];
        },
      }).connect();
      isOn = true;
      // The transcripts differ, so that even the full handshake cannot end well.
      comeBack(pair).advance(130_000);
      expect(pair.server.stats().resumptions, `byte ${at}`).toBe(0);
    }
  });
  test('a server that gives none and keeps none', () => {
    const pair = resumingPair('ticket', { server: { givesTickets: false } }).connect();
    expect(isResumed(comeBack(pair))).toBe(false);
    expect(kindsOf(pair.clientEvents)).not.toContain('session');
  });
});
