import { copyOf } from '../copy-of.ts';
import type { CertificateForm } from '../credentials/certificate-credential.ts';
import type { KeyAgreementGroup, SignatureAlgorithm } from '../crypto-provider.ts';
import { type CipherSuite, cipherSuiteOf, isEphemeral, usesPreSharedKey } from '../record/cipher-suite.ts';
import { limitsOfFragmentLength, limitsOfSizes, type RecordLimits } from '../record/record-limits.ts';
import {
  AlertDescription,
  BYTE_LIST,
  CertificateType,
  type ClientHello,
  COMPRESSION_NULL,
  decodeMaxFragmentLength,
  decodeNumberList,
  decodeRecordSizeLimit,
  decodeShortOpaque,
  type Extension,
  ExtensionType,
  encodeNumberList,
  encodeRecordSizeLimit,
  encodeShortOpaque,
  fragmentLengthOf,
  NamedGroup,
  namedGroupOf,
  POINT_FORMAT_UNCOMPRESSED,
  ProtocolVersion,
  RECORD_SIZE_LIMIT_LEAST,
  WIDE_LIST,
} from '../wire/index.ts';
import { HandshakeError } from './handshake-error.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';
import type { HandshakeContext, HandshakeStep } from './handshake-role.ts';
import { certificateFormOf, certificateTypeOf, fitsKeyExchange } from './peer-certificate.ts';
import type { ServerResumption } from './server-resumption.ts';
import { signingAlgorithm } from './signing-algorithm.ts';

/** What a server's side of one handshake is made of. */
export interface ServerHandshakeInit extends HandshakeContext {
  /** The ClientHello with a good cookie, as it came. */
  readonly message: HandshakeMessage;
  /** The same, decoded. */
  readonly hello: ClientHello;
  /** Whether there are pre-shared keys. */
  readonly acceptsPsk: boolean;
  /** Whether a client has to show a key, where the server shows one. */
  readonly clientAuthentication: ClientAuthentication;
  /** Helps clients with several identities to choose; `undefined`: none is sent. */
  readonly identityHint: Uint8Array | undefined;
  /** The ID that the client is to put into its records, where it knows connection IDs; `undefined`: none are used. */
  readonly connectionId: Uint8Array | undefined;
  /** What the client calls the server (RFC 6066 §3); empty: nothing. */
  readonly serverName: string;
  /** Whether `certificate` is the one for that name. */
  readonly knowsServerName: boolean;
  /** How clients may come back; `undefined`: not at all. */
  readonly resumption: ServerResumption | undefined;
}

/** Whether a server asks for a client's key or certificate, and whether it goes on without. */
export type ClientAuthentication = 'none' | 'wanted' | 'required';

/** What a server makes of a client's offer. */
export interface Offer {
  readonly cipherSuite: CipherSuite;
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
  readonly connectionIds: HandshakeStep['connectionIds'];
  /** The group of the ephemeral keys; `undefined`: there are none. */
  readonly group: KeyAgreementGroup | undefined;
  /** What the server signs with; `undefined`: it shows no key. */
  readonly algorithm: SignatureAlgorithm | undefined;
  /** In what form the server shows its key. */
  readonly serverForm: CertificateForm;
  /** In what form the client is asked for its key; `undefined`: it is not. */
  readonly clientForm: CertificateForm | undefined;
  /** How long records may be; `undefined`: the client said nothing. */
  readonly recordLimits: RecordLimits | undefined;
  /** The number of `max_fragment_length` that was asked for (RFC 6066 §4); 0: none. */
  readonly fragmentLengthCode: number;
  /** The extensions of the ServerHello. */
  readonly answers: readonly Extension[];
}

/** What the client said in its extensions, with what counts where it said nothing. */
interface Wishes {
  readonly groups: readonly number[];
  readonly schemes: readonly number[];
  readonly serverTypes: readonly number[];
  readonly clientTypes: readonly number[];
  readonly extendedMasterSecret: boolean;
  readonly encryptThenMac: boolean;
}

const NONE = new Uint8Array(0);
/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV (RFC 5746 §3.3). */
const RENEGOTIATION_INFO_SUITE = 0x00ff;
/** The version 1.2, or what newer clients put there for their newest (RFC 6347 §4.1: a newer version is smaller). */
const VERSION_MAJOR = 0xfe;

/**
 * Chooses of a client's offer.
 *
 * @throws {HandshakeError} nothing in it fits
 * @throws {DecodeError} an extension that cannot be read
 * @see RFC 5246 §7.4.1.3
 */
