import { concat } from '../concat.ts';
import {
  AlertDescription,
  type ClientHello,
  COMPRESSION_NULL,
  decodeHelloVerifyRequest,
  encodeClientHello,
  encodeClientKeyExchange,
  encodeDigitallySigned,
  HandshakeType,
  ProtocolVersion,
  RANDOM_BYTES,
  schemeOf,
} from '../wire/index.ts';
import {
  type Choice,
  type ClientHandshakeInit,
  choiceOf,
  offeredExtensions,
  offeredSuites,
  shownCertificate,
} from './client-offer.ts';
import { changeCipherSpec, type FlightItem } from './flight.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { Answer, HandshakeRole, HandshakeStep } from './handshake-role.ts';
import { HandshakeSecrets } from './handshake-secrets.ts';
import { checkVerdict, encodeOwnCertificate } from './peer-certificate.ts';
import { keyExchangeFormOf, premasterSecret } from './premaster-secret.ts';
import { ServerFlight } from './server-flight.ts';
import { signingAlgorithm } from './signing-algorithm.ts';
import { Transcript } from './transcript.ts';

interface Agreed {
  readonly choice: Choice;
  readonly server: ServerFlight;
}

type State =
  | { readonly kind: 'hello' }
  | ({ readonly kind: 'serverFlight' | 'judging' } & Agreed)
  | ({ readonly kind: 'signing'; readonly scheme: number; readonly items: FlightItem[] } & Agreed & Keyed)
  | ({ readonly kind: 'finished' } & Agreed & Keyed)
  | { readonly kind: 'ended' };

interface Keyed {
  readonly secrets: HandshakeSecrets;
}

const NONE = new Uint8Array(0);
/** A server whose key changed meanwhile asks twice. */
const COOKIES_MAX = 3;

/**
 * The client's side of a handshake.
 *
 * @see RFC 6347 §4.2.4 (flights), RFC 5246 §7.3, RFC 4279 §2, RFC 5489 §2, RFC 8422 §2
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
    if (state.kind === 'serverFlight') return this.#handleServerFlight(message, state);
    if (state.kind === 'finished' && type === HandshakeType.Finished) return this.#handleFinished(message, state);
    throw new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
  }

  provide(answer: Answer): HandshakeStep {
    const state = this.#state;
    if (state.kind === 'judging' && answer.kind === 'verdict') {
      checkVerdict(answer.verdict);
      return this.#answer(state);
    }
    if (state.kind === 'signing' && answer.kind === 'signature') {
      if (answer.signature === undefined)
        throw new HandshakeError(AlertDescription.InternalError, 'the signature could not be made');
      const { scheme, items } = state;
      const body = encodeDigitallySigned({ scheme, signature: answer.signature });
      items.push(this.#transcript.sent(HandshakeType.CertificateVerify, body));
      return this.#finish(state, items);
    }
    throw new Error('that was not asked for');
  }

  destroy(): void {
    const state = this.#state;
    if (state.kind === 'finished' || state.kind === 'signing') state.secrets.destroy();
    this.#state = { kind: 'ended' };
  }

  #hello(cookie: Uint8Array): FlightItem {
    const hello: ClientHello = {
      version: ProtocolVersion.Dtls12,
      random: this.#random,
      sessionId: NONE,
      cookie,
      cipherSuites: offeredSuites(this.#init),
      compressionMethods: Uint8Array.of(COMPRESSION_NULL),
      extensions: offeredExtensions(this.#init),
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
    const choice = choiceOf(this.#init, message.body);
    this.#transcript.received(message);
    const { provider, groups, peerForms } = this.#init;
    const server = new ServerFlight({ provider, groups, peerForms, choice, clientRandom: this.#random });
    this.#state = { kind: 'serverFlight', choice, server };
    return {};
  }

  #handleServerFlight(message: HandshakeMessage, { choice, server }: Agreed): HandshakeStep {
    const isLast = server.read(message);
    this.#transcript.received(message);
    if (!isLast) return {};
    const { certificate } = server;
    if (certificate === undefined) return this.#answer({ choice, server });
    this.#state = { kind: 'judging', choice, server };
    return { wanted: { kind: 'verdict', certificate } };
  }

  /** Certificate, ClientKeyExchange and CertificateVerify, as far as they are wanted. */
  #answer({ choice, server }: Agreed): HandshakeStep {
    const transcript = this.#transcript;
    const items: FlightItem[] = [];
    const shown = server.request === undefined ? undefined : shownCertificate(this.#init, choice);
    const algorithm = signingAlgorithm(shown, server.request?.schemes ?? []);
    const certificate = algorithm === undefined ? undefined : shown;
    if (server.request !== undefined)
      items.push(transcript.sent(HandshakeType.Certificate, encodeOwnCertificate(certificate, choice.clientForm)));
    const secrets = this.#keyExchange({ choice, server }, items);
    if (certificate === undefined || algorithm === undefined) return this.#finish({ choice, server, secrets }, items);
    this.#state = { kind: 'signing', choice, server, secrets, scheme: schemeOf(algorithm), items };
    return { wanted: { kind: 'signature', algorithm, data: concat(transcript.messages()) } };
  }

  #keyExchange({ choice, server }: Agreed, items: FlightItem[]): HandshakeSecrets {
    const { provider, random, psk } = this.#init;
    const { cipherSuite, encryptThenMac, extendedMasterSecret } = choice;
    const transcript = this.#transcript;
    const { hasIdentity } = keyExchangeFormOf(cipherSuite);
    const agreement = server.group === undefined ? undefined : provider.createKeyAgreement(server.group);
    const key = hasIdentity ? psk?.key : undefined;
    const premaster = premasterSecret({ key, agreement, peerPoint: server.point });
    const identity = hasIdentity ? psk?.identity : undefined;
    const body = encodeClientKeyExchange({ identity, point: agreement?.publicKey });
    agreement?.destroy();
    items.push(transcript.sent(HandshakeType.ClientKeyExchange, body));
    return new HandshakeSecrets({
      provider,
      random,
      cipherSuite,
      encryptThenMac,
      premaster,
      randoms: [this.#random, choice.serverRandom],
      sessionHash: extendedMasterSecret ? transcript.hash(provider, cipherSuite.hash) : undefined,
    });
  }

  #finish({ choice, server, secrets }: Agreed & Keyed, items: readonly FlightItem[]): HandshakeStep {
    const { cipherSuite, connectionIds } = choice;
    const verify = secrets.verifyData('client', this.#transcript.hash(this.#init.provider, cipherSuite.hash));
    const finished = this.#transcript.sent(HandshakeType.Finished, verify, 1);
    this.#state = { kind: 'finished', choice, server, secrets };
    return {
      keys: secrets.keysOf('client'),
      ...(connectionIds === undefined ? {} : { connectionIds }),
      flight: [...items, changeCipherSpec, finished],
    };
  }

  #handleFinished(message: HandshakeMessage, { choice, server, secrets }: Agreed & Keyed): HandshakeStep {
    const { cipherSuite, extendedMasterSecret } = choice;
    const hash = this.#transcript.hash(this.#init.provider, cipherSuite.hash);
    if (!secrets.isVerified('server', hash, message.body))
      throw new HandshakeError(AlertDescription.DecryptError, 'the Finished of the server is wrong');
    this.destroy();
    return { established: { cipherSuite, extendedMasterSecret, peerCertificate: server.certificate } };
  }
}
