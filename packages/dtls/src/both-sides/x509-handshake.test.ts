import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import type { SigningCredential } from '../credentials/answer-wanted.ts';
import type { PeerVerifier } from '../credentials/certificate-credential.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { signingCredential } from '../node/signing-credential.ts';
import { trustCertificates } from '../node/trust-certificates.ts';
import { certificateVerifier } from '../x509/certificate-verifier.ts';
import {
  credentialOf,
  DAY_MS,
  device,
  intermediate,
  issue,
  root,
  server,
  today,
} from '../x509/issued-certificate.fixture.ts';
import { DtlsPair, kindsOf, type PairOptions } from './dtls-pair.fixture.ts';

const environment = { provider: nodeCryptoProvider, epochMs: () => today };
const anchors = [root.bytes];
const ofServers = certificateVerifier({ anchors, peer: 'server', name: 'lwm2m.example.com' }, environment);
const ofClients = certificateVerifier({ anchors, peer: 'client' }, environment);
const serverCredential = credentialOf(server, intermediate);
const clientCredential = credentialOf(device, intermediate);

function options(
  own: SigningCredential = serverCredential,
  shown: SigningCredential | undefined = clientCredential,
  verifier: PeerVerifier = ofServers,
): PairOptions {
  return {
    clientSources: { certificate: shown, verifier },
    serverSources: { certificate: own, verifier: ofClients },
    client: { psk: undefined },
    server: { acceptsPsk: false },
  };
}

const endOf = (pair: DtlsPair): object | undefined => pair.clientEvents.findLast(({ kind }) => kind === 'ended');

describe('X.509', () => {
  test('both sides know whom they talk to', () => {
    const pair = new DtlsPair(options()).connect();
    expect(pair.serverEvents.at(-1)).toMatchObject({
      kind: 'connected',
      peerCertificate: { form: 'x509', publicKey: device.publicKey, chain: [device.bytes, intermediate.bytes] },
    });
    expect(pair.clientEvents.at(-1)).toMatchObject({ peerCertificate: { publicKey: server.publicKey } });
    expect(pair.say('01').heard()).toEqual(['01']);
  });
  test('in the smallest fragments', () => {
    const parameters = { datagramBytesMax: 64, reassemblyBytesMax: 16_384 };
    const pair = new DtlsPair({
      ...options(),
      client: { psk: undefined, parameters },
      server: { parameters },
    }).connect();
    expect(pair.say('01').heard()).toEqual(['01']);
  });
  test('of RSA', () => {
    const rsa = issue({ name: 'rsa', kind: 'rsa', dnsNames: ['lwm2m.example.com'] }, intermediate);
    const pair = new DtlsPair(options(credentialOf(rsa, intermediate))).connect();
    expect(pair.clientEvents.at(-1)).toMatchObject({
      cipherSuite: { name: 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256' },
    });
  });
  const late = issue({ name: 'late', dnsNames: ['lwm2m.example.com'], notAfterMs: today - DAY_MS }, intermediate);
  const lost = issue({ name: 'Root', authority: { isAuthority: true } });
  test.each([
    ['expired', credentialOf(late, intermediate), 45],
    ['unrelated', credentialOf(issue({ name: 'x', dnsNames: ['lwm2m.example.com'] }, lost)), 42],
    ['of a device', clientCredential, 43],
    ['without its issuer', credentialOf(server), 48],
  ] as const)('a server with a certificate that is %s is told alert %i', (_name, own, alert) => {
    const pair = new DtlsPair(options(own)).connect();
    expect(endOf(pair)).toEqual({ kind: 'ended', reason: 'alert-sent', alert });
    expect(pair.serverEvents.at(-1)).toMatchObject({ kind: 'handshakeFailed', alert });
  });
  test('a certificate for another name', () => {
    const verifier = certificateVerifier({ anchors, peer: 'server', name: 'other.example.com' }, environment);
    const pair = new DtlsPair(options(serverCredential, clientCredential, verifier)).connect();
    expect(endOf(pair)).toMatchObject({ reason: 'alert-sent', alert: 46 });
  });
  test('a client without a certificate, where one is required', () => {
    const { clientSources, ...rest } = options();
    const pair = new DtlsPair({ ...rest, clientSources: { verifier: clientSources?.verifier } }).connect();
    expect(endOf(pair)).toEqual({ kind: 'ended', reason: 'alert-received', alert: 40 });
    const wanted = { acceptsPsk: false, clientAuthentication: 'wanted' } as const;
    const other = new DtlsPair({ ...rest, clientSources: { verifier: ofServers }, server: wanted }).connect();
    expect(kindsOf(other.clientEvents).at(-1)).toBe('connected');
  });
  test('a client with the certificate of a server', () => {
    const pair = new DtlsPair(options(serverCredential, serverCredential)).connect();
    expect(endOf(pair)).toEqual({ kind: 'ended', reason: 'alert-received', alert: 43 });
  });
  test('somebody else’s certificate', () => {
    const thief = { ...serverCredential, sign: clientCredential.sign };
    expect(endOf(new DtlsPair(options(thief)).connect())).toMatchObject({ reason: 'alert-sent', alert: 51 });
  });
  test('what is no certificate is bad_certificate', () => {
    const broken = { ...serverCredential, chain: [fromHex('3000')] };
    expect(endOf(new DtlsPair(options(broken)).connect())).toMatchObject({ reason: 'alert-sent', alert: 42 });
  });
});

describe('credentials', () => {
  const pem = (bytes: Uint8Array): string =>
    `-----BEGIN CERTIFICATE-----\n${Buffer.from(bytes).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const privateKey = new Uint8Array(server.privateKey.export({ format: 'der', type: 'pkcs8' }));
  test('of PEM', () => {
    const certificates = `# ours\n${pem(server.bytes)}\n${pem(intermediate.bytes)}`;
    const text = server.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    expect(signingCredential({ privateKey: text, certificates })).toMatchObject({
      forms: ['x509'],
      chain: [server.bytes, intermediate.bytes],
    });
    expect(trustCertificates({ anchors: pem(root.bytes), peer: 'client' }).forms).toEqual(['x509']);
  });
  test('that do not fit', () => {
    expect(() => signingCredential({ privateKey, certificates: [device.bytes] })).toThrow(TypeError);
    expect(() => signingCredential({ privateKey, forms: ['x509'] })).toThrow(TypeError);
    expect(() => trustCertificates({ anchors: 'nothing', peer: 'client' })).toThrow(TypeError);
  });
  test('a server that shows both forms gives each client the one that it asks for', () => {
    const own = signingCredential({
      privateKey,
      certificates: [server.bytes, intermediate.bytes],
      forms: ['x509', 'rawPublicKey'],
    });
    const pair = new DtlsPair(options(own)).connect();
    expect(pair.clientEvents.at(-1)).toMatchObject({ peerCertificate: { form: 'x509' } });
    const verifier: PeerVerifier = { forms: ['rawPublicKey'], verify: () => 'trusted' };
    const bare = new DtlsPair(options(own, clientCredential, verifier)).connect();
    expect(bare.clientEvents.at(-1)).toMatchObject({ peerCertificate: { form: 'rawPublicKey' } });
  });
});
