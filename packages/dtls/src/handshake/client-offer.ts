import { copyOf } from '../copy-of.ts';
import type { CertificateCredential, CertificateForm } from '../credentials/certificate-credential.ts';
import type { PskCredential } from '../credentials/psk-credential.ts';
import {
  type CipherSuite,
  type CipherSuiteId,
  cipherSuiteOf,
  isEphemeral,
  usesPreSharedKey,
} from '../record/cipher-suite.ts';
import { limitsOfFragmentLength, limitsOfSizes, type RecordLimits } from '../record/record-limits.ts';
import {
  AlertDescription,
  BYTE_LIST,
  COMPRESSION_NULL,
  decodeMaxFragmentLength,
  decodeNumberList,
  decodeRecordSizeLimit,
  decodeServerHello,
  decodeShortOpaque,
  type Extension,
  ExtensionType,
  encodeNumberList,
  encodeRecordSizeLimit,
  encodeServerName,
  encodeShortOpaque,
  fragmentLengthCodeOf,
  namedGroupOf,
  POINT_FORMAT_UNCOMPRESSED,
  ProtocolVersion,
  RECORD_CONTENT_BYTES_MAX,
  RECORD_SIZE_LIMIT_LEAST,
  type ServerHello,
  schemeOf,
  signatureAlgorithms,
  WIDE_LIST,
} from '../wire/index.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeContext, HandshakeStep } from './handshake-role.ts';
import { certificateFormOf, certificateTypeOf } from './peer-certificate.ts';

/** What a client is made of; its `cipherSuites` are those of {@link offeredSuites}. */
export interface ClientHandshakeInit extends HandshakeContext {
  /** What the client shows that it is by, with the suites for it. */
  readonly psk: PskCredential | undefined;
  /** The ID that the server is to put into its records; empty: none, but one for the server would be used;
   * `undefined`: no connection IDs. */
  readonly connectionId: Uint8Array | undefined;
  /** What the client calls the server (RFC 6066 §3), in lower case; empty: nothing is said. */
  readonly serverName: string;
  /** Whether the client says where it is when it is asked (RFC 9853). */
  readonly answersPathChecks: boolean;
  /** Whether the client would come back by a ticket or an id. */
  readonly keepsSessions: boolean;
  /** What the client may go on from: an encoded `ClientSession`. */
  readonly session: Uint8Array | undefined;
}

/** What the server chose of a client's offer. */
export interface Choice {
  /** 32 bytes of the server. */
  readonly serverRandom: Uint8Array;
  /** What the server calls the session; copied. */
  readonly sessionId: Uint8Array;
  /** Whether a ticket comes. */
  readonly hasTicket: boolean;
  readonly cipherSuite: CipherSuite;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly connectionIds: HandshakeStep['connectionIds'];
  /** In what form the server shows its key. */
  readonly serverForm: CertificateForm;
  /** In what form the server wants to see the client's. */
  readonly clientForm: CertificateForm;
  /** How long records may be; `undefined`: the server said nothing. */
  readonly recordLimits: RecordLimits | undefined;
  /** The number of `max_fragment_length` that the server agreed to (RFC 6066 §4); 0: none. */
  readonly fragmentLengthCode: number;
}

const NONE = new Uint8Array(0);

/** What a client knows before it knows its suites. */
type SuiteSources = Pick<ClientHandshakeInit, 'cipherSuites' | 'provider' | 'groups' | 'psk' | 'peerForms'>;

/** The suites for which a client has what they need. */
export function offeredSuites(init: SuiteSources): CipherSuiteId[] {
  return init.cipherSuites.filter((id) => {
    const cipherSuite = cipherSuiteOf(id);
    if (cipherSuite === undefined || !init.provider.supports(cipherSuite.cipher)) return false;
    if (isEphemeral(cipherSuite) && init.groups.length === 0) return false;
    return usesPreSharedKey(cipherSuite) ? init.psk !== undefined : init.peerForms.length > 0;
  });
}

