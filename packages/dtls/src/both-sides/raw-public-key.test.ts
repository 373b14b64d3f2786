import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import { type PeerVerdict, trustRawPublicKeys } from '../credentials/certificate-credential.ts';
import { signingCredential } from '../node/signing-credential.ts';
import { DtlsPair, kindsOf, type PairOptions } from './dtls-pair.fixture.ts';
import { clientKey, mutual, newCredential, serverKey, serverOnly } from './handshake-shapes.fixture.ts';

const told = (alert: number): object => ({ kind: 'ended', reason: 'alert-received', alert });
const ended = (alert: number): object[] => [told(alert)];
const stranger = newCredential();
const last = (pair: DtlsPair): object | undefined => pair.clientEvents.at(-1);

/** The server's opinion of whatever a client shows. */
function judged(verdict: PeerVerdict | 'throws' | 'rejects'): PairOptions {
  const options = mutual();
  const verify = (): PeerVerdict | Promise<PeerVerdict> => {
    if (verdict === 'throws') throw new Error('the store is away');
    return verdict === 'rejects' ? Promise.reject(new Error('the store is away')) : verdict;
  };
  return { ...options, serverSources: { ...options.serverSources, verifier: { forms: ['rawPublicKey'], verify } } };
}

describe('raw public keys (RFC 7250)', () => {
  test('both sides know whom they talk to', () => {
    const pair = new DtlsPair(mutual()).connect();
    expect(last(pair)).toMatchObject({ peerCertificate: { form: 'rawPublicKey', publicKey: serverKey.publicKey } });
    expect(pair.serverEvents.at(-1)).toMatchObject({
      kind: 'connected',
      identity: new Uint8Array(0),
      peerCertificate: { publicKey: clientKey.publicKey, chain: [] },
    });
  });
  test('on P-384', () => {
    const pair = new DtlsPair(mutual(newCredential('p-384'), newCredential('p-384'))).connect();
    expect(pair.say('01').heard()).toEqual(['01']);
  });
  test('a server that the client does not know is told certificate_unknown', () => {
    const options = {
      ...mutual(),
      clientSources: { certificate: clientKey, verifier: trustRawPublicKeys([stranger.publicKey]) },
    };
    const pair = new DtlsPair(options).connect();
    expect(last(pair)).toEqual({ kind: 'ended', reason: 'alert-sent', alert: 46 });
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', reason: 'alert-received', alert: 46 });
  });
  test('a client that the server does not know, which has the key that it shows', () => {
    const options = mutual(serverKey, stranger);
    const verifier = trustRawPublicKeys([clientKey.publicKey]);
    const pair = new DtlsPair({ ...options, serverSources: { certificate: serverKey, verifier } }).connect();
    expect(pair.clientEvents.filter(({ kind }) => kind === 'ended')).toEqual(ended(46));
  });
  test.each([
    ['bad-certificate', 42],
    ['unsupported-certificate', 43],
    ['certificate-revoked', 44],
    ['certificate-expired', 45],
    ['certificate-unknown', 46],
    ['unknown-ca', 48],
    ['access-denied', 49],
    ['throws', 46],
  ] as const)('the verdict %s is alert %i', (verdict, alert) => {
    const pair = new DtlsPair(judged(verdict)).connect();
    expect(pair.clientEvents.filter(({ kind }) => kind === 'ended')).toEqual(ended(alert));
  });
  test('a verdict that comes to nothing is certificate_unknown', async () => {
    const pair = new DtlsPair(judged('rejects')).connect();
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    expect(pair.pump().clientEvents.filter(({ kind }) => kind === 'ended')).toEqual(ended(46));
  });
  test('it is asked about only who showed that the key is theirs', () => {
    let asked = 0;
    const thief: SigningCredential = { ...clientKey, sign: stranger.sign };
    const verify = (): PeerVerdict => {
      asked++;
      return 'trusted';
    };
    const verifier = { forms: ['rawPublicKey'], verify } as const;
    const options = mutual(serverKey, thief);
    const pair = new DtlsPair({ ...options, serverSources: { certificate: serverKey, verifier } }).connect();
    expect(pair.clientEvents.filter(({ kind }) => kind === 'ended')).toEqual(ended(51));
    expect(asked).toBe(0);
  });
  test('a server with a key that is not its own is told decrypt_error', () => {
    const options = mutual({ ...serverKey, sign: stranger.sign });
    expect(last(new DtlsPair(options).connect())).toEqual({ kind: 'ended', reason: 'alert-sent', alert: 51 });
  });
  test('no form in common is unsupported_certificate', () => {
    const options = serverOnly({ ...serverKey, forms: ['x509'] });
    expect(new DtlsPair(options).connect().clientEvents.at(-1)).toEqual(told(43));
  });
});

