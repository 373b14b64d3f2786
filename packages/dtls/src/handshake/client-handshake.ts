import { copyOf } from '../copy-of.ts';
import type { PskCredential } from '../psk-credential.ts';
import { type CipherSuite, cipherSuiteOf } from '../record/cipher-suite.ts';
import {
  AlertDescription,
  type ClientHello,
  COMPRESSION_NULL,
  decodeHelloVerifyRequest,
  decodePskIdentity,
  decodeServerHello,
  decodeShortOpaque,
  type Extension,
  ExtensionType,
  encodeClientHello,
  encodePskIdentity,
  encodeShortOpaque,
  HandshakeType,
  ProtocolVersion,
  RANDOM_BYTES,
  type ServerHello,
} from '../wire/index.ts';
import { changeCipherSpec, type FlightItem } from './flight.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { HandshakeContext, HandshakeRole, HandshakeStep } from './handshake-role.ts';
import { HandshakeSecrets } from './handshake-secrets.ts';
import { Transcript } from './transcript.ts';

/** What a client is made of. */
export interface ClientHandshakeInit extends HandshakeContext {
  readonly credential: PskCredential;
  /** The ID that the server is to put into its records; empty: none, but one for the server would be used;
   * `undefined`: no connection IDs. */
  readonly connectionId: Uint8Array | undefined;
}

type State =
  | { readonly kind: 'hello' }
  | { readonly kind: 'serverFlight'; readonly choice: Choice; readonly hasHint: boolean }
  | { readonly kind: 'finished'; readonly choice: Choice; readonly secrets: HandshakeSecrets }
  | { readonly kind: 'ended' };

interface Choice {
  readonly hello: ServerHello;
  readonly cipherSuite: CipherSuite;
  readonly extendedMasterSecret: boolean;
  readonly connectionIds: HandshakeStep['connectionIds'];
}

const NONE = new Uint8Array(0);
/** A server whose key changed meanwhile asks twice. */
const COOKIES_MAX = 3;

/**
 * The client's side of a handshake with a pre-shared key.
 *
 * @see RFC 6347 §4.2.4 (flights), RFC 4279 §2
 */
export class ClientHandshake implements HandshakeRole {
  readonly #init: ClientHandshakeInit;
  readonly #transcript = new Transcript();
  readonly #random = new Uint8Array(RANDOM_BYTES);
  #cookies = 0;
  #state: State = { kind: 'hello' };

