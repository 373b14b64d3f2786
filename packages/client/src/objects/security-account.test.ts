import { encodeUtf8, fromHex } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { type SecurityValues, securityAccount } from './security-account.ts';

const [identity, key, own, given] = [encodeUtf8('device-1'), fromHex('00'), fromHex('30'), fromHex('3159')];
const base = { 0: 'coaps://server', 10: 7 };
const privateKey = fromHex('3041');

describe('securityAccount (LwM2M Core 1.1.1 Appendix E.1)', () => {
  test.each<readonly [string, SecurityValues, object | undefined]>([
    ['mode 0', { 2: 0, 3: identity, 5: key }, { kind: 'psk', identity, key }],
    ['suites', { 2: 0, 3: identity, 5: key, 16: { 0: 0xc0a8, 1: 0xae } }, { cipherSuites: [0xc0a8, 0xae] }],
    ['suites as a list', { 2: 0, 3: identity, 5: key, 16: [0xc0a8] }, { cipherSuites: [0xc0a8] }],
    ['no suites', { 2: 0, 3: identity, 5: key, 16: {} }, { cipherSuites: undefined }],
    ['mode 1', { 2: 1, 3: own, 4: given, 5: privateKey }, { kind: 'rawPublicKey', privateKey, serverPublicKey: given }],
    [
      'mode 2',
      { 2: 2, 3: own, 4: given, 5: privateKey },
      { kind: 'x509', privateKey, certificates: [own], serverCertificate: given, certificateUsage: undefined },
    ],
    [
      'a usage and a name',
      { 2: 2, 3: own, 4: given, 5: privateKey, 14: 'a', 15: 2 },
      { certificateUsage: 2, serverName: 'a' },
    ],
    ['the usage 0, with its root', { 2: 2, 3: own, 4: given, 5: privateKey, 15: 0 }, { trustedRoots: [given] }],
    [
      'PEM',
      { 2: 2, 3: encodeUtf8('-----BEGIN CERTIFICATE-----'), 4: given, 5: privateKey },
      { certificates: '-----BEGIN CERTIFICATE-----' },
    ],
    ['mode 3', { 2: 3 }, undefined],
  ])('%s', (_name, values, security) => {
    const account = securityAccount({ ...base, ...values });
    expect(account).toMatchObject({ uri: 'coaps://server', shortServerId: 7 });
    if (security === undefined) expect(account.security).toBeUndefined();
    else expect(account.security).toMatchObject(security);
  });

  test.each<readonly [string, SecurityValues]>([
    ['/0/x/0', { 2: 3, 0: undefined }],
    ['/0/x/2', {}],
    ['/0/x/2', { 2: 4 }],
    ['/0/x/3', { 2: 0, 5: key }],
    ['/0/x/3', { 2: 0, 3: new Uint8Array(0), 5: key }],
    ['/0/x/4', { 2: 1, 3: own, 5: privateKey }],
    ['/0/x/5', { 2: 0, 3: identity }],
    ['/0/x/5', { 2: 0, 3: identity, 5: 'secret' }],
    ['/0/x/10', { 2: 3, 10: '7' }],
    ['/0/x/14', { 2: 2, 3: own, 4: given, 5: privateKey, 14: 1 }],
    ['/0/x/15', { 2: 2, 3: own, 4: given, 5: privateKey, 15: 4 }],
    ['/0/x/16', { 2: 0, 3: identity, 5: key, 16: ['secret'] }],
  ])('names %s and tells nothing of what it holds', (path, values) => {
    expect(() => securityAccount({ ...base, ...values })).toThrow(path);
    expect(() => securityAccount({ ...base, ...values })).not.toThrow(/secret/);
  });
});
