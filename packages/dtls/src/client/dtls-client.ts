import { ByteReader } from '@motestack/bytes';
import { Association } from '../association/association.ts';
import type { AssociationEvent, StepOutput } from '../association/association-event.ts';
import type { EndReason } from '../association/end-reason.ts';
import type { KnownPeer } from '../association/exported-association.ts';
import { ImportError } from '../association/import-error.ts';
import { PendingAnswers } from '../association/pending-answers.ts';
import { restoredAssociation } from '../association/restored-association.ts';
import { openExport, sealExport } from '../association/sealed-export.ts';
import { copyOf } from '../copy-of.ts';
import type { CertificateCredential, CertificateForm } from '../credentials/certificate-credential.ts';
import { CONNECTION_ID_BYTES_MAX, PSK_KEY_BYTES_MAX, type PskCredential } from '../credentials/psk-credential.ts';
import type { CryptoProvider, KeyAgreementGroup } from '../crypto-provider.ts';
import type { Effects, Instant, RandomSource, Transmit } from '../effects.ts';
import { ClientHandshake } from '../handshake/client-handshake.ts';
import { type ClientHandshakeInit, offeredSuites } from '../handshake/client-offer.ts';
import type { Answer, Wanted } from '../handshake/handshake-role.ts';
import type { KeyLog } from '../handshake/handshake-secrets.ts';
import { type DtlsParameters, resolveParameters } from '../parameters.ts';
import { type CipherSuiteId, defaultCipherSuites } from '../record/cipher-suite.ts';
import { nextRecord } from '../record/next-record.ts';
import { RecordLayer } from '../record/record-layer.ts';
import { defaultGroups, encodeServerName, PSK_IDENTITY_BYTES_MAX } from '../wire/index.ts';

/** What a client is made of. */
export interface DtlsClientOptions {
  /** Where the server is: an address of the transport below. */
  readonly address: string;
  /** A pre-shared key that the client shows that it is by; copied, and zeroed by `close`. */
  readonly psk?: PskCredential | undefined;
  /** The key that the client shows that it is by, where the server asks for one. */
  readonly certificate?: CertificateCredential | undefined;
  /** In what forms the server's key can be judged, the preferred first; default: in none, so that only `psk` is left. */
  readonly peerForms?: readonly CertificateForm[] | undefined;
  /** The cryptography. */
  readonly provider: CryptoProvider;
  /** Secure random bytes. */
  readonly random: RandomSource;
  /** Suites in the order of preference; default: all of `CipherSuiteId`. Those without a credential are not offered. */
  readonly cipherSuites?: readonly CipherSuiteId[] | undefined;
  /** Groups in the order of preference; default: P-256, X25519, P-384. */
  readonly groups?: readonly KeyAgreementGroup[] | undefined;
  /** Takes CBC suites without encrypt-then-MAC (RFC 7366), whose padding can be guessed by time. Default false. */
  readonly dangerouslyAllowCbcWithoutEncryptThenMac?: boolean | undefined;
  /**
   * Connection IDs (RFC 9146): how many bytes the ID has that the server puts into its records, 0 to 32. 0, the default,
   * takes an ID for our own records, so that our address may change, and wants none from the server. `false`: no
   * connection IDs at all.
   */
  readonly connectionIdBytes?: number | false | undefined;
  /** Whether a client with connection IDs says where it is when the server asks (RFC 9853). Default true. */
  readonly answersPathChecks?: boolean | undefined;
  /** What the client calls the server (RFC 6066 §3): a name of DNS. Default: nothing is said. */
  readonly serverName?: string | undefined;
  /** Whether the client comes back by a ticket or an id where the server lets it (RFC 5077, RFC 5246). Default false. */
  readonly keepsSessions?: boolean | undefined;
  /**
   * An association is renewed by a handshake when three datagrams and more were sent for so many milliseconds and
   * nothing came: the server may have lost it, and cannot say so. Default 12,000; `false`: it never is.
   */
  readonly renewAfterMs?: number | false | undefined;
  /** Is told the secrets of every handshake, in the format of `SSLKEYLOGFILE`: whoever reads them reads all. */
  readonly keyLog?: KeyLog | undefined;
  /** Limits and times. */
  readonly parameters?: Partial<DtlsParameters> | undefined;
}