/** The extensions of a ClientHello. */
export function offeredExtensions(init: ClientHandshakeInit, ticket: Uint8Array = NONE): Extension[] {
  const { connectionId, groups, certificate, peerForms, serverName } = init;
  const suites = init.cipherSuites.flatMap((id) => cipherSuiteOf(id) ?? []);
  const extensions: Extension[] = [
    { type: ExtensionType.ExtendedMasterSecret, data: NONE },
    // RFC 5746 §3.4: the first handshake says so by an empty value.
    { type: ExtensionType.RenegotiationInfo, data: encodeShortOpaque(NONE) },
  ];
  const offer = (type: number, data: Uint8Array): void => void extensions.push({ type, data });
  if (suites.some(isEphemeral)) {
    offer(ExtensionType.SupportedGroups, encodeNumberList(groups.map(namedGroupOf), WIDE_LIST));
    offer(ExtensionType.EcPointFormats, encodeNumberList([POINT_FORMAT_UNCOMPRESSED], BYTE_LIST));
  }
  if (suites.some(({ cipher }) => cipher === 'aes-128-cbc')) offer(ExtensionType.EncryptThenMac, NONE);
  if (!suites.every(usesPreSharedKey)) {
    offer(ExtensionType.SignatureAlgorithms, encodeNumberList(signatureAlgorithms.map(schemeOf), WIDE_LIST));
    // Who has nothing but X.509 does not say so (RFC 7250 §4.1).
    const types = (forms: readonly CertificateForm[]): Uint8Array =>
      encodeNumberList(forms.map(certificateTypeOf), BYTE_LIST);
    if (peerForms.includes('rawPublicKey')) offer(ExtensionType.ServerCertificateType, types(peerForms));
    if (certificate?.forms.includes('rawPublicKey'))
      offer(ExtensionType.ClientCertificateType, types(certificate.forms));
  }
  if (connectionId !== undefined) {
    offer(ExtensionType.ConnectionId, encodeShortOpaque(connectionId));
    if (init.answersPathChecks) offer(ExtensionType.ReturnRoutabilityCheck, NONE);
  }
  if (serverName !== '') offer(ExtensionType.ServerName, encodeServerName(serverName));
  if (init.keepsSessions) offer(ExtensionType.SessionTicket, ticket);
  offerLimits(init, offer);
  return extensions;
}

/** RFC 8449 §4: even without a limit, so that the server may say its own; §5: and in the older way where there is one. */
function offerLimits({ parameters }: ClientHandshakeInit, offer: (type: number, data: Uint8Array) => void): void {
  const { recordBytesMax } = parameters;
  offer(ExtensionType.RecordSizeLimit, encodeRecordSizeLimit(recordBytesMax));
  const code = fragmentLengthCodeOf(recordBytesMax);
  if (code > 0) offer(ExtensionType.MaxFragmentLength, Uint8Array.of(code));
}

/**
 * Checks what the server chose.
 *
 * @param offered what the hello of the client had
 * @throws {HandshakeError} it was not offered, or is not enough
 * @throws {DecodeError} a message or an extension that cannot be read
 * @see RFC 5246 §7.4.1.3
 */
export function choiceOf(init: ClientHandshakeInit, offered: readonly Extension[], body: Uint8Array): Choice {
  const hello = decodeServerHello(body);
  if (hello.version !== ProtocolVersion.Dtls12)
    throw new HandshakeError(AlertDescription.ProtocolVersion, 'the server chose another version');
  const cipherSuite = cipherSuiteOf(hello.cipherSuite);
  if (cipherSuite === undefined || !init.cipherSuites.includes(cipherSuite.id))
    throw new HandshakeError(AlertDescription.IllegalParameter, 'the server chose a suite that was not offered');
  if (hello.compressionMethod !== COMPRESSION_NULL)
    throw new HandshakeError(AlertDescription.IllegalParameter, 'the server chose compression');
  const ids = { serverRandom: copyOf(hello.random), sessionId: copyOf(hello.sessionId) };
  const choice = { ...ids, cipherSuite, ...answersOf(init, offered, hello) };
  checkStrength(init, choice);
  return choice;
}

type Answers = Omit<Choice, 'serverRandom' | 'sessionId' | 'cipherSuite'>;

