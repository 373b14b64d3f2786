import type { PeerId } from '../effects.ts';

/** What a peer's entry is taken to cost besides its name: in the map, and a word in each table. */
const PEER_BYTES = 96;
const ID_SPACE = 0x10000;

/**
 * The peers of one generation of duplicates, numbered from 1, with what is known of each.
 *
 * Most peers count their message IDs upwards: whether an ID is beyond all that came is told without a look at the
 * messages themselves.
 */
export class PeerSerials {
  readonly #serials = new Map<PeerId, number>();
  /** What the messages of each peer hold, by serial. */
  readonly #bytes: number[] = [0];
  /** The IDs of each peer lie in the stretch that begins here, by serial … */
  readonly #firstIds: number[] = [0];
  /** … and goes so far beyond it, around the end of the space of IDs if need be. */
  readonly #spans: number[] = [0];
  #namesBytes = 0;
  /** Whom was asked for last, who is asked for several times in a row. */
  #latestPeer: PeerId | undefined;
  #latestSerial = 0;

  /** The memory that is held. */
  get heldBytes(): number {
    return this.#namesBytes;
  }

  /** What one more peer holds. */
  static bytesOf(peer: PeerId): number {
    return PEER_BYTES + 2 * peer.length;
  }

  /** The number of a peer; 0: it has none. */
  find(peer: PeerId): number {
    if (peer === this.#latestPeer) return this.#latestSerial;
    const serial = this.#serials.get(peer) ?? 0;
    this.#latestPeer = peer;
    this.#latestSerial = serial;
    return serial;
  }

  /** Numbers a peer that has no number. */
  add(peer: PeerId, messageId: number): number {
    const serial = this.#serials.size + 1;
    this.#serials.set(peer, serial);
    this.#latestPeer = peer;
    this.#latestSerial = serial;
    this.#bytes.push(0);
    this.#firstIds.push(messageId);
    this.#spans.push(0);
    this.#namesBytes += PeerSerials.bytesOf(peer);
    return serial;
  }

  /** What the messages of a peer hold. */
  bytesFor(serial: number): number {
    return this.#bytes[serial] as number;
  }

  /** The messages of a peer hold so much more. */
  hold(serial: number, bytes: number): void {
    this.#bytes[serial] = (this.#bytes[serial] as number) + bytes;
  }

  /** Whether a message with this ID may have come; `false` is certain. */
  mayHave(serial: number, messageId: number): boolean {
    return ((messageId - (this.#firstIds[serial] as number)) & (ID_SPACE - 1)) <= (this.#spans[serial] as number);
  }

  /** A message with this ID came: the stretch grows at the nearer end. */
  note(serial: number, messageId: number): void {
    const first = this.#firstIds[serial] as number;
    const span = this.#spans[serial] as number;
    const ahead = (messageId - first) & (ID_SPACE - 1);
    if (ahead <= span) return;
    const behind = ID_SPACE - ahead;
    if (ahead - span <= behind) {
      this.#spans[serial] = ahead;
    } else {
      this.#firstIds[serial] = messageId;
      this.#spans[serial] = span + behind;
    }
  }
}
