import type { RecordLayer } from '../record/record-layer.ts';
import {
  ContentType,
  encodeHandshakeFragment,
  HANDSHAKE_HEADER_BYTES,
  HandshakeType,
  RECORD_HEADER_BYTES,
} from '../wire/index.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';

/** A part of a flight: what is sent together, and again if no answer comes (RFC 6347 §4.2.4). */
export type FlightItem =
  | {
      readonly kind: 'message';
      readonly epoch: 0 | 1;
      readonly message: HandshakeMessage;
      /** The message in one fragment, header included. */
      readonly whole: Uint8Array;
    }
  | { readonly kind: 'changeCipherSpec'; readonly epoch: 0 };

/** The step to epoch 1. */
export const changeCipherSpec: FlightItem = { kind: 'changeCipherSpec', epoch: 0 };

const CHANGE_CIPHER_SPEC = Uint8Array.of(1);

/**
 * Makes the datagrams of a flight, with record numbers that were not used before.
 *
 * A ClientHello is never split: a server could not answer its parts without keeping them.
 *
 * @param datagramBytesMax messages are split to fit into this, and into the records that the peer takes
 * @returns datagrams in order; fewer than it takes only if the record numbers are used up
 * @see RFC 6347 §4.2.3
 */
export function encodeFlight(layer: RecordLayer, items: readonly FlightItem[], datagramBytesMax: number): Uint8Array[] {
  const packer = new DatagramPacker(layer, datagramBytesMax);
  for (const item of items) {
    if (item.kind === 'changeCipherSpec') packer.add(0, ContentType.ChangeCipherSpec, CHANGE_CIPHER_SPEC);
    else addMessage(packer, item);
  }
  return packer.finish();
}

function addMessage(packer: DatagramPacker, { epoch, message, whole }: FlightItem & { kind: 'message' }): void {
  const { type, messageSequence, body } = message;
  // Most fit as they are, and a ClientHello has to.
  const least = HANDSHAKE_HEADER_BYTES + Math.min(1, body.length);
  if (type === HandshakeType.ClientHello || packer.room(epoch, least) >= whole.length) {
    packer.add(epoch, ContentType.Handshake, whole);
    return;
  }
  let offset = 0;
  do {
    const room = packer.room(epoch, HANDSHAKE_HEADER_BYTES + Math.min(1, body.length - offset));
    const size = Math.max(room - HANDSHAKE_HEADER_BYTES, 1);
    const part = body.subarray(offset, offset + size);
    const fragment = { type, length: body.length, messageSequence, fragmentOffset: offset, body: part };
    packer.add(epoch, ContentType.Handshake, encodeHandshakeFragment(fragment));
    offset += part.length;
  } while (offset < body.length);
}

/** Puts records into as few datagrams as hold them. */
class DatagramPacker {
  readonly #layer: RecordLayer;
  readonly #bytesMax: number;
  readonly #datagrams: Uint8Array[] = [];
  #records: Uint8Array[] = [];
  #bytes = 0;

  constructor(layer: RecordLayer, bytesMax: number) {
    this.#layer = layer;
    this.#bytesMax = bytesMax;
  }

  /** Bytes of content that the next record may have; a new datagram is begun where this one has not even `least`. */
  room(epoch: 0 | 1, least: number): number {
    const overhead = RECORD_HEADER_BYTES + this.#layer.overheadBytes(epoch);
    if (this.#bytes + overhead + least > this.#bytesMax) this.#flush();
    return Math.min(this.#bytesMax - this.#bytes - overhead, this.#layer.contentBytesMax(epoch));
  }

  add(epoch: 0 | 1, contentType: ContentType, content: Uint8Array): void {
    this.room(epoch, content.length);
    const record = this.#layer.seal(epoch, contentType, content);
    if (record === undefined) return;
    this.#records.push(record);
    this.#bytes += record.length;
  }

  finish(): Uint8Array[] {
    this.#flush();
    return this.#datagrams;
  }

  #flush(): void {
    const [first] = this.#records;
    if (first === undefined) return;
    if (this.#records.length === 1) {
      this.#datagrams.push(first);
      this.#records = [];
      this.#bytes = 0;
      return;
    }
    const datagram = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const record of this.#records) {
      datagram.set(record, offset);
      offset += record.length;
    }
    this.#datagrams.push(datagram);
    this.#records = [];
    this.#bytes = 0;
  }
}
