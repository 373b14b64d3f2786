import { ByteReader, DecodeError, toHex } from '@motestack/bytes';
import { assertNever } from '../assert-never.ts';
import { Association, type AssociationEvent } from '../association/association.ts';
import type { EndReason } from '../association/end-reason.ts';
import { PendingAnswers } from '../association/pending-answers.ts';
import { CONNECTION_ID_BYTES_MAX, PSK_KEY_BYTES_MAX } from '../credentials/psk-credential.ts';
import type { Effects, Instant, PeerId, Transmit } from '../effects.ts';
import { CookieJar } from '../handshake/cookie-jar.ts';
import { HandshakeError } from '../handshake/handshake-error.ts';
import type { Answer } from '../handshake/handshake-role.ts';
import type { ServerHandshake } from '../handshake/server-handshake.ts';
import { helloVerifyRequest, statelessAlert } from '../handshake/stateless-answer.ts';
import {
  type HeardClientHello,
  heardClientHello,
  type WholeClientHello,
  wholeClientHello,
} from '../handshake/whole-client-hello.ts';
import { nextRecord } from '../record/next-record.ts';
import { RecordLayer } from '../record/record-layer.ts';
import {
  AlertDescription,
  ContentType,
  type DtlsRecord,
  ExtensionType,
  PSK_IDENTITY_BYTES_MAX,
  RECORD_HEADER_BYTES,
} from '../wire/index.ts';
import { PathChecks } from './path-checks.ts';
import { newServerCounts } from './server-counts.ts';
import { type EntryOutput, ServerEntry } from './server-entry.ts';
import { ServerHandshakes } from './server-handshakes.ts';
import {
  type DtlsServerEvent,
  type DtlsServerOptions,
  type DtlsServerParameters,
  type DtlsServerStats,
  resolveContext,
  resolveServerParameters,
} from './server-options.ts';
import { ServerTable } from './server-table.ts';
import { TimerHeap } from './timer-heap.ts';

/** A ClientHello, where and when it came. */
interface Arrival extends HeardClientHello {
  readonly address: string;
  readonly record: DtlsRecord;
  readonly now: Instant;
}

const NONE = new Uint8Array(0);
/** After these the session is over as well (RFC 5246 §7.2.2). */
const isFatal: ReadonlySet<EndReason> = new Set(['alert-received', 'alert-sent', 'forged']);

/**
 * A DTLS server without sockets or clocks: datagrams and time in, datagrams and events out.
 *
 * For an address that did not return a cookie nothing is kept.
 *
 * @see RFC 6347, RFC 4279, RFC 9146
 */
export class DtlsServer {
  readonly #options: DtlsServerOptions;
  readonly #parameters: DtlsServerParameters;
  readonly #handshakes: ServerHandshakes;
  readonly #cookies: CookieJar;
  readonly #connectionIdBytes: number;
  readonly #table = new ServerTable();
  readonly #pending = new PendingAnswers<ServerEntry>();
  /** Of handshakes; associations have none. */
  readonly #timers = new TimerHeap<ServerEntry>();
  readonly #entryOutput: EntryOutput;
  readonly #pathChecks: PathChecks;
  /** Where the datagram comes from that is handled. */
  #from = '';
  readonly #counts = newServerCounts();
  #transmits: Transmit[] = [];
  #events: DtlsServerEvent[] = [];
  #peers = 0;

