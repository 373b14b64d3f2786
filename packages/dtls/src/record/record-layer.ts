import { ContentType, type DtlsRecord, encodeRecord, ProtocolVersion, SEQUENCE_MAX } from '../wire/index.ts';
import type { DirectionKeys } from './key-derivation.ts';
import { noLimits, type RecordLimits } from './record-limits.ts';
import type { RecordProtection } from './record-protection.ts';
import { type ReplayState, ReplayWindow } from './replay-window.ts';

/** A record that was accepted. */
export interface AcceptedRecord {
  /** What it carries; never `Tls12Cid`. */
  readonly contentType: ContentType;
  /** 0: not protected. */
  readonly epoch: number;
  /** The content; of epoch 0 a view of the input. */
  readonly content: Uint8Array;
  /** Whether its number is greater than all that were accepted before in its epoch. */
  readonly isNewest: boolean;
}

/**
 * Why a record was not accepted: `unexpected`: of an epoch without keys, or with or without a connection ID against
 * what was agreed; `replayed`: it came before, or is too old to say; `unauthentic`: the keys do not fit; `too-long`: its
 * content is longer than was agreed.
 */
export type RecordRefusal = 'unexpected' | 'replayed' | 'unauthentic' | 'too-long';

const NONE = new Uint8Array(0);

/** What an association goes on from elsewhere; as secret as the keys in it. */
export interface RecordLayerState {
  /** Number of the next record that is sent. */
  readonly nextSequence: number;
  readonly window: ReplayState;
  readonly read: DirectionKeys;
  readonly write: DirectionKeys;
  /** What goes into the records for the peer. */
  readonly peerConnectionId: Uint8Array;
  /** Whether the peer puts an ID into its records. */
  readonly wantsId: boolean;
  readonly limits: RecordLimits;
}

/**
 * Numbers, protects and checks the records of one association. There are two epochs: 0 in the clear, and 1 with the
 * keys of the handshake; renegotiation, which would make more, is refused.
 *
 * @see RFC 6347 §4.1
 */
export class RecordLayer {
  readonly #nextSequences: [number, number];
  #clearWindow: ReplayWindow | undefined = new ReplayWindow();
  #window = new ReplayWindow();
  #writeProtection: RecordProtection | undefined;
  #readProtection: RecordProtection | undefined;
  #peerConnectionId: Uint8Array = NONE;
  /** Whether the peer puts an ID into its records. The ID itself is protected with them (RFC 9146 §5). */
  #wantsId = false;
  /** One object for all associations that agreed on nothing. */
  #limits: RecordLimits = noLimits;

  /** @param firstSequence number of the first record in epoch 0: a server's is that of the ClientHello (RFC 6347 §4.2.1) */
  constructor(firstSequence: number = 0) {
    this.#nextSequences = [firstSequence, 0];
  }

  /** Goes on with epoch 1. */
  static restored(
    state: RecordLayerState,
    { read, write }: { readonly read: RecordProtection; readonly write: RecordProtection },
  ): RecordLayer {
    const layer = new RecordLayer();
    layer.#nextSequences[1] = state.nextSequence;
    layer.#window = new ReplayWindow(state.window);
    layer.#clearWindow = undefined;
    layer.#readProtection = read;
    layer.#writeProtection = write;
    layer.#peerConnectionId = state.peerConnectionId.length === 0 ? NONE : state.peerConnectionId;
    layer.#wantsId = state.wantsId;
    layer.limitRecords(state.limits);
    return layer;
  }