  constructor(init: ClientHandshakeInit) {
    this.#init = init;
    init.random.fill(this.#random);
  }

  start(): HandshakeStep {
    return { flight: [this.#hello(NONE)] };
  }

  handleMessage(message: HandshakeMessage): HandshakeStep {
    const { type } = message;
    // Not part of the handshake's hash, and of no meaning now (RFC 5246 §7.4.1.1).
    if (type === HandshakeType.HelloRequest) return {};
    const state = this.#state;
    if (state.kind === 'hello' && type === HandshakeType.HelloVerifyRequest) return this.#handleVerifyRequest(message);
    if (state.kind === 'hello' && type === HandshakeType.ServerHello) return this.#handleServerHello(message);
    if (state.kind === 'serverFlight' && type === HandshakeType.ServerKeyExchange && !state.hasHint) {
      // The hint is for clients with several identities (RFC 4279 §5.2); this one has one.
      decodePskIdentity(message.body);
      this.#transcript.received(message);
      this.#state = { ...state, hasHint: true };
      return {};
    }
    if (state.kind === 'serverFlight' && type === HandshakeType.ServerHelloDone)
      return this.#handleServerHelloDone(message, state.choice);
    if (state.kind === 'finished' && type === HandshakeType.Finished) return this.#handleFinished(message, state);
    throw new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
  }

  provideKey(): HandshakeStep {
    throw new Error('a client has its key from the beginning');
  }

  destroy(): void {
    if (this.#state.kind === 'finished') this.#state.secrets.destroy();
    this.#state = { kind: 'ended' };
  }

  #hello(cookie: Uint8Array): FlightItem {
    const { cipherSuites, connectionId } = this.#init;
    const extensions: Extension[] = [
      { type: ExtensionType.ExtendedMasterSecret, data: NONE },
      // RFC 5746 §3.4: the first handshake says so by an empty value.
      { type: ExtensionType.RenegotiationInfo, data: encodeShortOpaque(NONE) },
    ];
    if (connectionId !== undefined)
      extensions.push({ type: ExtensionType.ConnectionId, data: encodeShortOpaque(connectionId) });
    const hello: ClientHello = {
      version: ProtocolVersion.Dtls12,
      random: this.#random,
      sessionId: NONE,
      cookie,
      cipherSuites,
      compressionMethods: Uint8Array.of(COMPRESSION_NULL),
      extensions,
    };
    return this.#transcript.sent(HandshakeType.ClientHello, encodeClientHello(hello));
  }

  #handleVerifyRequest({ body }: HandshakeMessage): HandshakeStep {
    const { cookie } = decodeHelloVerifyRequest(body);
    if (this.#cookies >= COOKIES_MAX)
      throw new HandshakeError(AlertDescription.UnexpectedMessage, 'the server never takes its own cookie');
    this.#cookies++;
    this.#transcript.restart();
    return { flight: [this.#hello(cookie)] };
  }

  #handleServerHello(message: HandshakeMessage): HandshakeStep {
    const hello = decodeServerHello(message.body);
    this.#transcript.received(message);
    if (hello.version !== ProtocolVersion.Dtls12)
      throw new HandshakeError(AlertDescription.ProtocolVersion, 'the server chose another version');
    const cipherSuite = cipherSuiteOf(hello.cipherSuite);
    if (cipherSuite === undefined || !this.#init.cipherSuites.includes(cipherSuite.id))
      throw new HandshakeError(AlertDescription.IllegalParameter, 'the server chose a suite that was not offered');
    if (hello.compressionMethod !== COMPRESSION_NULL)
      throw new HandshakeError(AlertDescription.IllegalParameter, 'the server chose compression');
    const choice = { hello, cipherSuite, ...this.#answersOf(hello) };
    this.#state = { kind: 'serverFlight', choice, hasHint: false };
    return {};
  }

  #answersOf({ extensions }: ServerHello): Pick<Choice, 'extendedMasterSecret' | 'connectionIds'> {
    const { connectionId: own, parameters } = this.#init;
    let extendedMasterSecret = false;
    let connectionIds: Choice['connectionIds'];
    for (const { type, data } of extensions) {
      if (type === ExtensionType.ExtendedMasterSecret) {
        if (data.length > 0) throw new HandshakeError(AlertDescription.DecodeError, 'RFC 7627 §5.1');
        extendedMasterSecret = true;
      } else if (type === ExtensionType.RenegotiationInfo) {
        if (decodeShortOpaque(data).length > 0)
          throw new HandshakeError(AlertDescription.HandshakeFailure, 'RFC 5746 §3.4: not the first handshake');
      } else if (type === ExtensionType.ConnectionId && own !== undefined) {
        connectionIds = { own, peer: copyOf(decodeShortOpaque(data)) };
      } else throw new HandshakeError(AlertDescription.UnsupportedExtension, 'an answer to what was not asked');
    }
    if (!extendedMasterSecret && parameters.requireExtendedMasterSecret)
      throw new HandshakeError(AlertDescription.HandshakeFailure, 'no extended master secret (RFC 7627 §5.2)');
    return { extendedMasterSecret, connectionIds };
  }

  #handleServerHelloDone(message: HandshakeMessage, choice: Choice): HandshakeStep {
    if (message.body.length > 0) throw new HandshakeError(AlertDescription.DecodeError, 'RFC 5246 §7.4.5');
    const { provider, credential } = this.#init;
    const { cipherSuite } = choice;
    const transcript = this.#transcript;
    transcript.received(message);
    const keyExchange = transcript.sent(HandshakeType.ClientKeyExchange, encodePskIdentity(credential.identity));
    const secrets = new HandshakeSecrets({
      provider,
      cipherSuite,
      key: credential.key,
      randoms: [this.#random, choice.hello.random],
      sessionHash: choice.extendedMasterSecret ? transcript.hash(provider, cipherSuite.hash) : undefined,
    });
    const verify = secrets.verifyData('client', transcript.hash(provider, cipherSuite.hash));
    const finished = transcript.sent(HandshakeType.Finished, verify, 1);
    this.#state = { kind: 'finished', choice, secrets };
    return {
      keys: secrets.keysOf('client'),
      ...(choice.connectionIds === undefined ? {} : { connectionIds: choice.connectionIds }),
      flight: [keyExchange, changeCipherSpec, finished],
    };
  }

  #handleFinished(message: HandshakeMessage, state: State & { kind: 'finished' }): HandshakeStep {
    const { cipherSuite, extendedMasterSecret } = state.choice;
    const hash = this.#transcript.hash(this.#init.provider, cipherSuite.hash);
    if (!state.secrets.isVerified('server', hash, message.body))
      throw new HandshakeError(AlertDescription.DecryptError, 'the Finished of the server is wrong');
    this.destroy();
    return { established: { cipherSuite, extendedMasterSecret } };
  }
}
