import { toHex } from '@motestack/bytes';
import { concat } from '../concat.ts';
import { copyOf } from '../copy-of.ts';
import type { PeerCertificate } from '../credentials/certificate-credential.ts';
import type { HashAlgorithm, KeyAgreement } from '../crypto-provider.ts';
import { type CipherSuite, usesPreSharedKey } from '../record/cipher-suite.ts';
import { encodeSession, type Session } from '../session/session.ts';
import {
  AlertDescription,
  ClientCertificateKind,
  COMPRESSION_NULL,
  decodeClientKeyExchange,
  decodeDigitallySigned,
  type Extension,
  ExtensionType,
  encodeCertificateRequest,
  encodeNewSessionTicket,
  encodeServerEcdhParameters,
  encodeServerHello,
  encodeServerKeyExchange,
  HandshakeType,
  namedGroupOf,
  ProtocolVersion,
  RANDOM_BYTES,
  schemeOf,
  signatureAlgorithms,
} from '../wire/index.ts';
import { changeCipherSpec, type FlightItem } from './flight.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { Answer, HandshakeRole, HandshakeStep } from './handshake-role.ts';
import { bindingOf, HandshakeSecrets, type SecretSource } from './handshake-secrets.ts';
import { checkSignature, checkVerdict, decodePeerCertificate, encodeOwnCertificate } from './peer-certificate.ts';
import { keyExchangeFormOf, premasterSecret } from './premaster-secret.ts';
import { type Offer, offerOf, resumedAnswers, type ServerHandshakeInit } from './server-offer.ts';
import { resumableSession, sessionFormOf, shownSession } from './server-resumption.ts';
import { Transcript } from './transcript.ts';

interface Keyed {
  readonly secrets: HandshakeSecrets;
  /** What the client showed. */
  readonly certificate: PeerCertificate | undefined;
  readonly identity: Uint8Array;
  /** Stands for the credential of this handshake in its session; `undefined`: there will be none. */
  readonly binding: Uint8Array | undefined;
}

type State =
  | { readonly kind: 'start' | 'sessionWanted' }
  | { readonly kind: 'resumeKey' | 'resumeVerdict'; readonly session: Session }
  | { readonly kind: 'resumed'; readonly secrets: HandshakeSecrets; readonly session: Session }
  | { readonly kind: 'signing'; readonly parameterBytes: Uint8Array }
  | { readonly kind: 'certificate' }
  | { readonly kind: 'keyExchange'; readonly certificate: PeerCertificate | undefined }
  | { readonly kind: 'keyWanted'; readonly point: Uint8Array | undefined; readonly identity: Uint8Array }
  | ({ readonly kind: 'certificateVerify'; readonly certificate: PeerCertificate } & Keyed)
  | ({ readonly kind: 'judging' | 'finished' } & Keyed)
  | { readonly kind: 'ended' };

const NONE = new Uint8Array(0);
const STAND_IN_KEY_BYTES = 16;
const SESSION_ID_BYTES = 32;

/**
 * The server's side of a handshake, from the ClientHello with a good cookie on.
 *
 * @see RFC 6347 §4.2.4 (flights), RFC 5246 §7.3, RFC 4279 §2, RFC 5489 §2, RFC 8422 §2
 */
export class ServerHandshake implements HandshakeRole {
  readonly #init: ServerHandshakeInit;
  readonly #offer: Offer;
  readonly #transcript: Transcript;
  readonly #clientRandom: Uint8Array;
  readonly #random = new Uint8Array(RANDOM_BYTES);
  /** How the client will be let come back. */
  readonly #sessionForm: 'none' | 'id' | 'ticket';
  readonly #sessionId: Uint8Array;
  #agreement: KeyAgreement | undefined;
  #state: State = { kind: 'start' };

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
    this.#sessionForm = sessionFormOf(init, this.#offer);
    this.#sessionId = new Uint8Array(this.#sessionForm === 'id' ? SESSION_ID_BYTES : 0);
    init.random.fill(this.#sessionId);
  }

