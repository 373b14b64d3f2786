import { fromHex } from '@motestack/bytes';
import { seededRandom, seededRandomSource } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { serverKey } from '../both-sides/handshake-shapes.fixture.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { resolveParameters } from '../parameters.ts';
import { CipherSuiteId, cipherSuiteOf, defaultCipherSuites } from '../record/cipher-suite.ts';
import { encodeSession, type Session } from '../session/session.ts';
import { defaultGroups, type Extension, ExtensionType } from '../wire/index.ts';
import { offerOf, type ServerHandshakeInit } from './server-offer.ts';
import { resumableSession } from './server-resumption.ts';

const none = fromHex('');
const suiteOf = (id: number): Session['cipherSuite'] => {
  const suite = cipherSuiteOf(id);
  if (suite === undefined) throw new Error('there is no such suite');
  return suite;
};
const psk: Session = {
  cipherSuite: suiteOf(CipherSuiteId.PskAes128Ccm8),
  encryptThenMac: false,
  fragmentLengthCode: 0,
  masterSecret: new Uint8Array(48),
  binding: new Uint8Array(32),
  serverName: 'a.example',
  identity: fromHex('61'),
  peerCertificate: undefined,
};
const keyed: Session = { ...psk, cipherSuite: suiteOf(CipherSuiteId.EcdheEcdsaAes128Ccm8), identity: none };
const shown = { form: 'rawPublicKey', publicKey: fromHex('3000'), chain: [] } as const;
const cbc: Session = { ...psk, cipherSuite: suiteOf(CipherSuiteId.PskAes128CbcSha256), encryptThenMac: true };

function isResumed(
  session: Session,
  init: Partial<ServerHandshakeInit> = {},
  more: readonly Extension[] = [],
): boolean {
  const extensions = [
    { type: ExtensionType.ExtendedMasterSecret, data: none },
    { type: ExtensionType.SignatureAlgorithms, data: fromHex('00020403') },
    { type: ExtensionType.ServerCertificateType, data: fromHex('0102') },
    { type: ExtensionType.ClientCertificateType, data: fromHex('0102') },
    ...more,
  ];
  const whole: ServerHandshakeInit = {
    provider: nodeCryptoProvider,
    random: seededRandomSource(seededRandom(1)),
    parameters: resolveParameters(),
    cipherSuites: defaultCipherSuites,
    groups: defaultGroups,
    certificate: serverKey,
    peerForms: ['rawPublicKey'],
    dangerouslyAllowCbcWithoutEncryptThenMac: false,
    keyLog: undefined,
    acceptsPsk: true,
    clientAuthentication: 'wanted',
    identityHint: undefined,
    connectionId: undefined,
    serverName: 'a.example',
    knowsServerName: false,
    resumption: { tickets: undefined, hasStore: true },
    message: { type: 1, messageSequence: 1, body: none },
    hello: {
      ...{ version: 0xfefd, random: new Uint8Array(32), sessionId: fromHex('01'), cookie: none },
      compressionMethods: Uint8Array.of(0),
      cipherSuites: [CipherSuiteId.EcdheEcdsaAes128Ccm8, CipherSuiteId.PskAes128Ccm8, CipherSuiteId.PskAes128CbcSha256],
      extensions,
    },
    ...init,
  };
  return resumableSession(whole, offerOf(whole), encodeSession(session)) !== undefined;
}

describe('a session that is good for a full handshake’s worth', () => {
  test.each([
    ['as it was', psk, {}, []],
    ['a client that showed no key, where it need not', keyed, {}, []],
    ['a client that showed its key', { ...keyed, peerCertificate: shown }, { clientAuthentication: 'required' }, []],
    ['CBC with encrypt-then-MAC', cbc, {}, [{ type: ExtensionType.EncryptThenMac, data: none }]],
  ] as const)('%s', (_name, session, init, more) => {
    expect(isResumed(session, init, more)).toBe(true);
  });
});

describe('no session any more', () => {
  test.each([
    ['another name of the server (RFC 6066 §3)', psk, { serverName: 'b.example' }],
    ['no name of the server', psk, { serverName: '' }],
    ['a server without pre-shared keys', psk, { acceptsPsk: false }],
    ['a server without that suite', psk, { cipherSuites: [CipherSuiteId.EcdheEcdsaAes128Ccm8] }],
    ['clients have to show a key now', keyed, { clientAuthentication: 'required' }],
    ['nobody asks for keys now', { ...keyed, peerCertificate: shown }, { clientAuthentication: 'none' }],
    [
      'keys of that form are not judged now',
      { ...keyed, peerCertificate: shown },
      { peerForms: ['x509'], clientAuthentication: 'none' },
    ],
    ['encrypt-then-MAC is not offered now', cbc, { dangerouslyAllowCbcWithoutEncryptThenMac: true }],
  ] as const)('%s', (_name, session, init) => {
    expect(isResumed(session, init)).toBe(false);
  });
});
