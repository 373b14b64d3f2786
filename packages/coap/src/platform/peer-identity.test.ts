import { encodeUtf8, fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { formatPeerIdentity, type PeerIdentity } from './peer-identity.ts';

const key = fromHex('3059');
const certificate: PeerIdentity = { kind: 'x509', commonName: 'device-1', publicKey: key, certificates: [] };

describe('formatPeerIdentity', () => {
  test.each<readonly [string, PeerIdentity]>([
    ['psk:64', { kind: 'psk', identity: encodeUtf8('d') }],
    ['psk:ff00', { kind: 'psk', identity: fromHex('ff00') }],
    ['rawPublicKey:3059', { kind: 'rawPublicKey', publicKey: key }],
    ['x509:device-1', certificate],
    ['x509-key:3059', { ...certificate, commonName: undefined }],
  ])('%s', (text, identity) => {
    expect(formatPeerIdentity(identity)).toBe(text);
  });

  test('a certificate that was renewed is the same peer', () => {
    expect(formatPeerIdentity({ ...certificate, publicKey: fromHex('3060') })).toBe(formatPeerIdentity(certificate));
  });

  test('a common name cannot pass for a key', () => {
    const forged = formatPeerIdentity({ ...certificate, commonName: '3059' });
    expect(forged).not.toBe(formatPeerIdentity({ ...certificate, commonName: undefined }));
    expect(forged).not.toBe(formatPeerIdentity({ kind: 'rawPublicKey', publicKey: key }));
  });
});
