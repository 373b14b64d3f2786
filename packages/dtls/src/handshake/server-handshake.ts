import { copyOf } from '../copy-of.ts';
import { type CipherSuite, cipherSuiteOf } from '../record/cipher-suite.ts';
import {
  AlertDescription,
  type ClientHello,
  COMPRESSION_NULL,
  decodePskIdentity,
  decodeShortOpaque,
  type Extension,
  ExtensionType,
  encodePskIdentity,
  encodeServerHello,
  encodeShortOpaque,
  HandshakeType,
  ProtocolVersion,
  RANDOM_BYTES,
} from '../wire/index.ts';
import { changeCipherSpec } from './flight.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { HandshakeContext, HandshakeRole, HandshakeStep } from './handshake-role.ts';
import { HandshakeSecrets } from './handshake-secrets.ts';
import { Transcript } from './transcript.ts';

/** What a server's side of one handshake is made of. */
export interface ServerHandshakeInit extends HandshakeContext {
  /** The ClientHello with a good cookie, as it came. */
  readonly message: HandshakeMessage;
  /** The same, decoded. */
  readonly hello: ClientHello;
  /** Helps clients with several identities to choose; `undefined`: none is sent. */
  readonly identityHint: Uint8Array | undefined;
  /** The ID that the client is to put into its records, where it knows connection IDs; `undefined`: none are used. */
  readonly connectionId: Uint8Array | undefined;
}

type State =
  | { readonly kind: 'keyExchange' }
  | { readonly kind: 'parked' }
  | { readonly kind: 'finished'; readonly secrets: HandshakeSecrets }
  | { readonly kind: 'ended' };

interface Offer {
  readonly cipherSuite: CipherSuite;
  readonly extendedMasterSecret: boolean;
  readonly connectionIds: HandshakeStep['connectionIds'];
  readonly answers: readonly Extension[];
}

const NONE = new Uint8Array(0);
/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3). */
const RENEGOTIATION_INFO_SUITE = 0x00ff;
/** The version 1.2, or what newer clients put there for their newest (RFC 6347 §4.1: a newer version is smaller). */
const VERSION_MAJOR = 0xfe;
const STAND_IN_KEY_BYTES = 16;

/**
 * The server's side of a handshake with a pre-shared key, from the ClientHello with a good cookie on.
 *
 * @see RFC 6347 §4.2.4 (flights), RFC 4279 §2
 */
export class ServerHandshake implements HandshakeRole {
  readonly #init: ServerHandshakeInit;
  readonly #offer: Offer;
  readonly #transcript: Transcript;
  readonly #clientRandom: Uint8Array;
  readonly #random = new Uint8Array(RANDOM_BYTES);
  #state: State = { kind: 'keyExchange' };

