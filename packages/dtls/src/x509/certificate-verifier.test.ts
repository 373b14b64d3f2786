import { fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import type { PeerVerdict } from '../credentials/certificate-credential.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { ISSUERS_TRIED_MAX, PATH_LENGTH_MAX } from './certificate-path.ts';
import { type CertificateTrustOptions, CertificateUsage, certificateVerifier } from './certificate-verifier.ts';
import { sequence } from './der-writer.fixture.ts';
import {
  CLIENT_USAGE,
  DAY_MS,
  device,
  extension,
  type Issued,
  intermediate,
  issue,
  root,
  SERVER_USAGE,
  type Subject,
  server,
  today,
} from './issued-certificate.fixture.ts';

const name = 'lwm2m.example.com';

interface Asked extends Partial<CertificateTrustOptions> {
  readonly epochMs?: number;
}

function verdictOf(
  chain: readonly Issued[],
  { epochMs = today, ...options }: Asked = {},
): PeerVerdict | Promise<PeerVerdict> {
  const all: CertificateTrustOptions = { anchors: [root.bytes], peer: 'server', name, ...options };
  const verifier = certificateVerifier(all, { provider: nodeCryptoProvider, epochMs: () => epochMs });
  const bytes = chain.map((issued) => issued.bytes);
  return verifier.verify({ form: 'x509', publicKey: chain[0]?.publicKey ?? fromHex(''), chain: bytes }, 'nowhere');
}

const good: Subject = { name: 'server', keyUsage: [0], extendedKeyUsage: [SERVER_USAGE], dnsNames: [name] };
const leafOf = (difference: Partial<Subject>, issuer: Issued = intermediate): Issued =>
  issue({ ...good, ...difference }, issuer);
const authority = { isAuthority: true };
const stranger = issue({ name: 'Root', authority, keyUsage: [5] });

describe('a chain', () => {
  test.each<[string, readonly Issued[], Asked]>([
    ['of a server', [server, intermediate], {}],
    ['with its root', [server, intermediate, root], {}],
    ['in the wrong order', [server, root, intermediate], {}],
    ['with a certificate that has nothing to do with it', [server, stranger, intermediate], {}],
    ['of a client', [device, intermediate], { peer: 'client', name: undefined }],
    ['to an anchor in the middle', [server], { anchors: [intermediate.bytes] }],
    ['to the bare key of an anchor', [server, intermediate], { anchors: [root.publicKey] }],
    ['of a certificate without usages', [issue({ name: 'x', dnsNames: [name] }, intermediate), intermediate], {}],
    ['on the last day', [server, intermediate], { epochMs: today + 10 * DAY_MS }],
    ['on the first day', [server, intermediate], { epochMs: today - 10 * DAY_MS }],
    ['with RSA', [leafOf({ kind: 'rsa' }), intermediate], {}],
  ])('%s is trusted', (_name, chain, asked) => {
    expect(verdictOf(chain, asked)).toBe('trusted');
  });
  const expired = issue({ name: 'Intermediate', authority, notAfterMs: today - DAY_MS }, root);
  const noAuthority = issue({ name: 'Intermediate', keyUsage: [5] }, root);
  const denied = issue({ name: 'Intermediate', authority: { isAuthority: false } }, root);
  const noSigner = issue({ name: 'Intermediate', authority, keyUsage: [0] }, root);
  const short = issue({ name: 'Short', authority: { isAuthority: true, pathLength: 0 } }, root);
  const below = issue({ name: 'Below', authority }, short);
  const critical = extension('2a03', sequence(), true);
  test.each<[string, readonly Issued[], PeerVerdict, Asked]>([
    ['none at all', [], 'bad-certificate', {}],
    ['without the intermediate', [server], 'unknown-ca', {}],
    ['to an unrelated root', [server, intermediate], 'unknown-ca', { anchors: [device.bytes] }],
    ['to a root of the same name', [server, intermediate], 'bad-certificate', { anchors: [stranger.bytes] }],
    ['to no anchor', [server, intermediate, root], 'unknown-ca', { anchors: [] }],
    ['expired', [server, intermediate], 'certificate-expired', { epochMs: today + 10 * DAY_MS + 1 }],
    ['not valid yet', [server, intermediate], 'certificate-expired', { epochMs: today - 10 * DAY_MS - 1 }],
    ['an expired intermediate', [leafOf({}, expired), expired], 'certificate-expired', {}],
    ['an issuer that does not say that it is one', [leafOf({}, noAuthority), noAuthority], 'bad-certificate', {}],
    ['an issuer that says that it is none', [leafOf({}, denied), denied], 'bad-certificate', {}],
    ['an issuer whose key is not for certificates', [leafOf({}, noSigner), noSigner], 'bad-certificate', {}],
    ['a device that issues', [leafOf({}, device), device, intermediate], 'bad-certificate', {}],
    ['a path longer than an issuer allows', [leafOf({}, below), below, short], 'bad-certificate', {}],
    [
      'a certificate for clients',
      [leafOf({ extendedKeyUsage: [CLIENT_USAGE] }), intermediate],
      'unsupported-certificate',
      {},
    ],
    ['a key that does not sign', [leafOf({ keyUsage: [4] }), intermediate], 'unsupported-certificate', {}],
    ['an unknown critical extension', [leafOf({ more: [critical] }), intermediate], 'unsupported-certificate', {}],
    ['another name', [server, intermediate], 'certificate-unknown', { name: 'other.example.com' }],
    ['a bad signature', [leafOf({ signedBy: stranger.privateKey }), intermediate], 'bad-certificate', {}],
    ['a self-signed one', [issue({ ...good })], 'unknown-ca', {}],
  ])('%s is not', (_name, chain, verdict, asked) => {
    expect(verdictOf(chain, asked)).toBe(verdict);
  });
  test('a path length that is just enough', () => {
    expect(verdictOf([leafOf({}, short), short])).toBe('trusted');
  });
  test('a certificate that is none', () => {
    const verifier = certificateVerifier(
      { anchors: [], peer: 'client' },
      { provider: nodeCryptoProvider, epochMs: () => today },
    );
    const { publicKey } = server;
    expect(verifier.verify({ form: 'x509', publicKey, chain: [fromHex('3000')] }, '')).toBe('bad-certificate');
    expect(verifier.verify({ form: 'rawPublicKey', publicKey, chain: [] }, '')).toBe('unsupported-certificate');
  });
});

describe('bounds', () => {
  const chainOf = (length: number): Issued[] => {
    const chain = [issue({ name: 'CA 1', authority }, root)];
    while (chain.length < length - 1) chain.unshift(issue({ name: `CA ${chain.length + 1}`, authority }, chain[0]));
    return [leafOf({}, chain[0]), ...chain];
  };
  test('PATH_LENGTH_MAX certificates in a path, and one more', () => {
    expect(verdictOf(chainOf(PATH_LENGTH_MAX))).toBe('trusted');
    expect(verdictOf(chainOf(PATH_LENGTH_MAX + 1))).toBe('unknown-ca');
  });
  test('ISSUERS_TRIED_MAX issuers, however many there are', () => {
    let verified = 0;
    const provider = {
      ...nodeCryptoProvider,
      verify: (...all: Parameters<typeof nodeCryptoProvider.verify>): boolean => {
        verified++;
        return nodeCryptoProvider.verify(...all);
      },
    };
    // All have one name and one key, so that each could have issued each.
    const same = Array.from({ length: 9 }, () =>
      issue({ name: 'Intermediate', authority, signedBy: intermediate.privateKey }),
    );
    const options = { anchors: [root.bytes], peer: 'server' } as const;
    const verifier = certificateVerifier(options, { provider, epochMs: () => today });
    const chain = [leafOf({}), ...same].map(({ bytes }) => bytes);
    expect(verifier.verify({ form: 'x509', publicKey: server.publicKey, chain }, '')).not.toBe('trusted');
    expect(verified).toBeLessThanOrEqual(ISSUERS_TRIED_MAX);
  });
});

describe('names', () => {
  const forNames = (dnsNames: readonly string[], ipAddresses: readonly string[] = []): Issued =>
    leafOf({ dnsNames, ipAddresses });
  test.each<[string, Issued, string, PeerVerdict]>([
    ['in other letters', server, 'LwM2M.Example.COM.', 'trusted'],
    ['a wildcard', forNames(['*.example.com']), name, 'trusted'],
    ['a wildcard for two labels', forNames(['*.example.com']), 'a.b.example.com', 'certificate-unknown'],
    ['a wildcard for none', forNames(['*.example.com']), 'example.com', 'certificate-unknown'],
    ['a wildcard for all there is', forNames(['*.com']), 'example.com', 'certificate-unknown'],
    ['a wildcard in a label', forNames(['lw*.example.com']), name, 'certificate-unknown'],
    ['the second of two', forNames(['other', name]), name, 'trusted'],
    ['IPv4', forNames([], ['c0000201']), '192.0.2.1', 'trusted'],
    ['another IPv4', forNames([], ['c0000201']), '192.0.2.2', 'certificate-unknown'],
    ['IPv6', forNames([], [`20010db8${'00'.repeat(11)}01`]), '[2001:db8::1]', 'trusted'],
    ['all of IPv6', forNames([], [`20010db8${'00'.repeat(11)}01`]), '2001:DB8:0:0:0:0:0:1', 'trusted'],
    ['an address that stands as a host name', forNames(['192.0.2.1']), '192.0.2.1', 'certificate-unknown'],
  ])('%s', (_name, leaf, wanted, verdict) => {
    expect(verdictOf([leaf, intermediate], { name: wanted })).toBe(verdict);
  });
  test('the common name counts only where that is allowed and there are no other names', () => {
    const bare = issue({ name, extendedKeyUsage: [SERVER_USAGE] }, intermediate);
    expect(verdictOf([bare, intermediate])).toBe('certificate-unknown');
    expect(verdictOf([bare, intermediate], { allowCommonName: true })).toBe('trusted');
    const named = leafOf({ name, dnsNames: ['other'] });
    expect(verdictOf([named, intermediate], { allowCommonName: true })).toBe('certificate-unknown');
  });
});

describe('certificate usages (LwM2M Core Appendix E.1, resource 15)', () => {
  const { CaConstraint, ServiceCertificateConstraint, TrustAnchorAssertion, DomainIssuedCertificate } =
    CertificateUsage;
  const other = issue({ name: 'Other', authority }, root);
  const expired = leafOf({ notAfterMs: today - DAY_MS });
  const unrelated = issue({ name: 'self', dnsNames: [name] });
  test.each<[string, CertificateUsage, Issued, readonly Issued[], PeerVerdict]>([
    ['0: the CA is in the path', CaConstraint, intermediate, [server, intermediate], 'trusted'],
    ['0: the CA is the anchor', CaConstraint, root, [server, intermediate], 'trusted'],
    ['0: another CA of the same root', CaConstraint, other, [server, intermediate], 'unknown-ca'],
    ['0: the own certificate is no CA', CaConstraint, server, [server, intermediate], 'unknown-ca'],
    ['1: the own certificate, with a path', ServiceCertificateConstraint, server, [server, intermediate], 'trusted'],
    ['1: another one', ServiceCertificateConstraint, device, [server, intermediate], 'certificate-unknown'],
    ['1: the own certificate, without a path', ServiceCertificateConstraint, unrelated, [unrelated], 'unknown-ca'],
    [
      '1: the own certificate, expired',
      ServiceCertificateConstraint,
      expired,
      [expired, intermediate],
      'certificate-expired',
    ],
    ['2: the anchor', TrustAnchorAssertion, intermediate, [server], 'trusted'],
    ['2: another anchor, though there is a path', TrustAnchorAssertion, other, [server, intermediate], 'unknown-ca'],
    ['3: the own certificate', DomainIssuedCertificate, unrelated, [unrelated], 'trusted'],
    ['3: the own certificate, expired', DomainIssuedCertificate, expired, [expired], 'trusted'],
    ['3: another one', DomainIssuedCertificate, server, [unrelated], 'certificate-unknown'],
  ])('%s', (_name, mode, given, chain, verdict) => {
    expect(verdictOf(chain, { usage: { mode, given: given.bytes } })).toBe(verdict);
    // The key stands for the certificate.
    expect(verdictOf(chain, { usage: { mode, given: given.publicKey } })).toBe(verdict);
  });
  test('what cannot be read, and a mode that there is not, are refused at once', () => {
    const environment = { provider: nodeCryptoProvider, epochMs: () => today };
    const make = (anchor: Uint8Array, mode: number): object =>
      certificateVerifier(
        { anchors: [anchor], peer: 'server', usage: { mode: mode as CertificateUsage, given: root.bytes } },
        environment,
      );
    expect(() => make(fromHex('3000'), 0)).toThrow(expect.objectContaining({ name: 'DecodeError' }));
    expect(() => make(root.bytes, 4)).toThrow(RangeError);
  });
});
