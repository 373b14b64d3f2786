import { ByteReader } from '@motestack/bytes';
import { assertNever } from '../assert-never.ts';
import type { AssociationEvent } from '../association/association-event.ts';
import type { EndReason } from '../association/end-reason.ts';
import type { KnownPeer } from '../association/exported-association.ts';
import { PendingAnswers } from '../association/pending-answers.ts';
import { PSK_KEY_BYTES_MAX } from '../credentials/psk-credential.ts';
import type { Effects, Instant, PeerId } from '../effects.ts';
import type { Answer } from '../handshake/handshake-role.ts';
import { heardClientHello } from '../handshake/whole-client-hello.ts';
import { nextRecord } from '../record/next-record.ts';
import { ContentType, type DtlsRecord, PSK_IDENTITY_BYTES_MAX, RECORD_HEADER_BYTES } from '../wire/index.ts';
import { AssociationTransfers } from './association-transfers.ts';
import { type Arrival, ClientHellos } from './client-hellos.ts';
import { connectionIdKey } from './connection-id-key.ts';
import { PathChecks } from './path-checks.ts';
import { newServerCounts } from './server-counts.ts';
import type { EntryOutput, ServerEntry } from './server-entry.ts';
import {
  type DtlsServerEvent,
  type DtlsServerOptions,
  type DtlsServerParameters,
  type DtlsServerStats,
  resolveServerParameters,
} from './server-options.ts';
import { ServerOutbox } from './server-outbox.ts';
import { ServerTable } from './server-table.ts';
import { TimerHeap } from './timer-heap.ts';

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
  readonly #parameters: DtlsServerParameters;
  readonly #hellos: ClientHellos;
  readonly #transfers: AssociationTransfers;
  readonly #table = new ServerTable();
  readonly #pending = new PendingAnswers<ServerEntry>();
  /** Of handshakes; associations have none. */
  readonly #timers = new TimerHeap<ServerEntry>();
  readonly #entryOutput: EntryOutput;
  readonly #pathChecks: PathChecks;
  /** Where the datagram comes from that is handled. */
  #from = '';
  readonly #counts = newServerCounts();
  readonly #outbox = new ServerOutbox();

  /** @throws {RangeError} a hint, an ID length, a list of suites or a parameter out of its bounds */
  constructor(options: DtlsServerOptions) {
    this.#parameters = resolveServerParameters(options.parameters);
    const { identityHint = NONE } = options;
    if (identityHint.length > PSK_IDENTITY_BYTES_MAX) throw new RangeError('an identity hint has at most 128 bytes');
    const { provider, random } = options;
    const { pathCheckMs } = this.#parameters;
    const goBack = (entry: ServerEntry, address: string): void => this.#move(entry, address, this.#outbox.eventCount);
    this.#pathChecks = new PathChecks({ provider, random, pathCheckMs, goBack });
    this.#entryOutput = {
      transmit: (address, bytes) => this.#outbox.send(address, bytes),
      handleEvent: (entry, event) => this.#handleEvent(entry, event),
      withhold: () => this.#counts.withheld++,
    };
    this.#hellos = new ClientHellos({
      options,
      parameters: this.#parameters,
      table: this.#table,
      counts: this.#counts,
      outbox: this.#outbox,
      entryOutput: this.#entryOutput,
    });
    this.#transfers = new AssociationTransfers({
      options,
      parameters: this.#parameters,
      table: this.#table,
      connectionIdBytes: this.#hellos.connectionIdBytes,
      entryOutput: this.#entryOutput,
    });
  }

  /** Handles a datagram. */
  handleDatagram(address: string, bytes: Uint8Array, now: Instant): Effects<DtlsServerEvent> {
    const reader = new ByteReader(bytes, 'RFC 6347 §4.1');
    while (reader.remaining > 0) {
      const record = nextRecord(reader, this.#hellos.connectionIdBytes);
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
   * @throws {RangeError} more bytes than the client takes in a record
   */
  send(peer: PeerId, bytes: Uint8Array): Effects<DtlsServerEvent> {
    const entry = this.#table.live.get(peer);
    entry?.association.sendData(bytes, entry);
    return this.#effects();
  }

  /** Bytes that fit into one record for a client, and into a datagram of `datagramBytesMax`; `undefined`: it is over. */
  payloadBytesMaxOf(peer: PeerId): number | undefined {
    return this.#table.live.get(peer)?.association.payloadBytesMax;
  }

  /** Whether a datagram is longer than a client takes: `send` would throw. */
  isTooLong(peer: PeerId, { length }: Uint8Array): boolean {
    return length > (this.#table.live.get(peer)?.association.dataBytesMax ?? length);
  }

  /** The transport says that a datagram was too large for the path (RFC 6347 §4.1.1.1); those of data are not split. */
  handleTooLarge(address: string, now: Instant): Effects<DtlsServerEvent> {
    const entry = this.#table.slotOf(address)?.fresh;
    if (entry !== undefined) {
      entry.association.handleTooLarge(now, entry);
      this.#noteTimer(entry);
    }
    return this.#effects();
  }

  /**
   * Seals an association for another process, and ends it here without a word: nothing can be sent with its keys any more.
   *
   * @param known what was told of it when it came to be
   * @param key 16 or 32 bytes: whoever has them reads and writes as the association
   * @returns the step, and the export; `undefined`: it is over, or its keys do not come out of the cryptography
   * @throws {RangeError} a key of another length
   */
  exportAssociation(
    peer: PeerId,
    known: KnownPeer,
    key: Uint8Array,
    now: Instant,
  ): { readonly effects: Effects<DtlsServerEvent>; readonly exported: Uint8Array | undefined } {
    const entry = this.#table.live.get(peer);
    const exported = entry === undefined ? undefined : this.#transfers.export(entry, known, key, now);
    return { exported, effects: this.#effects() };
  }

  /**
   * Goes on with an association that was exported, under the name that it had; `connected` tells of it. Each export is
   * imported once.
   *
   * @throws {RangeError} a key that has not 16 or 32 bytes
   * @throws {ImportError} why it was not imported
   */
  importAssociation(exported: Uint8Array, key: Uint8Array, now: Instant): Effects<DtlsServerEvent> {
    const { entry, known, cipherSuite } = this.#transfers.import(exported, key, now);
    const { peer, address } = entry;
    this.#outbox.tell({ kind: 'connected', peer, address, cipherSuite, ...known, isResumed: false });
    this.#makeRoom();
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
    this.#hellos.destroy();
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
      return this.#offer(this.#table.withConnectionId(connectionIdKey(record.connectionId)), address, record, now);
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
    const eventsBefore = this.#outbox.eventCount;
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
    this.#outbox.tellAt(eventsBefore, { kind: 'moved', peer: entry.peer, address, previousAddress });
  }

  #handleClientHello(arrival: Arrival): boolean {
    if (this.#hellos.askForCookie(arrival)) return true;
    const { address, record, head, now } = arrival;
    const slot = this.#table.slotOf(address);
    const clientRandom = String.fromCharCode(...head.random);
    const isOf = (entry: ServerEntry | undefined): boolean =>
      entry !== undefined && entry.clientRandom === clientRandom;
    if (isOf(slot?.fresh)) return this.#offer(slot?.fresh, address, record, now);
    // A copy that comes late is no wish for another association.
    if (isOf(slot?.live)) return false;
    const begun = this.#hellos.begin(arrival);
    if (typeof begun === 'object') this.#noteTimer(begun);
    return begun !== undefined;
  }

  #handleEvent(entry: ServerEntry, event: AssociationEvent): void {
    const { peer, address } = entry;
    switch (event.kind) {
      case 'wanted': {
        const { wanted } = event;
        this.#outbox.tell({ kind: 'credentialWanted', request: this.#pending.ask(entry), address, wanted });
        break;
      }
      case 'session':
        entry.sessionId = event.sessionId;
        this.#outbox.tell({ kind: 'session', sessionId: event.sessionId, session: event.bytes });
        break;
      case 'connected':
        this.#handleConnected(entry);
        if (event.isResumed) this.#counts.resumptions++;
        this.#outbox.tell({ ...event, peer, address });
        break;
      case 'pathResponse':
        if (this.#pathChecks.handleResponse(entry, event.cookie, this.#from)) this.#counts.pathsChecked++;
        break;
      case 'datagram':
        // Written out: to spread is slow, and this is done for every record.
        this.#outbox.tell({ kind: 'datagram', peer, bytes: event.bytes });
        break;
      case 'ended':
        this.#handleEnded(entry, event);
        break;
      default:
        assertNever(event);
    }
  }

  #handleConnected(entry: ServerEntry): void {
    const replaced = this.#table.promote(entry);
    replaced?.association.end('replaced', replaced);
    this.#makeRoom();
  }

  #makeRoom(): void {
    const { live } = this.#table;
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
      this.#outbox.tell({ kind: 'session', sessionId, session: undefined });
    if (wasLive) {
      this.#outbox.tell({ kind: 'ended', peer, reason, alert });
      return;
    }
    this.#counts.handshakesFailed++;
    this.#outbox.tell({ kind: 'handshakeFailed', address, reason, alert });
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
    return this.#outbox.take(Number.isFinite(wakeAt) ? wakeAt : undefined);
  }
}