/** What a client tells. */
export type DtlsClientEvent =
  /** A signature or a verdict is wanted: `provideCredential` with the number of the request answers. */
  | { readonly kind: 'credentialWanted'; readonly request: number; readonly wanted: Wanted }
  /** What a later handshake may go on from, as secret as keys; `undefined`: what was there is of no use any more. */
  | { readonly kind: 'session'; readonly session: Uint8Array | undefined }
  | Exclude<AssociationEvent, { kind: 'wanted' | 'session' | 'pathResponse' }>;

/** So many datagrams are sent without an answer before an association is renewed. */
const UNANSWERED_LEAST = 3;
const RENEW_AFTER_MS = 12_000;
/** What an association that was given up still has to say. */
const nowhere: StepOutput = { send: () => {}, tell: () => {} };
/** After these the session is over as well (RFC 5246 §7.2.2), or of no use. */
const sessionEnds: ReadonlySet<EndReason> = new Set(['alert-received', 'alert-sent', 'forged', 'timeout']);

/**
 * A DTLS client without sockets or clocks: one association with one server.
 *
 * After `ended`, `connect` may begin anew.
 *
 * @see RFC 6347, RFC 4279, RFC 5489, RFC 8422, RFC 7250
 */
export class DtlsClient {
  readonly #options: DtlsClientOptions;
  readonly #context: Omit<ClientHandshakeInit, 'connectionId' | 'session'>;
  readonly #pending = new PendingAnswers<Association>();
  readonly #connectionIdBytes: number;
  readonly #renewAfterMs: number;
  #association: Association | undefined;
  /** What was told of the association when it came to be. */
  #known: KnownPeer | undefined;
  #session: Uint8Array | undefined;
  /** When the first of those datagrams was sent that got no answer. */
  #unansweredSince: Instant = 0;
  #unanswered = 0;
  #transmits: Transmit[] = [];
  #events: DtlsClientEvent[] = [];
  readonly #output: StepOutput;