function answersOf(init: ClientHandshakeInit, offered: readonly Extension[], { extensions }: ServerHello): Answers {
  const answers: { -readonly [Name in keyof Answers]: Answers[Name] } = {
    extendedMasterSecret: false,
    encryptThenMac: false,
    hasTicket: false,
    connectionIds: undefined,
    serverForm: 'x509',
    clientForm: 'x509',
    recordLimits: undefined,
    fragmentLengthCode: 0,
  };
  for (const { type, data } of extensions) {
    if (!offered.some((own) => own.type === type))
      throw new HandshakeError(AlertDescription.UnsupportedExtension, 'an answer to what was not asked');
    switch (type) {
      case ExtensionType.ExtendedMasterSecret:
        checkEmpty(data, 'RFC 7627 §5.1');
        answers.extendedMasterSecret = true;
        break;
      case ExtensionType.EncryptThenMac:
        checkEmpty(data, 'RFC 7366 §2');
        answers.encryptThenMac = true;
        break;
      // Counts with the connection ID alone (RFC 9853 §3).
      case ExtensionType.ReturnRoutabilityCheck:
        checkEmpty(data, 'RFC 9853 §3');
        break;
      case ExtensionType.SessionTicket:
        checkEmpty(data, 'RFC 5077 §3.2');
        answers.hasTicket = true;
        break;
      // That the server knows the name changes nothing (RFC 6066 §3).
      case ExtensionType.ServerName:
        checkEmpty(data, 'RFC 6066 §3');
        break;
      case ExtensionType.RenegotiationInfo:
        if (decodeShortOpaque(data).length > 0)
          throw new HandshakeError(AlertDescription.HandshakeFailure, 'RFC 5746 §3.4: not the first handshake');
        break;
      case ExtensionType.ConnectionId:
        answers.connectionIds = {
          own: init.connectionId ?? NONE,
          peer: copyOf(decodeShortOpaque(data)),
          checksPaths: extensions.some((answer) => answer.type === ExtensionType.ReturnRoutabilityCheck),
        };
        break;
      case ExtensionType.EcPointFormats:
        if (!decodeNumberList(data, BYTE_LIST).includes(POINT_FORMAT_UNCOMPRESSED))
          throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 8422 §5.1.2: points in no common format');
        break;
      case ExtensionType.ServerCertificateType:
        answers.serverForm = chosenForm(data, init.peerForms);
        break;
      case ExtensionType.ClientCertificateType:
        answers.clientForm = chosenForm(data, init.certificate?.forms ?? []);
        break;
      case ExtensionType.RecordSizeLimit:
        answers.recordLimits = sizeLimits(init, data);
        if (extensions.some((answer) => answer.type === ExtensionType.MaxFragmentLength))
          throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 8449 §5: two limits for records');
        break;
      case ExtensionType.MaxFragmentLength:
        answers.fragmentLengthCode = chosenFragmentLength(init, data);
        answers.recordLimits = limitsOfFragmentLength(answers.fragmentLengthCode);
        break;
      default:
        throw new HandshakeError(AlertDescription.UnsupportedExtension, 'an answer that a server does not give');
    }
  }
  return answers;
}

function checkStrength(init: ClientHandshakeInit, { cipherSuite, extendedMasterSecret, encryptThenMac }: Choice): void {
  if (!extendedMasterSecret && init.parameters.requireExtendedMasterSecret)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'no extended master secret (RFC 7627 §5.2)');
  if (cipherSuite.cipher === 'aes-128-cbc') {
    if (!encryptThenMac && !init.dangerouslyAllowCbcWithoutEncryptThenMac)
      throw new HandshakeError(AlertDescription.InsufficientSecurity, 'CBC without encrypt-then-MAC (RFC 7366)');
  } else if (encryptThenMac)
    throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 7366 §3: encrypt-then-MAC is for CBC alone');
}

function checkEmpty(data: Uint8Array, section: string): void {
  if (data.length > 0) throw new HandshakeError(AlertDescription.DecodeError, section);
}

/** RFC 8449 §4. */
function sizeLimits({ parameters }: ClientHandshakeInit, data: Uint8Array): RecordLimits {
  const limit = decodeRecordSizeLimit(data);
  if (limit < RECORD_SIZE_LIMIT_LEAST || limit > RECORD_CONTENT_BYTES_MAX)
    throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 8449 §4: no limit for records');
  return limitsOfSizes(limit, parameters.recordBytesMax);
}

/** RFC 6066 §4: the server takes what was asked for, or nothing. */
function chosenFragmentLength({ parameters }: ClientHandshakeInit, data: Uint8Array): number {
  const code = decodeMaxFragmentLength(data);
  if (code !== fragmentLengthCodeOf(parameters.recordBytesMax))
    throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 6066 §4: another length than was asked for');
  return code;
}

/** The server's choice of a form: one byte (RFC 7250 §3). */
function chosenForm(data: Uint8Array, offered: readonly CertificateForm[]): CertificateForm {
  if (data.length !== 1) throw new HandshakeError(AlertDescription.DecodeError, 'RFC 7250 §3');
  const form = certificateFormOf(data[0] ?? 0);
  if (form === undefined || !offered.includes(form))
    throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 7250 §4.2: a form that was not offered');
  return form;
}

/** The credential in a form that was agreed on; `undefined`: the client has nothing to show. */
export function shownCertificate(
  { certificate }: ClientHandshakeInit,
  { clientForm }: Choice,
): CertificateCredential | undefined {
  return certificate?.forms.includes(clientForm) === true ? certificate : undefined;
}
