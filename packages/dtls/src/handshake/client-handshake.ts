import { copyOf } from '../copy-of.ts';
import type { HashAlgorithm } from '../crypto-provider.ts';
import { limitsOfFragmentLength } from '../record/record-limits.ts';
import { type ClientSession, encodeClientSession } from '../session/client-session.ts';
import {
  AlertDescription,
  type ClientHello,
  COMPRESSION_NULL,
  decodeHelloVerifyRequest,
  decodeNewSessionTicket,
  type Extension,
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
  shownCertificate,
} from './client-offer.ts';
import { checkResumed, clientCredential, offeredSession, offeredSessionId } from './client-resumption.ts';
import { changeCipherSpec, type FlightItem } from './flight.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { Answer, HandshakeRole, HandshakeStep } from './handshake-role.ts';
import { HandshakeSecrets, type SecretSource } from './handshake-secrets.ts';
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
  | { readonly kind: 'resumeJudging'; readonly choice: Choice; readonly session: ClientSession }
  | ({ readonly kind: 'resumed'; readonly choice: Choice; readonly session: ClientSession } & Keyed)
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
  readonly #session: ClientSession | undefined;
  readonly #sessionId: Uint8Array;
  readonly #extensions: readonly Extension[];
  /** What the server gave for the next time; `undefined`: nothing yet. */
  #ticket: Uint8Array | undefined;
  #cookies = 0;
  #state: State = { kind: 'hello' };

  constructor(init: ClientHandshakeInit) {
    this.#init = init;
    init.random.fill(this.#random);
    this.#session = offeredSession(init);
    this.#sessionId = offeredSessionId(init, this.#session);
    this.#extensions = offeredExtensions(init, this.#session?.ticket);
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
    if (state.kind !== 'finished' && state.kind !== 'resumed') throw outOfTurn();
    if (type === HandshakeType.NewSessionTicket) return this.#handleTicket(message, state.choice);
    // The server said that one comes (RFC 5077 §3.3).
    if (type !== HandshakeType.Finished || (state.choice.hasTicket && this.#ticket === undefined)) throw outOfTurn();
    return state.kind === 'finished' ? this.#handleFinished(message, state) : this.#handleResumed(message, state);
  }

  #handleTicket(message: HandshakeMessage, { hasTicket }: Choice): HandshakeStep {
    if (!hasTicket || this.#ticket !== undefined) throw outOfTurn();
    const { ticket } = decodeNewSessionTicket(message.body);
    this.#transcript.received(message);
    this.#ticket = ticket.length <= this.#init.parameters.ticketBytesMax ? copyOf(ticket) : NONE;
    return {};
  }

  provide(answer: Answer): HandshakeStep {
    const state = this.#state;
    if (state.kind === 'judging' && answer.kind === 'verdict') {
      checkVerdict(answer.verdict);
      return this.#answer(state);
    }
    if (state.kind === 'resumeJudging' && answer.kind === 'verdict') {
      checkVerdict(answer.verdict);
      return this.#resume(state);
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
    if ('secrets' in state) state.secrets.destroy();
    this.#session?.masterSecret.fill(0);
    this.#state = { kind: 'ended' };
  }

  #hello(cookie: Uint8Array): FlightItem {
    const hello: ClientHello = {
      version: ProtocolVersion.Dtls12,
      random: this.#random,
      sessionId: this.#sessionId,
      cookie,
      cipherSuites: this.#init.cipherSuites,
      compressionMethods: Uint8Array.of(COMPRESSION_NULL),
      extensions: this.#extensions,
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
    const choice = choiceOf(this.#init, this.#extensions, message.body);
    this.#transcript.received(message);
    const { recordLimits } = choice;
    return { ...this.#followHello(choice), ...(recordLimits === undefined ? {} : { recordLimits }) };
  }

  #followHello(choice: Choice): HandshakeStep {
    const { provider, groups, peerForms } = this.#init;
    const session = this.#session;
    if (session !== undefined && provider.isEqual(choice.sessionId, this.#sessionId)) {
      checkResumed(session, choice);
      const { peerCertificate: certificate } = session;
      if (certificate === undefined) return this.#resume({ choice, session });
      this.#state = { kind: 'resumeJudging', choice, session };
      return { wanted: { kind: 'verdict', certificate } };
    }
    const server = new ServerFlight({ provider, groups, peerForms, choice, clientRandom: this.#random });
    this.#state = { kind: 'serverFlight', choice, server };
    return {};
  }

  #resume({ choice, session }: { readonly choice: Choice; readonly session: ClientSession }): HandshakeStep {
    const secrets = this.#secretsOf(choice, { masterSecret: session.masterSecret });
    this.#state = { kind: 'resumed', choice, session, secrets };
    // A length that was agreed on counts for the whole session (RFC 6066 §4), unless something newer takes its place.
    const kept = session.fragmentLengthCode === 0 ? undefined : limitsOfFragmentLength(session.fragmentLengthCode);
    const recordLimits = choice.recordLimits ?? kept;
    return { ...this.#keysOf(secrets, choice), ...(recordLimits === undefined ? {} : { recordLimits }) };
  }

  /** RFC 5246 §7.3, figure 2: here the client has the last word. */
  #handleResumed(message: HandshakeMessage, { choice, session, secrets }: State & { kind: 'resumed' }): HandshakeStep {
    const { provider } = this.#init;
    const { hash } = choice.cipherSuite;
    this.#checkFinished(message, secrets, hash);
    this.#transcript.received(message);
    const verify = secrets.verifyData('client', this.#transcript.hash(provider, hash));
    const finished = this.#transcript.sent(HandshakeType.Finished, verify, 1);
    const { masterSecret } = secrets;
    // A new ticket takes the place of the one that was used (RFC 5077 §3.3).
    const next = this.#ticket === undefined || this.#ticket.length === 0 ? {} : { ticket: this.#ticket };
    const bytes = encodeClientSession({ ...session, masterSecret, ...next });
    masterSecret.fill(0);
    const { cipherSuite, peerCertificate, identity, serverName } = session;
    const established = { cipherSuite, extendedMasterSecret: true, peerCertificate, identity, serverName };
    this.destroy();
    return {
      flight: [changeCipherSpec, finished],
      established: { ...established, isResumed: true },
      session: { sessionId: '', bytes },
    };
  }

  #checkFinished({ body }: HandshakeMessage, secrets: HandshakeSecrets, hash: HashAlgorithm): void {
    if (!secrets.isVerified('server', this.#transcript.hash(this.#init.provider, hash), body))
      throw new HandshakeError(AlertDescription.DecryptError, 'the Finished of the server is wrong');
  }

  #keysOf(secrets: HandshakeSecrets, { connectionIds }: Choice): HandshakeStep {
    return { keys: secrets.keysOf('client'), ...(connectionIds === undefined ? {} : { connectionIds }) };
  }

  #secretsOf({ cipherSuite, encryptThenMac, serverRandom }: Choice, source: SecretSource): HandshakeSecrets {
    const { provider, random, keyLog } = this.#init;
    const randoms = [this.#random, serverRandom] as const;
    return new HandshakeSecrets({ provider, random, keyLog, cipherSuite, encryptThenMac, randoms, source });
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
    return { wanted: { kind: 'signature', algorithm, data: copyOf(transcript.messages()), serverName: '' } };
  }

  #keyExchange({ choice, server }: Agreed, items: FlightItem[]): HandshakeSecrets {
    const { provider, psk } = this.#init;
    const { cipherSuite, extendedMasterSecret } = choice;
    const transcript = this.#transcript;
    const { hasIdentity } = keyExchangeFormOf(cipherSuite);
    const agreement = server.group === undefined ? undefined : provider.createKeyAgreement(server.group);
    const key = hasIdentity ? psk?.key : undefined;
    const premaster = premasterSecret({ key, agreement, peerPoint: server.point });
    const identity = hasIdentity ? psk?.identity : undefined;
    const body = encodeClientKeyExchange({ identity, point: agreement?.publicKey });
    agreement?.destroy();
    items.push(transcript.sent(HandshakeType.ClientKeyExchange, body));
    const sessionHash = extendedMasterSecret ? transcript.hash(provider, cipherSuite.hash) : undefined;
    return this.#secretsOf(choice, { premaster, sessionHash });
  }

  #finish({ choice, server, secrets }: Agreed & Keyed, items: readonly FlightItem[]): HandshakeStep {
    const { cipherSuite } = choice;
    const verify = secrets.verifyData('client', this.#transcript.hash(this.#init.provider, cipherSuite.hash));
    const finished = this.#transcript.sent(HandshakeType.Finished, verify, 1);
    this.#state = { kind: 'finished', choice, server, secrets };
    return { ...this.#keysOf(secrets, choice), flight: [...items, changeCipherSpec, finished] };
  }

  #handleFinished(message: HandshakeMessage, { choice, server, secrets }: Agreed & Keyed): HandshakeStep {
    const { cipherSuite, extendedMasterSecret } = choice;
    this.#checkFinished(message, secrets, cipherSuite.hash);
    const bytes = this.#sessionOf(choice, server, secrets);
    this.destroy();
    const { serverName } = this.#init;
    const peer = { peerCertificate: server.certificate, identity: this.#identityOf(choice), serverName };
    return {
      established: { cipherSuite, extendedMasterSecret, ...peer, isResumed: false },
      ...(bytes === undefined ? {} : { session: { sessionId: '', bytes } }),
    };
  }

  /** What the client may come back with; `undefined`: the server keeps nothing, or RFC 7627 §5.4 forbids it. */
  #sessionOf(choice: Choice, server: ServerFlight, secrets: HandshakeSecrets): Uint8Array | undefined {
    const { cipherSuite, encryptThenMac, sessionId, extendedMasterSecret, fragmentLengthCode } = choice;
    const ticket = this.#ticket ?? NONE;
    if (!this.#init.keepsSessions || !extendedMasterSecret || sessionId.length + ticket.length === 0) return undefined;
    const { masterSecret } = secrets;
    const binding = secrets.bindingOf(clientCredential(this.#init, cipherSuite));
    const own = { serverName: this.#init.serverName, identity: this.#identityOf(choice), binding };
    const agreed = { cipherSuite, encryptThenMac, fragmentLengthCode };
    const known = { sessionId: ticket.length === 0 ? sessionId : NONE, ticket, peerCertificate: server.certificate };
    const bytes = encodeClientSession({ ...agreed, masterSecret, ...own, ...known });
    masterSecret.fill(0);
    return bytes;
  }

  #identityOf({ cipherSuite }: Choice): Uint8Array {
    return (keyExchangeFormOf(cipherSuite).hasIdentity ? this.#init.psk?.identity : undefined) ?? NONE;
  }
}

function outOfTurn(): HandshakeError {
  return new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
}