  /** @throws {RangeError} a credential, an ID length, a list of suites or a parameter out of its bounds */
  constructor(options: DtlsClientOptions) {
    this.#options = options;
    const { provider, random, certificate, peerForms = [] } = options;
    const sources = {
      provider,
      random,
      certificate,
      peerForms,
      psk: checkedPsk(options.psk),
      cipherSuites: options.cipherSuites ?? defaultCipherSuites,
      groups: options.groups ?? defaultGroups,
    };
    this.#context = {
      ...sources,
      cipherSuites: offeredSuites(sources),
      serverName: checkedName(options.serverName),
      keepsSessions: options.keepsSessions ?? false,
      answersPathChecks: options.answersPathChecks ?? true,
      keyLog: options.keyLog,
      parameters: resolveParameters(options.parameters),
      dangerouslyAllowCbcWithoutEncryptThenMac: options.dangerouslyAllowCbcWithoutEncryptThenMac ?? false,
    };
    if (this.#context.cipherSuites.length === 0)
      throw new RangeError('there is no cipher suite to offer with these credentials');
    const { renewAfterMs = RENEW_AFTER_MS } = options;
    this.#renewAfterMs = renewAfterMs === false ? Number.POSITIVE_INFINITY : renewAfterMs;
    if (!(this.#renewAfterMs > 0)) throw new RangeError(`renewAfterMs is not positive: ${renewAfterMs}`);
    this.#connectionIdBytes = options.connectionIdBytes || 0;
    if (!(this.#connectionIdBytes >= 0 && this.#connectionIdBytes <= CONNECTION_ID_BYTES_MAX))
      throw new RangeError('a connection ID has at most 32 bytes');
    this.#output = {
      send: (bytes) => this.#transmits.push({ address: options.address, bytes }),
      tell: (event) => this.#handleEvent(event),
    };
  }

  /** Whether data can be sent. */
  get isConnected(): boolean {
    return this.#association?.isConnected ?? false;
  }

  /** Whether the server seems to have lost the association: the next `connect` renews it. */
  isSilent(now: Instant): boolean {
    return (
      this.isConnected && this.#unanswered >= UNANSWERED_LEAST && now - this.#unansweredSince >= this.#renewAfterMs
    );
  }

  /** Gives the client what it may go on from: what an event `session` told before, even to another client. Copied. */
  useSession(session: Uint8Array): void {
    this.#session?.fill(0);
    this.#session = copyOf(session);
  }

  /**
   * Begins a handshake; does nothing while there is one, or an association that is not silent. One that is silent is
   * given up without a word.
   */
  connect(now: Instant): Effects<DtlsClientEvent> {
    if (this.#association === undefined || this.#association.hasEnded || this.isSilent(now)) {
      this.#association?.end('replaced', nowhere);
      this.#unanswered = 0;
      this.#association = this.#begin();
      this.#association.start(now, this.#output);
    }
    return this.#effects();
  }

  /** Handles a datagram from the server's address. */
  handleDatagram(bytes: Uint8Array, now: Instant): Effects<DtlsClientEvent> {
    const reader = new ByteReader(bytes, 'RFC 6347 §4.1');
    while (reader.remaining > 0) {
      const record = nextRecord(reader, this.#connectionIdBytes);
      if (record === undefined) break;
      const accepted = this.#association?.handleRecord(record, now, this.#output);
      if (accepted !== undefined && accepted !== 'kept' && accepted.epoch > 0) this.#unanswered = 0;
    }
    return this.#effects();
  }

  /**
   * Sends a datagram of the application; without an association it is lost, as datagrams may be.
   *
   * @throws {RangeError} more bytes than the server takes in a record
   */
  send(bytes: Uint8Array, now: Instant): Effects<DtlsClientEvent> {
    if (this.#association?.sendData(bytes, this.#output) === true) {
      if (this.#unanswered === 0) this.#unansweredSince = now;
      this.#unanswered++;
    }
    return this.#effects();
  }

  /** Bytes that fit into one record for the server, and into a datagram of `datagramBytesMax`; `undefined`: no association. */
  get payloadBytesMax(): number | undefined {
    return this.isConnected ? this.#association?.payloadBytesMax : undefined;
  }

  /** Whether a datagram is longer than the server takes: `send` would throw. */
  isTooLong({ length }: Uint8Array): boolean {
    return this.isConnected && length > (this.#association?.dataBytesMax ?? length);
  }

  /** Answers `credentialWanted`; a late answer is ignored. */
  provideCredential(request: number, answer: Answer, now: Instant): Effects<DtlsClientEvent> {
    this.#pending.take(request)?.provide(answer, now, this.#output);
    return this.#effects();
  }

  /**
   * Seals the association for another process, and ends it here without a word: nothing can be sent with its keys any more.
   *
   * @param key 16 or 32 bytes: whoever has them reads and writes as the association
   * @returns the step, and the export; `undefined`: there is no association, or its keys do not come out
   * @throws {RangeError} a key of another length
   */
  exportAssociation(key: Uint8Array): {
    readonly effects: Effects<DtlsClientEvent>;
    readonly exported: Uint8Array | undefined;
  } {
    const association = this.#association;
    const [state, known] = [association?.exportState(), this.#known];
    if (association === undefined || state === undefined || known === undefined)
      return { exported: undefined, effects: this.#effects() };
    const { provider, random } = this.#context;
    const connectionIdBytes = state.layer.wantsId ? this.#connectionIdBytes : 0;
    const exported = sealExport(provider, random, key, { ...state, known, connectionIdBytes, place: undefined });
    association.end('exported', this.#output);
    return { exported, effects: this.#effects() };
  }

  /**
   * Goes on with an association that was exported; `connected` tells of it. Each export is imported once.
   *
   * @throws {RangeError} a key that has not 16 or 32 bytes
   * @throws {ImportError} why it was not imported; `in-use`: there is an association or a handshake already
   */
  importAssociation(bytes: Uint8Array, key: Uint8Array): Effects<DtlsClientEvent> {
    if (this.#association?.hasEnded === false) throw new ImportError('in-use');
    const exported = openExport(this.#context.provider, key, bytes);
    const { known, cipherSuite, connectionIdBytes } = exported;
    if (exported.place !== undefined) throw new ImportError('wrong-role');
    if (connectionIdBytes > 0 && connectionIdBytes !== this.#connectionIdBytes) throw new ImportError('unfit');
    this.#association = restoredAssociation(exported, this.#context);
    this.#unanswered = 0;
    this.#handleEvent({ kind: 'connected', cipherSuite, ...known, isResumed: false });
    return this.#effects();
  }

  /** Does what is due. */
  handleTimeout(now: Instant): Effects<DtlsClientEvent> {
    this.#association?.handleTimeout(now, this.#output);
    return this.#effects();
  }

  /** The transport says that a datagram was too large for the path (RFC 6347 §4.1.1.1); those of data are not split. */
  handleTooLarge(now: Instant): Effects<DtlsClientEvent> {
    this.#association?.handleTooLarge(now, this.#output);
    return this.#effects();
  }

  /** The transport says that nobody is there. An association outlives that, a handshake does not. */
  handleUnreachable(): Effects<DtlsClientEvent> {
    if (!this.isConnected) this.#association?.end('unreachable', this.#output);
    return this.#effects();
  }

  /** Ends the association with a word to the server, and forgets the key and the session. The client is not used afterwards. */
  close(): Effects<DtlsClientEvent> {
    this.#association?.close('local', this.#output);
    this.#context.psk?.key.fill(0);
    this.#session?.fill(0);
    this.#session = undefined;
    return this.#effects();
  }

  #begin(): Association {
    const { random, connectionIdBytes } = this.#options;
    const { parameters } = this.#context;
    const id = new Uint8Array(this.#connectionIdBytes);
    random.fill(id);
    const role = new ClientHandshake({
      ...this.#context,
      session: this.#session,
      connectionId: connectionIdBytes === false ? undefined : id,
    });
    return new Association({ role, parameters, layer: new RecordLayer(), firstMessageSequence: 0 });
  }

  #handleEvent(event: AssociationEvent): void {
    const association = this.#association;
    if (event.kind === 'session') {
      this.useSession(event.bytes);
      this.#events.push({ kind: 'session', session: event.bytes });
    } else if (event.kind === 'pathResponse')
      return; // A client asks nobody: its transport has one peer.
    else if (event.kind !== 'wanted') this.#tell(event);
    else if (association !== undefined)
      this.#events.push({ kind: 'credentialWanted', request: this.#pending.ask(association), wanted: event.wanted });
    if (event.kind === 'ended' && association !== undefined) this.#pending.forget(association);
  }

  #tell(event: Exclude<AssociationEvent, { kind: 'wanted' | 'session' | 'pathResponse' }>): void {
    if (event.kind === 'ended' && this.#session !== undefined && sessionEnds.has(event.reason)) {
      this.#session.fill(0);
      this.#session = undefined;
      this.#events.push({ kind: 'session', session: undefined });
    }
    if (event.kind === 'connected') this.#known = event;
    this.#events.push(event);
  }

  #effects(): Effects<DtlsClientEvent> {
    const effects = { transmits: this.#transmits, events: this.#events, wakeAt: this.#association?.wakeAt };
    this.#transmits = [];
    this.#events = [];
    return effects;
  }
}

function checkedName(serverName: string = ''): string {
  if (serverName !== '') encodeServerName(serverName);
  return serverName.toLowerCase();
}

function checkedPsk(psk: PskCredential | undefined): PskCredential | undefined {
  if (psk === undefined) return undefined;
  const { identity, key } = psk;
  if (identity.length > PSK_IDENTITY_BYTES_MAX) throw new RangeError('a PSK identity has at most 128 bytes');
  if (key.length < 1 || key.length > PSK_KEY_BYTES_MAX) throw new RangeError('a pre-shared key has 1 to 64 bytes');
  return { identity: copyOf(identity), key: copyOf(key) };
}
