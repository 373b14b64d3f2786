import type { CryptoProvider, HashAlgorithm } from '../crypto-provider.ts';
import { encodeHandshakeFragment } from '../wire/index.ts';
import type { FlightItem } from './flight.ts';
import type { HandshakeMessage } from './handshake-inbox.ts';

/** As much as most handshakes without certificates have. */
const INITIAL_BYTES = 512;

/**
 * All handshake messages of both sides in order, as if each had been sent in one fragment: what Finished and the
 * extended master secret are computed over. Numbers the messages to be sent.
 *
 * @see RFC 6347 §4.2.6
 */
export class Transcript {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #length = 0;
  #nextSequence: number;

  /** @param nextSequence number of the first message to be sent */
  constructor(nextSequence: number = 0) {
    this.#nextSequence = nextSequence;
  }

  /** Adds a message that came. */
  received(message: HandshakeMessage): void {
    this.#add(whole(message));
  }

  /** Numbers and adds a message to be sent. */
  sent(type: number, body: Uint8Array, epoch: 0 | 1 = 0): FlightItem {
    const message = { type, messageSequence: this.#nextSequence, body };
    this.#nextSequence++;
    const encoded = whole(message);
    this.#add(encoded);
    return { kind: 'message', epoch, message, whole: encoded };
  }

  /** Forgets the messages, not the numbers: a ClientHello without cookie does not count (RFC 6347 §4.2.1). */
  restart(): void {
    this.#length = 0;
  }

  /** All messages so far: what a CertificateVerify signs (RFC 5246 §7.4.8). A view, valid until the next message. */
  messages(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The hash over all messages so far. */
  hash(provider: CryptoProvider, algorithm: HashAlgorithm): Uint8Array {
    return provider.hash(algorithm, [this.messages()]);
  }

  #add(message: Uint8Array): void {
    const end = this.#length + message.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.messages());
      this.#bytes = grown;
    }
    this.#bytes.set(message, this.#length);
    this.#length = end;
  }
}

function whole({ type, messageSequence, body }: HandshakeMessage): Uint8Array {
  return encodeHandshakeFragment({ type, length: body.length, messageSequence, fragmentOffset: 0, body });
}