export function offerOf(init: ServerHandshakeInit): Offer {
  const { hello, parameters } = init;
  if (hello.version >>> 8 !== VERSION_MAJOR || hello.version > ProtocolVersion.Dtls12)
    throw new HandshakeError(AlertDescription.ProtocolVersion, 'the client does not know DTLS 1.2');
  if (!hello.compressionMethods.includes(COMPRESSION_NULL))
    throw new HandshakeError(AlertDescription.IllegalParameter, 'the client wants compression (RFC 5246 §7.4.1.2)');
  const wishes = wishesOf(hello);
  const { extendedMasterSecret } = wishes;
  const group = init.groups.find((known) => wishes.groups.includes(namedGroupOf(known)));
  const serverForm = commonForm(wishes.serverTypes, init.certificate?.forms ?? []);
  const cipherSuite = suiteOf(init, wishes, group, serverForm);
  if (!extendedMasterSecret && parameters.requireExtendedMasterSecret)
    throw new HandshakeError(AlertDescription.HandshakeFailure, 'no extended master secret (RFC 7627 §5.3)');
  const isSigned = !usesPreSharedKey(cipherSuite);
  const chosen = {
    cipherSuite,
    extendedMasterSecret,
    encryptThenMac: wishes.encryptThenMac && cipherSuite.cipher === 'aes-128-cbc',
    connectionIds: connectionIdsOf(init),
    group: isEphemeral(cipherSuite) ? group : undefined,
    algorithm: isSigned ? algorithmOf(init, wishes, cipherSuite) : undefined,
    serverForm: serverForm ?? 'x509',
    clientForm: isSigned ? clientFormOf(init, wishes) : undefined,
    ...limitsOf(init),
  };
  const answers = answersOf(init, chosen);
  if (init.knowsServerName) answers.push({ type: ExtensionType.ServerName, data: NONE });
  return { ...chosen, answers };
}

function wishesOf(hello: ClientHello): Wishes {
  const list = (type: number, form: typeof WIDE_LIST): number[] | undefined => {
    const data = extensionOf(hello, type);
    return data === undefined ? undefined : decodeNumberList(data, form);
  };
  const isThere = (type: number, section: string): boolean => {
    const data = extensionOf(hello, type);
    if (data !== undefined && data.length > 0) throw new HandshakeError(AlertDescription.DecodeError, section);
    return data !== undefined;
  };
  const formats = list(ExtensionType.EcPointFormats, BYTE_LIST);
  if (formats?.includes(POINT_FORMAT_UNCOMPRESSED) === false)
    throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 8422 §5.1.2: points in no common format');
  return {
    // Who says nothing of groups may be given any (RFC 8422 §4); all know this one.
    groups: list(ExtensionType.SupportedGroups, WIDE_LIST) ?? [NamedGroup.Secp256r1],
    // Who says nothing of signatures wants SHA-1 (RFC 5246 §7.4.1.4.1), which nobody gets.
    schemes: list(ExtensionType.SignatureAlgorithms, WIDE_LIST) ?? [],
    serverTypes: list(ExtensionType.ServerCertificateType, BYTE_LIST) ?? [CertificateType.X509],
    clientTypes: list(ExtensionType.ClientCertificateType, BYTE_LIST) ?? [CertificateType.X509],
    extendedMasterSecret: isThere(ExtensionType.ExtendedMasterSecret, 'RFC 7627 §5.1'),
    encryptThenMac: isThere(ExtensionType.EncryptThenMac, 'RFC 7366 §2'),
  };
}

function suiteOf(
  init: ServerHandshakeInit,
  wishes: Wishes,
  group: KeyAgreementGroup | undefined,
  serverForm: CertificateForm | undefined,
): CipherSuite {
  const isPossible = (cipherSuite: CipherSuite): boolean => {
    if (!init.provider.supports(cipherSuite.cipher)) return false;
    if (isEphemeral(cipherSuite) && group === undefined) return false;
    const isMacLast = cipherSuite.cipher === 'aes-128-cbc' && !wishes.encryptThenMac;
    if (isMacLast && !init.dangerouslyAllowCbcWithoutEncryptThenMac) return false;
    if (usesPreSharedKey(cipherSuite)) return init.acceptsPsk;
    return serverForm !== undefined && algorithmOf(init, wishes, cipherSuite) !== undefined;
  };
  const common = init.cipherSuites
    .filter((id) => init.hello.cipherSuites.includes(id))
    .flatMap((id) => cipherSuiteOf(id) ?? []);
  const cipherSuite = common.find(isPossible);
  if (cipherSuite !== undefined) return cipherSuite;
  const wantsCertificate = common.some((suite) => !usesPreSharedKey(suite));
  if (wantsCertificate && init.certificate !== undefined && serverForm === undefined)
    throw new HandshakeError(AlertDescription.UnsupportedCertificate, 'RFC 7250 §4.2: no form in common');
  throw new HandshakeError(AlertDescription.HandshakeFailure, 'no cipher suite in common');
}

function algorithmOf(
  { certificate }: ServerHandshakeInit,
  { schemes }: Wishes,
  { keyExchange }: CipherSuite,
): SignatureAlgorithm | undefined {
  if (certificate === undefined) return undefined;
  const signatureAlgorithms = certificate.signatureAlgorithms.filter((known) => fitsKeyExchange(known, keyExchange));
  return signingAlgorithm({ ...certificate, signatureAlgorithms }, schemes);
}