describe('client authentication', () => {
  const withoutKey = (clientAuthentication: 'wanted' | 'required' | 'none'): DtlsPair => {
    const options = mutual();
    const clientSources = { verifier: trustRawPublicKeys([serverKey.publicKey]) };
    return new DtlsPair({ ...options, clientSources, server: { acceptsPsk: false, clientAuthentication } }).connect();
  };
  test('required: a client without a key is told handshake_failure', () => {
    expect(last(withoutKey('required'))).toEqual(told(43));
  });
  test.each(['wanted', 'none'] as const)('%s: it may have none', (clientAuthentication) => {
    const pair = withoutKey(clientAuthentication);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'connected', peerCertificate: undefined });
  });
  test('wanted: a client whose algorithms the server does not know shows nothing', () => {
    const options = mutual(serverKey, { ...clientKey, signatureAlgorithms: [] });
    const required = new DtlsPair(options).connect();
    expect(required.clientEvents.filter(({ kind }) => kind === 'ended')).toEqual(ended(40));
    const wanted = new DtlsPair({ ...options, server: { clientAuthentication: 'wanted' } }).connect();
    expect(kindsOf(wanted.clientEvents).at(-1)).toBe('connected');
  });
  test('none: a client that has a key is not asked', () => {
    const pair = new DtlsPair({ ...mutual(), server: { clientAuthentication: 'none' } }).connect();
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'connected', peerCertificate: undefined });
  });
});

describe('signatures that come later', () => {
  const slow = (own: SigningCredential, answers: (() => void)[]): SigningCredential => ({
    ...own,
    sign: (algorithm, data) => {
      const copy = data.slice();
      return new Promise((resolve) => answers.push(() => resolve(own.sign(algorithm, copy))));
    },
  });
  test('the handshake waits, while the client repeats itself', async () => {
    const answers: (() => void)[] = [];
    const pair = new DtlsPair(mutual(slow(serverKey, answers), slow(clientKey, answers))).connect().advance(10_000);
    expect(answers).toHaveLength(1);
    for (let round = 0; round < 2; round++) {
      answers[round]?.();
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
      pair.pump();
    }
    expect(answers).toHaveLength(2);
    expect(pair.say('01').heard()).toEqual(['01']);
  });
  test('one that never comes is given up at handshakeTimeoutMs', () => {
    const pair = new DtlsPair(mutual(slow(serverKey, []))).connect().advance(130_000);
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', reason: 'timeout' });
    expect(pair.server.stats()).toMatchObject({ handshakes: 0, associations: 0 });
  });
  test('one that cannot be made is internal_error', () => {
    const broken: SigningCredential = {
      ...serverKey,
      sign: () => {
        throw new Error('the key is gone');
      },
    };
    expect(last(new DtlsPair(mutual(broken)).connect())).toEqual(told(80));
  });
});

test('a private key that no suite can use', () => {
  expect(() =>
    signingCredential({ privateKey: fromHex(`302e020100300506032b657004220420${'11'.repeat(32)}`) }),
  ).toThrow(TypeError);
});
