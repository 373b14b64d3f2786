import { seededRandom, seededRandomSource } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { psk } from '../both-sides/dtls-pair.fixture.ts';
import { nodeCryptoProvider } from '../node/node-crypto-provider.ts';
import { resolveParameters } from '../parameters.ts';
import { cipherSuiteOf, defaultCipherSuites } from '../record/cipher-suite.ts';
import {
  decodeClientHello,
  defaultGroups,
  encodeHelloVerifyRequest,
  encodeServerHello,
  HandshakeType,
} from '../wire/index.ts';
import { ClientHandshake } from './client-handshake.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { HandshakeContext, HandshakeStep } from './handshake-role.ts';
import { ServerHandshake } from './server-handshake.ts';

const context: HandshakeContext = {
  provider: nodeCryptoProvider,
  random: seededRandomSource(seededRandom(5)),
  parameters: resolveParameters(),
  cipherSuites: defaultCipherSuites.filter((id) => cipherSuiteOf(id)?.keyExchange === 'psk'),
  groups: defaultGroups,
  certificate: undefined,
  peerForms: [],
  dangerouslyAllowCbcWithoutEncryptThenMac: false,
  keyLog: undefined,
};

const messagesOf = ({ flight = [] }: HandshakeStep): HandshakeMessage[] =>
  flight.flatMap((item) => (item.kind === 'message' ? [item.message] : []));
const newClient = (): ClientHandshake =>
  new ClientHandshake({
    ...context,
    psk,
    connectionId: undefined,
    serverName: '',
    keepsSessions: false,
    answersPathChecks: true,
    session: undefined,
  });

function newServer(message: HandshakeMessage): ServerHandshake {
  const hello = decodeClientHello(message.body);
  const own = {
    acceptsPsk: true,
    clientAuthentication: 'none',
    identityHint: undefined,
    connectionId: undefined,
    serverName: '',
    knowsServerName: false,
    resumption: undefined,
  } as const;
  return new ServerHandshake({ ...context, ...own, message, hello });
}

/** Runs a handshake; `change` may put another message in the place of one. */
function run(change: (message: HandshakeMessage, from: 'client' | 'server') => HandshakeMessage): HandshakeStep[] {
  const client = newClient();
  const [hello] = messagesOf(client.start());
  if (hello === undefined) throw new Error('the client says nothing');
  const server = newServer(hello);
  const steps: HandshakeStep[] = [];
  let last: HandshakeStep = {};
  for (const message of messagesOf(server.start())) last = client.handleMessage(change(message, 'server'));
  for (const message of messagesOf(last)) {
    let step = server.handleMessage(change(message, 'client'));
    if (step.wanted !== undefined) step = server.provide({ kind: 'key', key: psk.key });
    steps.push(step);
  }
  for (const message of messagesOf(steps.at(-1) ?? {})) steps.push(client.handleMessage(change(message, 'server')));
  return steps;
}

const changed = (body: Uint8Array): Uint8Array => body.map((byte, index) => (index === 0 ? byte ^ 1 : byte));

describe('both sides of a handshake', () => {
  test('as they are', () => {
    const steps = run((message) => message);
    expect(steps.filter(({ established }) => established?.extendedMasterSecret)).toHaveLength(2);
  });
  test.each(['client', 'server'] as const)('a wrong Finished of the %s is decrypt_error on the other side', (side) => {
    const spoil = (message: HandshakeMessage, from: string): HandshakeMessage =>
      message.type === HandshakeType.Finished && from === side ? { ...message, body: changed(message.body) } : message;
    expect(() => run(spoil)).toThrow(expect.objectContaining({ name: 'HandshakeError', alert: 51 }));
  });
  test.each(['client', 'server'] as const)('a Finished of the %s that is too short is decrypt_error', (side) => {
    const cut = (message: HandshakeMessage, from: string): HandshakeMessage =>
      message.type === HandshakeType.Finished && from === side
        ? { ...message, body: message.body.subarray(0, 11) }
        : message;
    expect(() => run(cut)).toThrow(expect.objectContaining({ alert: 51 }));
  });
  test.each([
    ['Certificate', HandshakeType.Certificate],
    ['CertificateRequest', HandshakeType.CertificateRequest],
    ['Finished', HandshakeType.Finished],
    ['NewSessionTicket', HandshakeType.NewSessionTicket],
  ])('%s out of turn is unexpected_message', (_name, type) => {
    const client = newClient();
    const [hello] = messagesOf(client.start());
    const message = { type, messageSequence: 0, body: new Uint8Array(12) };
    expect(() => client.handleMessage(message)).toThrow(expect.objectContaining({ alert: 10 }));
    const server = newServer(hello ?? message);
    expect(() => server.handleMessage(message)).toThrow(expect.objectContaining({ alert: 10 }));
  });
});

describe('what a client takes from a ServerHello', () => {
  const random = new Uint8Array(32);
  const good = { version: 0xfefd, random, sessionId: new Uint8Array(0), cipherSuite: 0xc0a8, compressionMethod: 0 };
  const take = (body: Uint8Array): HandshakeStep => {
    const client = newClient();
    client.start();
    return client.handleMessage({ type: HandshakeType.ServerHello, messageSequence: 0, body });
  };
  test('the least', () => {
    expect(take(encodeServerHello({ ...good, extensions: [] }))).toEqual({});
  });
  test.each([
    ['another version', { version: 0xfeff }, 70],
    ['a suite that nobody has', { cipherSuite: 0x002f }, 47],
    ['compression', { compressionMethod: 1 }, 47],
    ['an extension that was not asked for', { extensions: [{ type: 1, data: random }] }, 110],
    ['a connection ID that was not asked for', { extensions: [{ type: 54, data: Uint8Array.of(0) }] }, 110],
    ['an extended master secret with contents', { extensions: [{ type: 23, data: random }] }, 50],
    ['an earlier handshake', { extensions: [{ type: 0xff01, data: Uint8Array.of(1, 9) }] }, 40],
  ])('not %s', (_name, difference, alert) => {
    const body = encodeServerHello({ ...good, extensions: [], ...difference });
    expect(() => take(body)).toThrow(expect.objectContaining({ name: 'HandshakeError', alert }));
  });
  test('a second cookie is taken, for a server that changed its key', () => {
    const client = newClient();
    client.start();
    const ask = (cookie: number): HandshakeStep =>
      client.handleMessage({
        type: HandshakeType.HelloVerifyRequest,
        messageSequence: cookie,
        body: encodeHelloVerifyRequest({ version: 0xfeff, cookie: Uint8Array.of(cookie) }),
      });
    for (const cookie of [1, 2]) {
      const [hello] = messagesOf(ask(cookie));
      expect(decodeClientHello(hello?.body ?? random).cookie).toEqual(Uint8Array.of(cookie));
    }
  });
});