  start(): HandshakeStep {
    const shown = shownSession(this.#init);
    if (shown.kind === 'ticket') {
      const step = this.#tryResume(shown.session);
      shown.session?.fill(0);
      return step;
    }
    if (shown.kind === 'none') return this.#startFull();
    this.#state = { kind: 'sessionWanted' };
    return { wanted: { kind: 'session', sessionId: toHex(this.#init.hello.sessionId) } };
  }

  #startFull(): HandshakeStep {
    this.#state = { kind: 'start' };
    const { group, algorithm } = this.#offer;
    if (group === undefined) return this.#answerHello(NONE, undefined);
    this.#agreement = this.#init.provider.createKeyAgreement(group);
    const point = this.#agreement.publicKey;
    const parameterBytes = encodeServerEcdhParameters({ group: namedGroupOf(group), point });
    if (algorithm === undefined) return this.#answerHello(parameterBytes, undefined);
    this.#state = { kind: 'signing', parameterBytes };
    const data = concat([this.#clientRandom, this.#random, parameterBytes]);
    return { wanted: { kind: 'signature', algorithm, data, serverName: this.#init.serverName } };
  }

  handleMessage(message: HandshakeMessage): HandshakeStep {
    const state = this.#state;
    const { type } = message;
    if (state.kind === 'certificate' && type === HandshakeType.Certificate) return this.#handleCertificate(message);
    if (state.kind === 'keyExchange' && type === HandshakeType.ClientKeyExchange)
      return this.#handleKeyExchange(message, state.certificate);
    if (state.kind === 'certificateVerify' && type === HandshakeType.CertificateVerify)
      return this.#handleCertificateVerify(message, state);
    if (state.kind === 'finished' && type === HandshakeType.Finished) return this.#handleFinished(message, state);
    if (state.kind === 'resumed' && type === HandshakeType.Finished) return this.#handleResumedFinished(message, state);
    throw new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
  }

  provide(answer: Answer): HandshakeStep {
    const state = this.#state;
    if (state.kind === 'signing' && answer.kind === 'signature') {
      if (answer.signature === undefined)
        throw new HandshakeError(AlertDescription.InternalError, 'the signature could not be made');
      return this.#answerHello(state.parameterBytes, answer.signature);
    }
    if (state.kind === 'keyWanted' && answer.kind === 'key') return this.#provideKey(answer.key, state);
    if (state.kind === 'sessionWanted' && answer.kind === 'session') return this.#tryResume(answer.session);
    if (state.kind === 'resumeKey' && answer.kind === 'key') return this.#resumeIf(state.session, answer.key);
    if (state.kind === 'resumeVerdict' && answer.kind === 'verdict')
      return answer.verdict === 'trusted' ? this.#resume(state.session) : this.#forgo(state.session);
    if (state.kind === 'judging' && answer.kind === 'verdict') {
      checkVerdict(answer.verdict);
      this.#state = { ...state, kind: 'finished' };
      return {};
    }
    throw new Error('that was not asked for');
  }

  destroy(): void {
    if ('secrets' in this.#state) this.#state.secrets.destroy();
    if ('session' in this.#state) this.#state.session.masterSecret.fill(0);
    this.#agreement?.destroy();
    this.#agreement = undefined;
    this.#state = { kind: 'ended' };
  }

  #answerHello(parameterBytes: Uint8Array, signature: Uint8Array | undefined): HandshakeStep {
    const { identityHint, certificate } = this.#init;
    const { cipherSuite, answers, algorithm, serverForm, clientForm } = this.#offer;
    const transcript = this.#transcript;
    const extensions = [...answers];
    if (this.#sessionForm === 'ticket') extensions.push({ type: ExtensionType.SessionTicket, data: NONE });
    const flight: FlightItem[] = [this.#hello(this.#sessionId, cipherSuite.id, extensions)];
    const add = (type: number, body: Uint8Array): void => void flight.push(transcript.sent(type, body));
    const { hasIdentity } = keyExchangeFormOf(cipherSuite);
    if (algorithm !== undefined && signature !== undefined) {
      add(HandshakeType.Certificate, encodeOwnCertificate(certificate, serverForm));
      const signed = { scheme: schemeOf(algorithm), signature };
      add(
        HandshakeType.ServerKeyExchange,
        encodeServerKeyExchange({ identityHint: undefined, parameterBytes, signed }),
      );
    } else if (parameterBytes.length > 0 || (hasIdentity && identityHint !== undefined)) {
      // With an ephemeral key there is always the message, and an empty hint stands for none (RFC 5489 §2).
      const exchange = { identityHint: identityHint ?? NONE, parameterBytes, signed: undefined };
      add(HandshakeType.ServerKeyExchange, encodeServerKeyExchange(exchange));
    }
    if (clientForm !== undefined) add(HandshakeType.CertificateRequest, certificateRequest());
    add(HandshakeType.ServerHelloDone, NONE);
    this.#state = clientForm === undefined ? { kind: 'keyExchange', certificate: undefined } : { kind: 'certificate' };
    return { flight, ...this.#limits() };
  }

  #limits(): HandshakeStep {
    const { recordLimits } = this.#offer;
    return recordLimits === undefined ? {} : { recordLimits };
  }

  #hello(sessionId: Uint8Array, cipherSuite: number, extensions: readonly Extension[]): FlightItem {
    const hello = {
      version: ProtocolVersion.Dtls12,
      random: this.#random,
      sessionId,
      cipherSuite,
      compressionMethod: COMPRESSION_NULL,
      extensions,
    };
    return this.#transcript.sent(HandshakeType.ServerHello, encodeServerHello(hello));
  }

  #tryResume(encoded: Uint8Array | undefined): HandshakeStep {
    const session = resumableSession(this.#init, this.#offer, encoded);
    if (session === undefined) return this.#startFull();
    // What was good then is asked for again: a key that was changed or taken away ends its sessions.
    if (usesPreSharedKey(session.cipherSuite)) {
      this.#state = { kind: 'resumeKey', session };
      return { wanted: { kind: 'key', identity: session.identity } };
    }
    if (!this.#isBound(session, this.#init.certificate?.publicKey)) return this.#forgo(session);
    if (session.peerCertificate === undefined) return this.#resume(session);
    this.#state = { kind: 'resumeVerdict', session };
    return { wanted: { kind: 'verdict', certificate: session.peerCertificate } };
  }

  #isBound({ masterSecret, binding }: Session, credential: Uint8Array | undefined): boolean {
    const { provider } = this.#init;
    return credential !== undefined && provider.isEqual(binding, bindingOf(provider, masterSecret, credential));
  }

  #resumeIf(session: Session, key: Uint8Array | undefined): HandshakeStep {
    return this.#isBound(session, key) ? this.#resume(session) : this.#forgo(session);
  }

  #forgo({ masterSecret }: Session): HandshakeStep {
    masterSecret.fill(0);
    return this.#startFull();
  }

  /** RFC 5246 §7.3, figure 2; RFC 6347 §4.2.4, figure 2. */
  #resume(session: Session): HandshakeStep {
    const { provider, hello } = this.#init;
    const { cipherSuite, encryptThenMac, masterSecret } = session;
    const extensions = resumedAnswers(this.#init, this.#offer, session);
    const answer = this.#hello(hello.sessionId, cipherSuite.id, extensions);
    const secrets = this.#secretsOf({ masterSecret }, cipherSuite, encryptThenMac);
    masterSecret.fill(0);
    const verify = secrets.verifyData('server', this.#transcript.hash(provider, cipherSuite.hash));
    const finished = this.#transcript.sent(HandshakeType.Finished, verify, 1);
    this.#state = { kind: 'resumed', secrets, session };
    return { ...this.#keysOf(secrets), ...this.#limits(), flight: [answer, changeCipherSpec, finished] };
  }

  #handleResumedFinished(message: HandshakeMessage, { secrets, session }: State & { kind: 'resumed' }): HandshakeStep {
    const { cipherSuite, peerCertificate, identity, serverName } = session;
    this.#checkFinished(message, secrets, cipherSuite.hash);
    this.destroy();
    const established = { cipherSuite, extendedMasterSecret: true, peerCertificate, identity, serverName };
    return { established: { ...established, isResumed: true } };
  }

  #checkFinished({ body }: HandshakeMessage, secrets: HandshakeSecrets, hash: HashAlgorithm): void {
    if (!secrets.isVerified('client', this.#transcript.hash(this.#init.provider, hash), body))
      throw new HandshakeError(AlertDescription.DecryptError, 'the Finished of the client is wrong');
  }

  #handleCertificate(message: HandshakeMessage): HandshakeStep {
    const certificate = decodePeerCertificate(message.body, this.#offer.clientForm ?? 'x509');
    // RFC 5246 §7.4.6: the server decides whether it goes on without.
    if (certificate === undefined && this.#init.clientAuthentication === 'required')
      throw new HandshakeError(AlertDescription.HandshakeFailure, 'the client shows no certificate');
    this.#transcript.received(message);
    this.#state = { kind: 'keyExchange', certificate };
    return {};
  }

  #handleKeyExchange(message: HandshakeMessage, certificate: PeerCertificate | undefined): HandshakeStep {
    const form = keyExchangeFormOf(this.#offer.cipherSuite);
    const { identity, point } = decodeClientKeyExchange(message.body, form);
    this.#transcript.received(message);
    if (identity !== undefined) {
      this.#state = { kind: 'keyWanted', point, identity: copyOf(identity) };
      return { wanted: { kind: 'key', identity } };
    }
    const secrets = this.#secrets(undefined, point);
    const binding = this.#bindingOf(secrets, this.#init.certificate?.publicKey ?? NONE);
    const keyed = { secrets, identity: NONE, binding };
    this.#state =
      certificate === undefined
        ? { kind: 'finished', ...keyed, certificate }
        : { kind: 'certificateVerify', ...keyed, certificate };
    return this.#keysOf(secrets);
  }

  #provideKey(key: Uint8Array | undefined, { point, identity }: State & { kind: 'keyWanted' }): HandshakeStep {
    // Nobody learns by this which identities exist: it goes on, and ends as with a wrong key (RFC 4279 §2).
    const standIn = new Uint8Array(STAND_IN_KEY_BYTES);
    this.#init.random.fill(standIn);
    const secrets = this.#secrets(key ?? standIn, point);
    const binding = this.#bindingOf(secrets, key ?? standIn);
    standIn.fill(0);
    this.#state = { kind: 'finished', secrets, certificate: undefined, identity, binding };
    return this.#keysOf(secrets);
  }

  #bindingOf(secrets: HandshakeSecrets, credential: Uint8Array): Uint8Array | undefined {
    return this.#sessionForm === 'none' ? undefined : secrets.bindingOf(credential);
  }

  #secrets(key: Uint8Array | undefined, peerPoint: Uint8Array | undefined): HandshakeSecrets {
    const { cipherSuite, extendedMasterSecret, encryptThenMac } = this.#offer;
    const source = {
      premaster: premasterSecret({ key, agreement: this.#agreement, peerPoint }),
      sessionHash: extendedMasterSecret ? this.#transcript.hash(this.#init.provider, cipherSuite.hash) : undefined,
    };
    return this.#secretsOf(source, cipherSuite, encryptThenMac);
  }

  #secretsOf(source: SecretSource, cipherSuite: CipherSuite, encryptThenMac: boolean): HandshakeSecrets {
    const { provider, random, keyLog } = this.#init;
    const randoms = [this.#clientRandom, this.#random] as const;
    return new HandshakeSecrets({ provider, random, keyLog, cipherSuite, encryptThenMac, randoms, source });
  }

  #keysOf(secrets: HandshakeSecrets): HandshakeStep {
    const { connectionIds } = this.#offer;
    return { keys: secrets.keysOf('server'), ...(connectionIds === undefined ? {} : { connectionIds }) };
  }

  #handleCertificateVerify(message: HandshakeMessage, state: State & { kind: 'certificateVerify' }): HandshakeStep {
    const { certificate } = state;
    const signed = decodeDigitallySigned(message.body);
    checkSignature(this.#init.provider, certificate, signed, [this.#transcript.messages()], signatureAlgorithms);
    this.#transcript.received(message);
    // Only now, so that nobody can ask about keys that are not theirs.
    this.#state = { ...state, kind: 'judging' };
    return { wanted: { kind: 'verdict', certificate } };
  }

  #handleFinished(message: HandshakeMessage, keyed: Keyed): HandshakeStep {
    const { secrets, certificate, identity } = keyed;
    const { provider, serverName } = this.#init;
    const { cipherSuite, extendedMasterSecret } = this.#offer;
    const transcript = this.#transcript;
    this.#checkFinished(message, secrets, cipherSuite.hash);
    transcript.received(message);
    const session = keyed.binding === undefined ? undefined : this.#sessionOf(keyed, keyed.binding);
    const flight = session === undefined || this.#sessionForm === 'id' ? [] : [this.#ticketOf(session)];
    const verify = secrets.verifyData('server', transcript.hash(provider, cipherSuite.hash));
    const finished = transcript.sent(HandshakeType.Finished, verify, 1);
    this.destroy();
    const peer = { peerCertificate: certificate, identity, serverName };
    return {
      flight: [...flight, changeCipherSpec, finished],
      established: { cipherSuite, extendedMasterSecret, ...peer, isResumed: false },
      ...(session === undefined || this.#sessionForm !== 'id'
        ? {}
        : { session: { sessionId: toHex(this.#sessionId), bytes: session } }),
    };
  }

  #sessionOf({ secrets, certificate, identity }: Keyed, binding: Uint8Array): Uint8Array {
    const { cipherSuite, encryptThenMac, fragmentLengthCode } = this.#offer;
    const { serverName } = this.#init;
    const { masterSecret } = secrets;
    const peer = { serverName, identity, peerCertificate: certificate };
    const session = encodeSession({ cipherSuite, encryptThenMac, fragmentLengthCode, masterSecret, binding, ...peer });
    masterSecret.fill(0);
    return session;
  }

  /** RFC 5077 §3.3. */
  #ticketOf(session: Uint8Array): FlightItem {
    const tickets = this.#init.resumption?.tickets;
    const ticket = { lifetimeSeconds: tickets?.lifetimeSeconds ?? 0, ticket: tickets?.seal(session) ?? NONE };
    session.fill(0);
    return this.#transcript.sent(HandshakeType.NewSessionTicket, encodeNewSessionTicket(ticket));
  }
}

function certificateRequest(): Uint8Array {
  const kinds = [ClientCertificateKind.EcdsaSign, ClientCertificateKind.RsaSign];
  return encodeCertificateRequest({ kinds, schemes: signatureAlgorithms.map(schemeOf), authorities: [] });
}