/** RFC 7250 §4.2: of the forms that the client has, one that the server can judge. */
function clientFormOf(
  { clientAuthentication, peerForms }: ServerHandshakeInit,
  { clientTypes }: Wishes,
): CertificateForm | undefined {
  if (clientAuthentication === 'none') return undefined;
  const form = commonForm(clientTypes, peerForms);
  if (form === undefined && clientAuthentication === 'required')
    throw new HandshakeError(AlertDescription.UnsupportedCertificate, 'RFC 7250 §4.2: no form in common');
  return form;
}

/** The first of the client's that the server has too. */
function commonForm(types: readonly number[], forms: readonly CertificateForm[]): CertificateForm | undefined {
  return types.map(certificateFormOf).find((form) => form !== undefined && forms.includes(form));
}

/** The extensions of a ServerHello that goes on from a session: without the name (RFC 6066 §3), and without keys. */
export function resumedAnswers(
  init: ServerHandshakeInit,
  offer: Offer,
  { encryptThenMac }: { readonly encryptThenMac: boolean },
): Extension[] {
  return answersOf(init, { ...offer, encryptThenMac, group: undefined, algorithm: undefined, clientForm: undefined });
}

function answersOf({ hello, parameters }: ServerHandshakeInit, chosen: Omit<Offer, 'answers'>): Extension[] {
  const answers: Extension[] = [];
  const answer = (type: number, data: Uint8Array): void => void answers.push({ type, data });
  const hasAsked = (type: number): boolean => extensionOf(hello, type) !== undefined;
  if (chosen.extendedMasterSecret) answer(ExtensionType.ExtendedMasterSecret, NONE);
  if (chosen.encryptThenMac) answer(ExtensionType.EncryptThenMac, NONE);
  answerRenegotiationInfo(hello, answers);
  if (chosen.group !== undefined && hasAsked(ExtensionType.EcPointFormats))
    answer(ExtensionType.EcPointFormats, encodeNumberList([POINT_FORMAT_UNCOMPRESSED], BYTE_LIST));
  if (chosen.algorithm !== undefined && hasAsked(ExtensionType.ServerCertificateType))
    answer(ExtensionType.ServerCertificateType, Uint8Array.of(certificateTypeOf(chosen.serverForm)));
  if (chosen.clientForm !== undefined && hasAsked(ExtensionType.ClientCertificateType))
    answer(ExtensionType.ClientCertificateType, Uint8Array.of(certificateTypeOf(chosen.clientForm)));
  if (chosen.connectionIds !== undefined)
    answer(ExtensionType.ConnectionId, encodeShortOpaque(chosen.connectionIds.own));
  if (chosen.connectionIds?.checksPaths === true) answer(ExtensionType.ReturnRoutabilityCheck, NONE);
  if (chosen.fragmentLengthCode > 0) answer(ExtensionType.MaxFragmentLength, Uint8Array.of(chosen.fragmentLengthCode));
  else if (chosen.recordLimits !== undefined)
    answer(ExtensionType.RecordSizeLimit, encodeRecordSizeLimit(parameters.recordBytesMax));
  return answers;
}

/** RFC 8449 §4; §5: the older extension counts only without it. */
function limitsOf({ hello, parameters }: ServerHandshakeInit): Pick<Offer, 'recordLimits' | 'fragmentLengthCode'> {
  const size = extensionOf(hello, ExtensionType.RecordSizeLimit);
  const length = extensionOf(hello, ExtensionType.MaxFragmentLength);
  if (size !== undefined) {
    const limit = decodeRecordSizeLimit(size);
    if (limit < RECORD_SIZE_LIMIT_LEAST)
      throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 8449 §4: a limit below 64');
    return { recordLimits: limitsOfSizes(limit, parameters.recordBytesMax), fragmentLengthCode: 0 };
  }
  if (length === undefined) return { recordLimits: undefined, fragmentLengthCode: 0 };
  const code = decodeMaxFragmentLength(length);
  if (code === 0 || fragmentLengthOf(code) === undefined)
    throw new HandshakeError(AlertDescription.IllegalParameter, 'RFC 6066 §4: no such length');
  return { recordLimits: limitsOfFragmentLength(code), fragmentLengthCode: code };
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
function connectionIdsOf({ hello, connectionId }: ServerHandshakeInit): Offer['connectionIds'] {
  const data = extensionOf(hello, ExtensionType.ConnectionId);
  if (data === undefined || connectionId === undefined) return undefined;
  // RFC 9853 §3: only together with connection IDs.
  const check = extensionOf(hello, ExtensionType.ReturnRoutabilityCheck);
  if (check !== undefined && check.length > 0) throw new HandshakeError(AlertDescription.DecodeError, 'RFC 9853 §3');
  return { own: connectionId, peer: copyOf(decodeShortOpaque(data)), checksPaths: check !== undefined };
}

function extensionOf({ extensions }: ClientHello, wanted: number): Uint8Array | undefined {
  return extensions.find(({ type }) => type === wanted)?.data;
}
