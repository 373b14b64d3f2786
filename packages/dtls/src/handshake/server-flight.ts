import type { PeerCertificate } from '../credentials/certificate-credential.ts';
import type { CryptoProvider, KeyAgreementGroup } from '../crypto-provider.ts';
import {
  AlertDescription,
  type CertificateRequest,
  decodeCertificateRequest,
  decodeServerKeyExchange,
  groupOf,
  HandshakeType,
  signatureAlgorithms,
} from '../wire/index.ts';
import type { Choice } from './client-offer.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import { checkSignature, decodePeerCertificate, fitsKeyExchange } from './peer-certificate.ts';
import { keyExchangeFormOf } from './premaster-secret.ts';

/** What reading a server's flight needs. */
export interface ServerFlightInit {
  readonly provider: CryptoProvider;
  readonly groups: readonly KeyAgreementGroup[];
  readonly peerForms: readonly PeerCertificate['form'][];
  readonly choice: Choice;
  readonly clientRandom: Uint8Array;
}

/** The order of the messages (RFC 5246 §7.3). */
const order: readonly number[] = [
  HandshakeType.Certificate,
  HandshakeType.ServerKeyExchange,
  HandshakeType.CertificateRequest,
  HandshakeType.ServerHelloDone,
];

/** Reads what a server sends between its ServerHello and its ServerHelloDone. */
export class ServerFlight {
  readonly #init: ServerFlightInit;
  #position = 0;
  #certificate: PeerCertificate | undefined;
  #request: CertificateRequest | undefined;
  #group: KeyAgreementGroup | undefined;
  #point: Uint8Array | undefined;

  constructor(init: ServerFlightInit) {
    this.#init = init;
  }

  /** What the server showed; it has the private half. */
  get certificate(): PeerCertificate | undefined {
    return this.#certificate;
  }

  /** Whether and how the server wants to see a certificate. */
  get request(): CertificateRequest | undefined {
    return this.#request;
  }

  /** The group of the server's ephemeral key. */
  get group(): KeyAgreementGroup | undefined {
    return this.#group;
  }

  /** The server's ephemeral key. */
  get point(): Uint8Array | undefined {
    return this.#point;
  }

  /**
   * Reads the next message.
   *
   * @returns whether it was the last
   * @throws {HandshakeError} out of turn, not what was agreed on, or badly signed
   * @throws {DecodeError} a message that cannot be read
   */
  read({ type, body }: HandshakeMessage): boolean {
    const place = order.indexOf(type, this.#position);
    if (place < 0) throw outOfTurn();
    this.#position = place + 1;
    const { isSigned, hasPoint } = keyExchangeFormOf(this.#init.choice.cipherSuite);
    switch (type) {
      case HandshakeType.Certificate:
        if (!isSigned) throw outOfTurn();
        this.#readCertificate(body);
        break;
      case HandshakeType.ServerKeyExchange:
        this.#readKeyExchange(body);
        break;
      case HandshakeType.CertificateRequest:
        // Only a server that showed a certificate may want one (RFC 5246 §7.4.4).
        if (!isSigned || this.#point === undefined) throw outOfTurn();
        this.#request = decodeCertificateRequest(body);
        break;
      default:
        if (body.length > 0) throw new HandshakeError(AlertDescription.DecodeError, 'RFC 5246 §7.4.5');
        if (hasPoint && this.#point === undefined) throw outOfTurn();
        return true;
    }
    return false;
  }

  #readCertificate(body: Uint8Array): void {
    const { choice, peerForms } = this.#init;
    if (!peerForms.includes(choice.serverForm))
      throw new HandshakeError(AlertDescription.UnsupportedCertificate, 'a certificate in a form that was not offered');
    this.#certificate = decodePeerCertificate(body, choice.serverForm);
    if (this.#certificate === undefined)
      throw new HandshakeError(AlertDescription.DecodeError, 'RFC 5246 §7.4.2: a server shows a certificate');
  }

  #readKeyExchange(body: Uint8Array): void {
    const { provider, groups, choice, clientRandom } = this.#init;
    const { cipherSuite, serverRandom } = choice;
    const form = keyExchangeFormOf(cipherSuite);
    // The hint is for clients with several identities (RFC 4279 §5.2); this one has one.
    const { parameters, parameterBytes, signed } = decodeServerKeyExchange(body, form);
    if (parameters === undefined) return;
    const group = groupOf(parameters.group);
    if (group === undefined || !groups.includes(group))
      throw new HandshakeError(AlertDescription.IllegalParameter, 'the server chose a group that was not offered');
    if (signed !== undefined) {
      if (this.#certificate === undefined) throw outOfTurn();
      const offered = signatureAlgorithms.filter((algorithm) => fitsKeyExchange(algorithm, cipherSuite.keyExchange));
      checkSignature(provider, this.#certificate, signed, [clientRandom, serverRandom, parameterBytes], offered);
    }
    this.#group = group;
    this.#point = parameters.point;
  }
}

function outOfTurn(): HandshakeError {
  return new HandshakeError(AlertDescription.UnexpectedMessage, 'a message out of turn');
}
