import { DecodeError } from '@motestack/bytes';
import { assertNever } from '../assert-never.ts';
import type { Instant } from '../effects.ts';
import type { FlightItem } from '../handshake/flight.ts';
import { HandshakeError } from '../handshake/handshake-error.ts';
import { HandshakeInbox } from '../handshake/handshake-inbox.ts';
import type { Answer, Established, HandshakeRole, HandshakeStep } from '../handshake/handshake-role.ts';
import type { DtlsParameters } from '../parameters.ts';
import type { CipherSuite } from '../record/cipher-suite.ts';
import { EarlyRecords } from '../record/early-records.ts';
import type { AcceptedRecord, RecordLayer } from '../record/record-layer.ts';
import { tryDecode } from '../try-decode.ts';
import {
  AlertDescription,
  AlertLevel,
  ContentType,
  type DtlsRecord,
  decodeAlert,
  decodeHandshakeFragments,
  decodePathMessage,
  encodeAlert,
  encodePathMessage,
  type HandshakeFragment,
  HandshakeType,
  PathMessageKind,
  RECORD_HEADER_BYTES,
} from '../wire/index.ts';
import type { StepOutput } from './association-event.ts';
import type { EndReason } from './end-reason.ts';
import type { ExportedAssociation } from './exported-association.ts';
import { FlightRun } from './flight-run.ts';

/** What an association is made of. */
export type AssociationInit = {
  readonly layer: RecordLayer;
  readonly parameters: DtlsParameters;
} & (
  | {
      readonly role: HandshakeRole;
      /** Number of the first handshake message that is wanted. */
      readonly firstMessageSequence: number;
    }
  /** One whose handshake was elsewhere. */
  | { readonly restored: RestoredState }
);

/** What an association knows of itself beside its records. */
interface RestoredState {
  readonly cipherSuite: CipherSuite;
  readonly checksPaths: boolean;
  /** Records whose keys did not fit. */
  readonly authenticationFailures: number;
}

/**
 * One association of either role: records in, datagrams and events out. Runs flights and their timers around a
 * handshake, then carries data.
 *
 * @see RFC 6347 §4.1, §4.2
 */
export class Association {
  /** Forgotten with the end of the handshake, and all that it remembers with it. */
  #role: HandshakeRole | undefined;
  readonly #layer: RecordLayer;
  readonly #parameters: DtlsParameters;
  /** Needed no more once connected, as what came early. */
  #inbox: HandshakeInbox | undefined;
  #early: EarlyRecords | undefined;
  /** Number of the last message that the peer sent in the handshake. */
  #lastSequence: number;
  #state: 'handshaking' | 'parked' | 'connected' | 'ended' = 'handshaking';
  #writeEpoch: 0 | 1 = 0;
  /** Whoever sent the last flight keeps it until the peer shows that it has it; the other has nothing to repeat. */
  #flights: FlightRun | undefined;
  #cipherSuite: CipherSuite | undefined;
  #checksPaths = false;
  #handshakeEndsAt: Instant | undefined;
  #authenticationFailures = 0;

  constructor(init: AssociationInit) {
    const { layer, parameters } = init;
    this.#layer = layer;
    this.#parameters = parameters;
    if ('restored' in init) {
      this.#state = 'connected';
      this.#writeEpoch = 1;
      this.#lastSequence = -1;
      this.#cipherSuite = init.restored.cipherSuite;
      this.#checksPaths = init.restored.checksPaths;
      this.#authenticationFailures = init.restored.authenticationFailures;
      return;
    }
    const { firstMessageSequence } = init;
    this.#role = init.role;
    this.#inbox = new HandshakeInbox(parameters, firstMessageSequence);
    this.#lastSequence = firstMessageSequence - 1;
    this.#early = new EarlyRecords(parameters);
    this.#flights = new FlightRun(layer, parameters);
  }

  /** Whether data can be sent. */
  get isConnected(): boolean {
    return this.#state === 'connected';
  }

  /** Whether the peer answers challenges (RFC 9853 §3). */
  get checksPaths(): boolean {
    return this.#checksPaths;
  }

  /** Whether it is over. */
  get hasEnded(): boolean {
    return this.#state === 'ended';
  }