  /** @throws {RangeError} a hint, an ID length, a list of suites or a parameter out of its bounds */
  constructor(options: DtlsServerOptions) {
    this.#options = options;
    this.#parameters = resolveServerParameters(options.parameters);
    const { connectionIdBytes = 8, identityHint = NONE } = options;
    const context = resolveContext(options, this.#parameters);
    this.#handshakes = new ServerHandshakes(options, context, this.#parameters);
    this.#connectionIdBytes = connectionIdBytes || 0;
    if (!(this.#connectionIdBytes >= 0 && this.#connectionIdBytes <= CONNECTION_ID_BYTES_MAX))
      throw new RangeError('a connection ID has at most 32 bytes');
    if (identityHint.length > PSK_IDENTITY_BYTES_MAX) throw new RangeError('an identity hint has at most 128 bytes');
    if (context.cipherSuites.length === 0) throw new RangeError('there is no cipher suite to choose');
    this.#cookies = new CookieJar(options.provider, options.random, this.#parameters.cookieLifetimeMs);
    const { provider, random } = options;
    const { pathCheckMs } = this.#parameters;
    const goBack = (entry: ServerEntry, address: string): void => this.#move(entry, address, this.#events.length);
    this.#pathChecks = new PathChecks({ provider, random, pathCheckMs, goBack });
    this.#entryOutput = {
      transmit: (address, bytes) => this.#transmits.push({ address, bytes }),
      handleEvent: (entry, event) => this.#handleEvent(entry, event),
      withhold: () => this.#counts.withheld++,
    };
  }

  /** Handles a datagram. */
  handleDatagram(address: string, bytes: Uint8Array, now: Instant): Effects<DtlsServerEvent> {
    const reader = new ByteReader(bytes, 'RFC 6347 §4.1');
    while (reader.remaining > 0) {
      const record = nextRecord(reader, this.#connectionIdBytes);
      const isUsed = record !== undefined && this.#handleRecord(address, record, now);
      if (!isUsed) this.#counts.recordsDropped++;
      if (record === undefined) break;
    }
    return this.#effects();
  }

  /**
   * Answers `credentialWanted`; a late answer is ignored.
   *
   * @param answer of the kind that was wanted. Keys are only read; that nobody has an identity the client does not learn
   * @throws {RangeError} a key that has not 1 to 64 bytes
   */
  provideCredential(request: number, answer: Answer, now: Instant): Effects<DtlsServerEvent> {
    const isKey = answer.kind === 'key' && answer.key !== undefined;
    if (isKey && (answer.key.length < 1 || answer.key.length > PSK_KEY_BYTES_MAX))
      throw new RangeError('a pre-shared key has 1 to 64 bytes');
    const entry = this.#pending.take(request);
    if (entry !== undefined) {
      if (answer.kind === 'key' && answer.key === undefined) this.#counts.unknownIdentities++;
      entry.association.provide(answer, now, entry);
      this.#noteTimer(entry);
    }
    return this.#effects();
  }

  /**
   * Sends a datagram of the application; to an association that is over it is lost, as datagrams may be.
   *
   * @throws {RangeError} more than 2^14 bytes
   */
  send(peer: PeerId, bytes: Uint8Array): Effects<DtlsServerEvent> {
    const entry = this.#table.live.get(peer);
    entry?.association.sendData(bytes, entry);
    return this.#effects();
  }

  /** Ends an association with a word to the client. */
  close(peer: PeerId): Effects<DtlsServerEvent> {
    const entry = this.#table.live.get(peer);
    entry?.association.close('local', entry);
    return this.#effects();
  }

  /** Ends all associations and handshakes with a word to the clients. Tickets of before open no more. */
  closeAll(): Effects<DtlsServerEvent> {
    for (const entry of [...this.#table.fresh, ...this.#table.live.values()]) entry.association.close('local', entry);
    this.#handshakes.destroy();
    return this.#effects();
  }

  /** Does what is due, `workPerStepMax` timers at most: with more, `wakeAt` is not later than `now`. */
  handleTimeout(now: Instant): Effects<DtlsServerEvent> {
    for (let work = 0; work < this.#parameters.workPerStepMax; work++) if (!this.#handleNextTimer(now)) break;
    return this.#effects();
  }

  /** Where an association is; `undefined`: it is over. */
  addressOf(peer: PeerId): string | undefined {
    return this.#table.live.get(peer)?.address;
  }

  /** What was counted. */
  stats(): DtlsServerStats {
    return { ...this.#counts, associations: this.#table.live.size, handshakes: this.#table.fresh.size };
  }

  /** @returns whether the record was of use */
  #handleRecord(address: string, record: DtlsRecord, now: Instant): boolean {
    if (record.contentType === ContentType.Tls12Cid)
      return this.#offer(this.#table.withConnectionId(toHex(record.connectionId)), address, record, now);
    const heard = heardClientHello(record, this.#parameters.messageBytesMax);
    if (heard !== undefined) return this.#handleClientHello({ ...heard, address, record, now });
    const slot = this.#table.slotOf(address);
    // Epoch 0 of the one that stands ended with its handshake.
    if (record.epoch > 0 && this.#offer(slot?.live, address, record, now)) return true;
    return this.#offer(slot?.fresh, address, record, now);
  }

  /** @returns whether the record was of this association */
  #offer(entry: ServerEntry | undefined, address: string, record: DtlsRecord, now: Instant): boolean {
    if (entry === undefined) return false;
    const eventsBefore = this.#events.length;
    this.#from = address;
    const accepted = entry.association.handleRecord(record, now, entry);
    this.#noteTimer(entry);
    if (accepted === undefined) return false;
    if (accepted === 'kept') return true;
    if (accepted.epoch === 0 || entry.association.hasEnded) return true;
    this.#table.touch(entry, now);
    if (!accepted.isNewest) return true;
    const previousAddress = entry.address;
    const hasMoved = previousAddress !== address && entry.association.isConnected;
    if (hasMoved) this.#move(entry, address, eventsBefore);
    entry.heard(RECORD_HEADER_BYTES + record.connectionId.length + record.fragment.length);
    if (hasMoved && entry.association.checksPaths) this.#pathChecks.begin(entry, previousAddress, now);
    this.#noteTimer(entry);
    return true;
  }

  /** RFC 9146 §6: only after an authentic record that is newer than all before. */
  #move(entry: ServerEntry, address: string, eventsBefore: number): void {
    const previousAddress = entry.address;
    this.#table.move(entry, address);
    this.#counts.moves++;
    // Told before what came from there.
    this.#events.splice(eventsBefore, 0, { kind: 'moved', peer: entry.peer, address, previousAddress });
  }

  #handleClientHello(arrival: Arrival): boolean {
    const { address, record, head, now } = arrival;
    if (!this.#cookies.isGood(address, head, now)) {
      this.#askForCookie(arrival);
      return true;
    }
    const slot = this.#table.slotOf(address);
    const clientRandom = String.fromCharCode(...head.random);
    const isOf = (entry: ServerEntry | undefined): boolean =>
      entry !== undefined && entry.clientRandom === clientRandom;
    if (isOf(slot?.fresh)) return this.#offer(slot?.fresh, address, record, now);
    // A copy that comes late is no wish for another association.
    if (isOf(slot?.live)) return false;
    const whole = wholeClientHello(arrival);
    if (whole === undefined) return false;
    this.#begin(arrival, whole);
    return true;
  }

  #askForCookie({ address, record, fragment, head, now }: Arrival): void {
    const cookie = this.#cookies.cookieFor(address, head, now);
    this.#counts.cookiesSent++;
    this.#transmits.push({ address, bytes: helloVerifyRequest(record, fragment, cookie) });
  }

  #begin(arrival: Arrival, whole: WholeClientHello): void {
    const { address, record, now } = arrival;
    const { fragment, hello } = whole;
    const { connectionIdBytes } = this.#options;
    const parameters = this.#parameters;
    const wantsId =
      connectionIdBytes !== false && hello.extensions.some(({ type }) => type === ExtensionType.ConnectionId);
    const connectionId = wantsId ? this.#newConnectionId() : undefined;
    let role: ServerHandshake;
    try {
      role = this.#handshakes.begin(whole, connectionId, now);
    } catch (error) {
      this.#refuse(arrival, error);
      return;
    }
    this.#makeRoomForHandshake(address);
    this.#peers++;
    const layer = new RecordLayer(record.sequence);
    const firstMessageSequence = fragment.messageSequence + 1;
    const init = {
      peer: `${address}#${this.#peers}`,
      address,
      association: new Association({ role, parameters, layer, firstMessageSequence }),
      clientRandom: String.fromCharCode(...hello.random),
      connectionId: connectionId === undefined || connectionId.length === 0 ? undefined : toHex(connectionId),
      now,
    };
    const entry = new ServerEntry(init, this.#entryOutput);
    this.#table.add(entry);
    this.#counts.handshakesBegun++;
    entry.association.start(now, entry);
    this.#noteTimer(entry);
  }

  #makeRoomForHandshake(address: string): void {
    const { fresh } = this.#table;
    const same = this.#table.slotOf(address)?.fresh;
    same?.association.end('replaced', same);
    const [oldest] = fresh;
    if (oldest === undefined || fresh.size < this.#parameters.handshakesMax) return;
    this.#counts.handshakesEvicted++;
    oldest.association.end('evicted', oldest);
  }

  #newConnectionId(): Uint8Array {
    const connectionId = new Uint8Array(this.#connectionIdBytes);
    do this.#options.random.fill(connectionId);
    while (connectionId.length > 0 && this.#table.withConnectionId(toHex(connectionId)) !== undefined);
    return connectionId;
  }

  #refuse({ address, record }: Arrival, error: unknown): void {
    let description: number = AlertDescription.DecodeError;
    if (error instanceof HandshakeError) description = error.alert;
    else if (!DecodeError.is(error)) throw error; // our bug: not for the peer to hear about
    this.#transmits.push({ address, bytes: statelessAlert(record, description) });
    this.#counts.handshakesFailed++;
    this.#events.push({ kind: 'handshakeFailed', address, reason: 'alert-sent', alert: description });
  }

  #handleEvent(entry: ServerEntry, event: AssociationEvent): void {
    const { peer, address } = entry;
    switch (event.kind) {
      case 'wanted': {
        const { wanted } = event;
        this.#events.push({ kind: 'credentialWanted', request: this.#pending.ask(entry), address, wanted });
        break;
      }
      case 'session':
        entry.sessionId = event.sessionId;
        this.#events.push({ kind: 'session', sessionId: event.sessionId, session: event.bytes });
        break;
      case 'connected':
        this.#handleConnected(entry);
        if (event.isResumed) this.#counts.resumptions++;
        this.#events.push({ ...event, peer, address });
        break;
      case 'pathResponse':
        if (this.#pathChecks.handleResponse(entry, event.cookie, this.#from)) this.#counts.pathsChecked++;
        break;
      case 'datagram':
        this.#events.push({ ...event, peer });
        break;
      case 'ended':
        this.#handleEnded(entry, event);
        break;
      default:
        assertNever(event);
    }
  }

  #handleConnected(entry: ServerEntry): void {
    const { live } = this.#table;
    const replaced = this.#table.promote(entry);
    replaced?.association.end('replaced', replaced);
    const [oldest] = live.values();
    if (oldest === undefined || live.size <= this.#parameters.associationsMax) return;
    this.#counts.associationsEvicted++;
    oldest.association.close('evicted', oldest);
  }

  #handleEnded(entry: ServerEntry, { reason, alert }: AssociationEvent & { kind: 'ended' }): void {
    const { peer, address, sessionId } = entry;
    const wasLive = this.#table.live.has(peer);
    this.#table.remove(entry);
    this.#pending.forget(entry);
    this.#timers.set(entry, undefined);
    if (sessionId !== undefined && isFatal.has(reason))
      this.#events.push({ kind: 'session', sessionId, session: undefined });
    if (wasLive) {
      this.#events.push({ kind: 'ended', peer, reason, alert });
      return;
    }
    this.#counts.handshakesFailed++;
    this.#events.push({ kind: 'handshakeFailed', address, reason, alert });
  }

  /** @returns whether there was one */
  #handleNextTimer(now: Instant): boolean {
    const due = this.#timers.takeDue(now);
    if (due !== undefined) {
      due.association.handleTimeout(now, due);
      this.#pathChecks.handleTimeout(due, now);
      this.#noteTimer(due);
      return true;
    }
    const [silent] = this.#table.live.values();
    if (silent === undefined || now < silent.lastHeardAt + this.#parameters.idleTimeoutMs) return false;
    silent.association.close('idle', silent);
    return true;
  }

  #noteTimer(entry: ServerEntry): void {
    // A check of a path is there only while no handshake is.
    if (entry.association.hasEnded) return;
    this.#timers.set(entry, entry.association.wakeAt ?? entry.pathCheck?.at);
  }

  #effects(): Effects<DtlsServerEvent> {
    const [silent] = this.#table.live.values();
    const idleAt =
      silent === undefined ? Number.POSITIVE_INFINITY : silent.lastHeardAt + this.#parameters.idleTimeoutMs;
    const wakeAt = Math.min(idleAt, this.#timers.nextAt ?? idleAt);
    const effects = {
      transmits: this.#transmits,
      events: this.#events,
      wakeAt: Number.isFinite(wakeAt) ? wakeAt : undefined,
    };
    this.#transmits = [];
    this.#events = [];
    return effects;
  }
}
