import type { PeerCertificate } from '../certificate-credential.ts';
import { concat } from '../concat.ts';
import { copyOf } from '../copy-of.ts';
import type { KeyAgreement } from '../crypto-provider.ts';
import {
  AlertDescription,
  ClientCertificateKind,
  COMPRESSION_NULL,
  decodeClientKeyExchange,
  decodeDigitallySigned,
  encodeCertificateRequest,
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
import { HandshakeSecrets } from './handshake-secrets.ts';
import { checkSignature, checkVerdict, decodePeerCertificate, encodeOwnCertificate } from './peer-certificate.ts';
import { keyExchangeFormOf, premasterSecret } from './premaster-secret.ts';
import { type Offer, offerOf, type ServerHandshakeInit } from './server-offer.ts';
import { Transcript } from './transcript.ts';

interface Keyed {
  readonly secrets: HandshakeSecrets;
  /** What the client showed. */
  readonly certificate: PeerCertificate | undefined;
}

type State =
  | { readonly kind: 'start' }
  | { readonly kind: 'signing'; readonly parameterBytes: Uint8Array }
  | { readonly kind: 'certificate' }
  | { readonly kind: 'keyExchange'; readonly certificate: PeerCertificate | undefined }
  | { readonly kind: 'keyWanted'; readonly point: Uint8Array | undefined }
  | { readonly kind: 'certificateVerify'; readonly secrets: HandshakeSecrets; readonly certificate: PeerCertificate }
  | ({ readonly kind: 'judging' | 'finished' } & Keyed)
  | { readonly kind: 'ended' };

const NONE = new Uint8Array(0);
const STAND_IN_KEY_BYTES = 16;

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
  }

  start(): HandshakeStep {
    const { group, algorithm } = this.#offer;
    if (group === undefined) return this.#answerHello(NONE, undefined);
    this.#agreement = this.#init.provider.createKeyAgreement(group);
    const point = this.#agreement.publicKey;
    const parameterBytes = encodeServerEcdhParameters({ group: namedGroupOf(group), point });
    if (algorithm === undefined) return this.#answerHello(parameterBytes, undefined);
    this.#state = { kind: 'signing', parameterBytes };
    const data = concat([this.#clientRandom, this.#random, parameterBytes]);
    return { wanted: { kind: 'signature', algorithm, data } };
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
    throw new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
  }

  provide(answer: Answer): HandshakeStep {
    const state = this.#state;
    if (state.kind === 'signing' && answer.kind === 'signature') {
      if (answer.signature === undefined)
        throw new HandshakeError(AlertDescription.InternalError, 'the signature could not be made');
      return this.#answerHello(state.parameterBytes, answer.signature);
    }
    if (state.kind === 'keyWanted' && answer.kind === 'key') return this.#provideKey(answer.key, state.point);
    if (state.kind === 'judging' && answer.kind === 'verdict') {
      checkVerdict(answer.verdict);
      this.#state = { ...state, kind: 'finished' };
      return {};
    }
    throw new Error('that was not asked for');
  }

  destroy(): void {
    if ('secrets' in this.#state) this.#state.secrets.destroy();
    this.#agreement?.destroy();
    this.#agreement = undefined;
    this.#state = { kind: 'ended' };
  }

  #answerHello(parameterBytes: Uint8Array, signature: Uint8Array | undefined): HandshakeStep {
    const { identityHint, certificate } = this.#init;
    const { cipherSuite, answers, algorithm, serverForm, clientForm } = this.#offer;
    const transcript = this.#transcript;
    const hello = {
      version: ProtocolVersion.Dtls12,
      random: this.#random,
      sessionId: NONE,
      cipherSuite: cipherSuite.id,
      compressionMethod: COMPRESSION_NULL,
      extensions: answers,
    };
    const flight: FlightItem[] = [transcript.sent(HandshakeType.ServerHello, encodeServerHello(hello))];
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
    return { flight };
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
      this.#state = { kind: 'keyWanted', point };
      return { wanted: { kind: 'key', identity } };
    }
    const secrets = this.#secrets(undefined, point);
    this.#state =
      certificate === undefined
        ? { kind: 'finished', secrets, certificate }
        : { kind: 'certificateVerify', secrets, certificate };
    return this.#keysOf(secrets);
  }

  #provideKey(key: Uint8Array | undefined, point: Uint8Array | undefined): HandshakeStep {
    // Nobody learns by this which identities exist: it goes on, and ends as with a wrong key (RFC 4279 §2).
    const standIn = new Uint8Array(STAND_IN_KEY_BYTES);
    this.#init.random.fill(standIn);
    const secrets = this.#secrets(key ?? standIn, point);
    standIn.fill(0);
    this.#state = { kind: 'finished', secrets, certificate: undefined };
    return this.#keysOf(secrets);
  }

  #secrets(key: Uint8Array | undefined, peerPoint: Uint8Array | undefined): HandshakeSecrets {
    const { provider, random } = this.#init;
    const { cipherSuite, extendedMasterSecret, encryptThenMac } = this.#offer;
    return new HandshakeSecrets({
      provider,
      random,
      cipherSuite,
      encryptThenMac,
      premaster: premasterSecret({ key, agreement: this.#agreement, peerPoint }),
      randoms: [this.#clientRandom, this.#random],
      sessionHash: extendedMasterSecret ? this.#transcript.hash(provider, cipherSuite.hash) : undefined,
    });
  }

  #keysOf(secrets: HandshakeSecrets): HandshakeStep {
    const { connectionIds } = this.#offer;
    return { keys: secrets.keysOf('server'), ...(connectionIds === undefined ? {} : { connectionIds }) };
  }

  #handleCertificateVerify(message: HandshakeMessage, state: State & { kind: 'certificateVerify' }): HandshakeStep {
    const { secrets, certificate } = state;
    const signed = decodeDigitallySigned(message.body);
    checkSignature(this.#init.provider, certificate, signed, this.#transcript.messages(), signatureAlgorithms);
    this.#transcript.received(message);
    // Only now, so that nobody can ask about keys that are not theirs.
    this.#state = { kind: 'judging', secrets, certificate };
    return { wanted: { kind: 'verdict', certificate } };
  }

  #handleFinished(message: HandshakeMessage, { secrets, certificate }: Keyed): HandshakeStep {
    const { provider } = this.#init;
    const { cipherSuite, extendedMasterSecret } = this.#offer;
    const transcript = this.#transcript;
    if (!secrets.isVerified('client', transcript.hash(provider, cipherSuite.hash), message.body))
      throw new HandshakeError(AlertDescription.DecryptError, 'the Finished of the client is wrong');
    transcript.received(message);
    const verify = secrets.verifyData('server', transcript.hash(provider, cipherSuite.hash));
    const finished = transcript.sent(HandshakeType.Finished, verify, 1);
    this.destroy();
    const established = { cipherSuite, extendedMasterSecret, peerCertificate: certificate };
    return { flight: [changeCipherSpec, finished], established };
  }
}

function certificateRequest(): Uint8Array {
  const kinds = [ClientCertificateKind.EcdsaSign, ClientCertificateKind.RsaSign];
  return encodeCertificateRequest({ kinds, schemes: signatureAlgorithms.map(schemeOf), authorities: [] });
}