  /** Bytes that one record may carry: 2^14 (RFC 5246 §6.2.1), or what the peer asked for (RFC 8449, RFC 6066 §4). */
  get dataBytesMax(): number {
    return this.#layer.contentBytesMax(1);
  }

  /** Bytes that fit into one record and into a datagram of `datagramBytesMax`. */
  get payloadBytesMax(): number {
    const overhead = RECORD_HEADER_BYTES + this.#layer.overheadBytes(1);
    return Math.min(this.dataBytesMax, this.#parameters.datagramBytesMax - overhead);
  }

  /** What another process goes on from; `undefined`: there is no association, or its keys do not come out. */
  exportState(): Omit<ExportedAssociation, 'known' | 'connectionIdBytes' | 'place'> | undefined {
    const cipherSuite = this.#cipherSuite;
    const layer = this.#state === 'connected' ? this.#layer.exportState() : undefined;
    if (cipherSuite === undefined || layer === undefined) return undefined;
    const { encryptsThenMacs: encryptThenMac } = this.#layer;
    const [checksPaths, authenticationFailures] = [this.#checksPaths, this.#authenticationFailures];
    return { cipherSuite, encryptThenMac, layer, checksPaths, authenticationFailures };
  }

  /** When `handleTimeout` is due. */
  get wakeAt(): Instant | undefined {
    // After the handshake a flight is sent again only where the peer asks for it.
    if (this.#handshakeEndsAt === undefined) return undefined;
    return Math.min(this.#flights?.retransmitAt ?? this.#handshakeEndsAt, this.#handshakeEndsAt);
  }

  /** Begins the handshake. */
  start(now: Instant, output: StepOutput): void {
    this.#handshakeEndsAt = now + this.#parameters.handshakeTimeoutMs;
    this.#step((role) => role.start(), now, output);
  }

  /**
   * Handles a record of the peer.
   *
   * @returns what was accepted; `kept`: for when there are keys; `undefined`: not the peer's, came before, or no room
   */
  handleRecord(record: DtlsRecord, now: Instant, output: StepOutput): AcceptedRecord | 'kept' | undefined {
    if (this.#state === 'ended') return undefined;
    if (record.epoch === 1 && !this.#layer.canRead)
      return this.#early?.keepRecord(record) === true ? 'kept' : undefined;
    const opened = this.#layer.open(record);
    // Failed MACs are counted and bounded.
    if (opened === 'unauthentic' && ++this.#authenticationFailures >= this.#parameters.authenticationFailuresMax)
      this.end('forged', output);
    if (typeof opened === 'string') return undefined;
    switch (opened.contentType) {
      case ContentType.Handshake:
        this.#handleHandshake(opened, now, output);
        break;
      case ContentType.Alert:
        this.#handleAlert(opened, output);
        break;
      case ContentType.ApplicationData:
        this.#handleData(opened, now, output);
        break;
      case ContentType.ReturnRoutabilityCheck:
        this.#handlePathMessage(opened, output);
        break;
      // It says nothing that the epochs of the records do not (RFC 6347 §4.1).
      case ContentType.ChangeCipherSpec:
      case ContentType.Tls12Cid:
        break;
      default:
        assertNever(opened.contentType);
    }
    return opened;
  }

  /** Answers `wanted`; a late answer is ignored. */
  provide(answer: Answer, now: Instant, output: StepOutput): void {
    if (this.#state !== 'parked') return;
    this.#state = 'handshaking';
    this.#step((role) => role.provide(answer), now, output);
    this.#takeMessages(now, output);
  }

  /**
   * Protects and sends a datagram of the application.
   *
   * @returns whether it was sent: not before the handshake's end, and not after the association's
   * @throws {RangeError} more than `dataBytesMax`
   */
  sendData(bytes: Uint8Array, output: StepOutput): boolean {
    const { dataBytesMax } = this;
    if (bytes.length > dataBytesMax)
      throw new RangeError(`a record for this peer carries at most ${dataBytesMax} bytes`);
    if (this.#state !== 'connected') return false;
    const record = this.#layer.seal(1, ContentType.ApplicationData, bytes);
    if (record === undefined) this.end('exhausted', output);
    else output.send(record);
    return record !== undefined;
  }

  /** Asks the peer whether it is where the datagram goes (RFC 9853 §7.1). */
  challengePath(cookie: Uint8Array, output: StepOutput): void {
    this.#sendPathMessage(PathMessageKind.Challenge, cookie, output);
  }

  /** Retransmits or gives up what is due; early calls do nothing. */
  handleTimeout(now: Instant, output: StepOutput): void {
    if (this.#handshakeEndsAt === undefined) return;
    if (now >= this.#handshakeEndsAt) this.end('timeout', output);
    else this.#flights?.handleTimeout(now, output);
  }

  /** A datagram was too large for the path: those of a handshake are made smaller. */
  handleTooLarge(now: Instant, output: StepOutput): void {
    this.#flights?.shrink(now, output);
  }

  /** Ends with a word to the peer (RFC 5246 §7.2.1). */
  close(reason: 'local' | 'idle' | 'evicted', output: StepOutput): void {
    if (this.#state === 'ended') return;
    const description = this.isConnected ? AlertDescription.CloseNotify : AlertDescription.UserCanceled;
    this.#sendAlert(AlertLevel.Warning, description, output);
    this.end(reason, output);
  }

  /** Ends without a word to the peer. */
  end(reason: EndReason, output: StepOutput, alert?: number): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#flights = undefined;
    this.#handshakeEndsAt = undefined;
    this.#role?.destroy();
    this.#role = undefined;
    this.#layer.destroy();
    this.#early?.clear();
    this.#early = undefined;
    this.#inbox = undefined;
    output.tell({ kind: 'ended', reason, alert });
  }

  #handleHandshake({ content, epoch }: AcceptedRecord, now: Instant, output: StepOutput): void {
    const fragments = tryDecode(() => decodeHandshakeFragments(content, this.#parameters.messageBytesMax));
    for (const fragment of fragments ?? []) {
      if (this.#state === 'connected') this.#handleLateFragment(fragment, epoch, now, output);
      // Only Finished is protected in a first handshake, and it always is.
      else if ((fragment.type === HandshakeType.Finished) === (epoch === 1))
        if (this.#inbox?.add(fragment) === 'stale') this.#handleStale(fragment, now, output);
    }
    this.#takeMessages(now, output);
  }

  /** After the handshake there is only its last flight once more, or a wish for another, which is refused. */
  #handleLateFragment(fragment: HandshakeFragment, epoch: number, now: Instant, output: StepOutput): void {
    if (epoch === 0) return;
    const { type } = fragment;
    if (type === HandshakeType.Finished) this.#handleStale(fragment, now, output);
    else if (type === HandshakeType.HelloRequest || type === HandshakeType.ClientHello)
      this.#sendAlert(AlertLevel.Warning, AlertDescription.NoRenegotiation, output);
  }

  /** The peer sends its last flight again: ours was lost (RFC 6347 §4.2.4). */
  #handleStale(fragment: HandshakeFragment, now: Instant, output: StepOutput): void {
    if (this.#state === 'parked' || fragment.messageSequence !== this.#lastSequence) return;
    if (fragment.fragmentOffset + fragment.body.length < fragment.length) return;
    this.#flights?.retransmitSoon(now, output);
  }

  #takeMessages(now: Instant, output: StepOutput): void {
    while (this.#state === 'handshaking') {
      const message = this.#inbox?.take();
      if (message === undefined) return;
      this.#lastSequence = message.messageSequence;
      this.#step((role) => role.handleMessage(message), now, output);
    }
  }

  #step(run: (role: HandshakeRole) => HandshakeStep, now: Instant, output: StepOutput): void {
    if (this.#role === undefined) return;
    let step: HandshakeStep;
    try {
      step = run(this.#role);
    } catch (error) {
      this.#fail(error, output);
      return;
    }
    const early = step.keys === undefined ? [] : (this.#early?.takeRecords() ?? []);
    if (step.keys !== undefined) {
      this.#layer.protectReads(step.keys.read);
      this.#layer.protectWrites(step.keys.write);
    }
    if (step.connectionIds !== undefined) {
      this.#layer.useConnectionIds(step.connectionIds.own, step.connectionIds.peer);
      this.#checksPaths = step.connectionIds.checksPaths;
    }
    if (step.recordLimits !== undefined) this.#layer.limitRecords(step.recordLimits);
    if (step.flight !== undefined) this.#startFlight(step.flight, now, output);
    if (step.wanted !== undefined) {
      this.#state = 'parked';
      this.#flights?.park();
      output.tell({ kind: 'wanted', wanted: step.wanted });
    }
    if (step.session !== undefined) output.tell({ kind: 'session', ...step.session });
    if (step.established !== undefined) {
      if (step.flight === undefined) this.#flights = undefined;
      this.#establish(step.established, output);
    }
    if (step.keys !== undefined) for (const record of early) this.handleRecord(record, now, output);
  }

  #establish(established: Established, output: StepOutput): void {
    this.#state = 'connected';
    this.#cipherSuite = established.cipherSuite;
    this.#layer.leaveEpoch0();
    this.#role?.destroy();
    this.#role = undefined;
    this.#handshakeEndsAt = undefined;
    output.tell({ kind: 'connected', ...established });
    const early = this.#early?.takeData() ?? [];
    this.#early = undefined;
    this.#inbox = undefined;
    for (const bytes of early) output.tell({ kind: 'datagram', bytes });
  }

  #startFlight(flight: readonly FlightItem[], now: Instant, output: StepOutput): void {
    if (flight.some(({ kind }) => kind === 'changeCipherSpec')) this.#writeEpoch = 1;
    this.#flights?.start(flight, now, output);
  }

  #handleData({ content, epoch }: AcceptedRecord, now: Instant, output: StepOutput): void {
    if (epoch === 0) return; // data in the clear is nobody's (RFC 6347 §4.1)
    if (this.#state !== 'connected') {
      this.#early?.keepData(content);
      // The peer is through with the handshake: its Finished was lost, and it sends that again only when asked.
      if (this.#state === 'handshaking') this.#flights?.retransmitSoon(now, output);
      return;
    }
    this.#flights = undefined;
    output.tell({ kind: 'datagram', bytes: content });
  }

  #handlePathMessage({ content, epoch }: AcceptedRecord, output: StepOutput): void {
    if (epoch === 0 || this.#state !== 'connected' || !this.#checksPaths) return;
    const { kind, cookie } = tryDecode(() => decodePathMessage(content)) ?? {};
    if (cookie === undefined) return;
    // RFC 9853 §7.2: the answer goes where the challenge came from.
    if (kind === PathMessageKind.Challenge) this.#sendPathMessage(PathMessageKind.Response, cookie, output);
    else if (kind === PathMessageKind.Response) output.tell({ kind: 'pathResponse', cookie });
  }

  #sendPathMessage(kind: PathMessageKind, cookie: Uint8Array, output: StepOutput): void {
    const record = this.#layer.seal(1, ContentType.ReturnRoutabilityCheck, encodePathMessage({ kind, cookie }));
    if (record !== undefined) output.send(record);
  }

  #handleAlert({ content, epoch }: AcceptedRecord, output: StepOutput): void {
    // Once there are keys, an alert in the clear may be anybody's.
    if (this.#state === 'connected' && epoch === 0) return;
    const alert = tryDecode(() => decodeAlert(content));
    if (alert === undefined) return;
    const { level, description } = alert;
    if (level === AlertLevel.Fatal) this.end('alert-received', output, description);
    else if (description === AlertDescription.CloseNotify) {
      if (this.isConnected) this.#sendAlert(AlertLevel.Warning, AlertDescription.CloseNotify, output);
      this.end('close-notify', output);
    } else if (description === AlertDescription.UserCanceled && !this.isConnected)
      this.end('alert-received', output, description);
  }

  #fail(error: unknown, output: StepOutput): void {
    let alert: number = AlertDescription.DecodeError;
    if (error instanceof HandshakeError) ({ alert } = error);
    else if (!DecodeError.is(error)) throw error; // our bug: not for the peer to hear about
    this.#sendAlert(AlertLevel.Fatal, alert, output);
    this.end('alert-sent', output, alert);
  }

  #sendAlert(level: AlertLevel, description: number, output: StepOutput): void {
    const record = this.#layer.seal(this.#writeEpoch, ContentType.Alert, encodeAlert({ level, description }));
    if (record !== undefined) output.send(record);
  }
}