  /**
   * @throws {HandshakeError} nothing in the hello fits
   * @throws {DecodeError} an extension that cannot be read
   */
  constructor(init: ServerHandshakeInit) {
    this.#init = init;
    this.#offer = offerOf(init);
    this.#clientRandom = copyOf(init.hello.random);
    // The answer to the second ClientHello is the server's second message (RFC 6347 §4.2.2).
    this.#transcript = new Transcript(init.message.messageSequence);
    this.#transcript.received(init.message);
    init.random.fill(this.#random);
  }

  start(): HandshakeStep {
    const { identityHint } = this.#init;
    const transcript = this.#transcript;
    const hello = {
      version: ProtocolVersion.Dtls12,
      random: this.#random,
      sessionId: NONE,
      cipherSuite: this.#offer.cipherSuite.id,
      compressionMethod: COMPRESSION_NULL,
      extensions: this.#offer.answers,
    };
    const flight = [transcript.sent(HandshakeType.ServerHello, encodeServerHello(hello))];
    if (identityHint !== undefined)
      flight.push(transcript.sent(HandshakeType.ServerKeyExchange, encodePskIdentity(identityHint)));
    flight.push(transcript.sent(HandshakeType.ServerHelloDone, NONE));
    return { flight };
  }

  handleMessage(message: HandshakeMessage): HandshakeStep {
    const state = this.#state;
    if (state.kind === 'keyExchange' && message.type === HandshakeType.ClientKeyExchange) {
      const wantedIdentity = decodePskIdentity(message.body);
      this.#transcript.received(message);
      this.#state = { kind: 'parked' };
      return { wantedIdentity };
    }
    if (state.kind === 'finished' && message.type === HandshakeType.Finished)
      return this.#handleFinished(message, state.secrets);
    throw new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
  }

  provideKey(key: Uint8Array | undefined): HandshakeStep {
    if (this.#state.kind !== 'parked') throw new Error('no key was asked for');
    const { provider, random } = this.#init;
    const { cipherSuite, extendedMasterSecret, connectionIds } = this.#offer;
    // Nobody learns by this which identities exist: it goes on, and ends as with a wrong key (RFC 4279 §2).
    const standIn = new Uint8Array(STAND_IN_KEY_BYTES);
    random.fill(standIn);
    const secrets = new HandshakeSecrets({
      provider,
      cipherSuite,
      key: key ?? standIn,
      randoms: [this.#clientRandom, this.#random],
      sessionHash: extendedMasterSecret ? this.#transcript.hash(provider, cipherSuite.hash) : undefined,
    });
    standIn.fill(0);
    this.#state = { kind: 'finished', secrets };
    return { keys: secrets.keysOf('server'), ...(connectionIds === undefined ? {} : { connectionIds }) };
  }

  destroy(): void {
    if (this.#state.kind === 'finished') this.#state.secrets.destroy();
    this.#state = { kind: 'ended' };
  }

  #handleFinished(message: HandshakeMessage, secrets: HandshakeSecrets): HandshakeStep {
    const { provider } = this.#init;
    const { cipherSuite, extendedMasterSecret } = this.#offer;
    const transcript = this.#transcript;
    if (!secrets.isVerified('client', transcript.hash(provider, cipherSuite.hash), message.body))
      throw new HandshakeError(AlertDescription.DecryptError, 'the Finished of the client is wrong');
    transcript.received(message);
    const verify = secrets.verifyData('server', transcript.hash(provider, cipherSuite.hash));
    const finished = transcript.sent(HandshakeType.Finished, verify, 1);
    this.destroy();
    return { flight: [changeCipherSpec, finished], established: { cipherSuite, extendedMasterSecret } };
  }
}

/** What the server makes of the client's offer. */
function offerOf(init: ServerHandshakeInit): Offer {
  const { hello, cipherSuites, parameters } = init;
  if (hello.version >>> 8 !== VERSION_MAJOR || hello.version > ProtocolVersion.Dtls12)
    throw new HandshakeError(AlertDescription.ProtocolVersion, 'the client does not know DTLS 1.2');
  if (!hello.compressionMethods.includes(COMPRESSION_NULL))
    throw new HandshakeError(AlertDescription.IllegalParameter, 'the client wants compression (RFC 5246 §7.4.1.2)');
  const id = cipherSuites.find((suite) => hello.cipherSuites.includes(suite));
  const cipherSuite = id === undefined ? undefined : cipherSuiteOf(id);
  if (cipherSuite === undefined)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'no cipher suite in common');
  const answers: Extension[] = [];
  const extendedMasterSecret = answerExtendedMasterSecret(hello, answers);
  if (!extendedMasterSecret && parameters.requireExtendedMasterSecret)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'no extended master secret (RFC 7627 §5.3)');
  answerRenegotiationInfo(hello, answers);
  return { cipherSuite, extendedMasterSecret, connectionIds: answerConnectionId(init, answers), answers };
}

function answerExtendedMasterSecret(hello: ClientHello, answers: Extension[]): boolean {
  const data = extensionOf(hello, ExtensionType.ExtendedMasterSecret);
  if (data === undefined) return false;
  if (data.length > 0) throw new HandshakeError(AlertDescription.DecodeError, 'RFC 7627 §5.1');
  answers.push({ type: ExtensionType.ExtendedMasterSecret, data: NONE });
  return true;
}

/** RFC 5746 §3.6. */
function answerRenegotiationInfo(hello: ClientHello, answers: Extension[]): void {
  const data = extensionOf(hello, ExtensionType.RenegotiationInfo);
  if (data === undefined && !hello.cipherSuites.includes(RENEGOTIATION_INFO_SUITE)) return;
  if (data !== undefined && decodeShortOpaque(data).length > 0)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'RFC 5746 §3.6: not the first handshake');
  answers.push({ type: ExtensionType.RenegotiationInfo, data: encodeShortOpaque(NONE) });
}

/** RFC 9146 §3. */
function answerConnectionId(
  { hello, connectionId }: ServerHandshakeInit,
  answers: Extension[],
): Offer['connectionIds'] {
  const data = extensionOf(hello, ExtensionType.ConnectionId);
  if (data === undefined || connectionId === undefined) return undefined;
  answers.push({ type: ExtensionType.ConnectionId, data: encodeShortOpaque(connectionId) });
  return { own: connectionId, peer: copyOf(decodeShortOpaque(data)) };
}

function extensionOf({ extensions }: ClientHello, wanted: number): Uint8Array | undefined {
  return extensions.find(({ type }) => type === wanted)?.data;
}