  /** What to go on from; `undefined`: there are no keys, or the cryptography keeps them to itself. Whoever asks zeroes it. */
  exportState(): RecordLayerState | undefined {
    const [read, write] = [this.#readProtection?.exportKeys(), this.#writeProtection?.exportKeys()];
    if (read === undefined || write === undefined) return undefined;
    const ids = { peerConnectionId: this.#peerConnectionId, wantsId: this.#wantsId };
    const window = this.#window.exportState();
    return { nextSequence: this.#nextSequences[1], window, read, write, ...ids, limits: this.#limits };
  }

  /** Whether CBC goes with RFC 7366. */
  get encryptsThenMacs(): boolean {
    return this.#writeProtection?.encryptsThenMacs ?? false;
  }

  /** Whether records of epoch 1 can be read. */
  get canRead(): boolean {
    return this.#readProtection !== undefined;
  }

  /** Bytes that the protection of an epoch adds to a content. */
  overheadBytes(epoch: 0 | 1): number {
    if (epoch === 0) return 0;
    const id = this.#peerConnectionId.length;
    return (this.#writeProtection?.overheadBytes ?? 0) + (id === 0 ? 0 : id + 1);
  }

  /** Bytes of content that the next record of an epoch may have; with a connection ID the type within it counts too (RFC 9146 §4). */
  contentBytesMax(epoch: 0 | 1): number {
    if (epoch === 0) return this.#limits.isForAll ? this.#limits.sendBytesMax : noLimits.sendBytesMax;
    const { sendBytesMax } = this.#limits;
    return this.#peerConnectionId.length > 0 && this.#limits !== noLimits ? sendBytesMax - 1 : sendBytesMax;
  }

  /** Takes what was agreed on for the length of records into use. */
  limitRecords(limits: RecordLimits): void {
    const isNone = limits.sendBytesMax === noLimits.sendBytesMax && limits.receiveBytesMax === noLimits.receiveBytesMax;
    this.#limits = isNone ? noLimits : limits;
  }

  /** Takes the keys of epoch 1 for sending into use. */
  protectWrites(protection: RecordProtection): void {
    this.#writeProtection = protection;
  }

  /** Takes the keys of epoch 1 for receiving into use. */
  protectReads(protection: RecordProtection): void {
    this.#readProtection = protection;
  }

  /**
   * Takes connection IDs into use for epoch 1 (RFC 9146 §3).
   *
   * @param own what the peer puts into its records; empty: nothing
   * @param peer what goes into the records for the peer; empty: nothing
   */
  useConnectionIds(own: Uint8Array, peer: Uint8Array): void {
    this.#wantsId = own.length > 0;
    this.#peerConnectionId = peer.length === 0 ? NONE : peer;
  }

  /**
   * Makes the next record.
   *
   * @returns the whole record; `undefined`: the numbers of the epoch are used up, and nothing can be sent any more
   */
  seal(epoch: 0 | 1, contentType: ContentType, content: Uint8Array): Uint8Array | undefined {
    const sequence = this.#nextSequences[epoch];
    if (sequence > SEQUENCE_MAX) return undefined;
    this.#nextSequences[epoch] = sequence + 1;
    const hasId = epoch === 1 && this.#peerConnectionId.length > 0;
    const record = {
      contentType: hasId ? ContentType.Tls12Cid : contentType,
      version: ProtocolVersion.Dtls12,
      epoch,
      sequence,
      connectionId: hasId ? this.#peerConnectionId : NONE,
      fragment: content,
    };
    if (epoch === 0) return encodeRecord(record);
    if (this.#writeProtection === undefined) throw new Error('there are no keys to send with yet');
    record.fragment = this.#writeProtection.seal(record, { contentType, content });
    return encodeRecord(record);
  }

  /** Checks a record and opens it. Only a record that is accepted leaves a trace here. */
  open(record: DtlsRecord): AcceptedRecord | RecordRefusal {
    const { epoch, sequence } = record;
    if (epoch > 1) return 'unexpected';
    const window = epoch === 0 ? this.#clearWindow : this.#window;
    if (window === undefined) return 'unexpected';
    const wantsId = epoch === 1 && this.#wantsId;
    if ((record.contentType === ContentType.Tls12Cid) !== wantsId) return 'unexpected';
    if (epoch === 1 && this.#readProtection === undefined) return 'unexpected';
    if (!window.mayBeNew(sequence)) return 'replayed';
    const plain =
      epoch === 0 ? { contentType: record.contentType, content: record.fragment } : this.#readProtection?.open(record);
    if (plain === undefined) return 'unauthentic';
    const limits = epoch === 1 || this.#limits.isForAll ? this.#limits : noLimits;
    if (plain.content.length > limits.receiveBytesMax) return 'too-long';
    const isNewest = sequence > window.newest;
    window.remember(sequence);
    // Written out: to spread is slow, and this is done for every record.
    return { contentType: plain.contentType, content: plain.content, epoch, isNewest };
  }

  /** The handshake is over: nothing in the clear is accepted any more. */
  leaveEpoch0(): void {
    this.#clearWindow = undefined;
  }

  /** Forgets the keys. */
  destroy(): void {
    this.#writeProtection?.destroy();
    this.#readProtection?.destroy();
    this.#writeProtection = undefined;
    this.#readProtection = undefined;
  }
}
