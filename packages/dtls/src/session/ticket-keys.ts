import type { Aead, CryptoProvider } from '../crypto-provider.ts';
import type { Instant, RandomSource } from '../effects.ts';

interface TicketKey {
  readonly name: Uint8Array;
  readonly aead: Aead;
}

const NAME_BYTES = 16;
const NONCE_BYTES = 12;
const KEY_BYTES = 16;

/**
 * Seals sessions into tickets and opens them: name of the key, nonce, and the session under AES-128-GCM. The key
 * changes with time and the one before still opens, so that a ticket is good for `lifetimeMs` at least and for twice
 * as long at most.
 *
 * @see RFC 5077 §4, §5.5
 */
export class TicketKeys {
  readonly #provider: CryptoProvider;
  readonly #random: RandomSource;
  readonly #lifetimeMs: number;
  #current: TicketKey | undefined;
  #previous: TicketKey | undefined;
  #period = Number.NEGATIVE_INFINITY;

  constructor(provider: CryptoProvider, random: RandomSource, lifetimeMs: number) {
    this.#provider = provider;
    this.#random = random;
    this.#lifetimeMs = lifetimeMs;
  }

  /** Seals an encoded session. */
  seal(session: Uint8Array, now: Instant): Uint8Array {
    const { name, aead } = this.#change(now);
    const nonce = new Uint8Array(NONCE_BYTES);
    this.#random.fill(nonce);
    const sealed = aead.seal(nonce, name, session);
    const ticket = new Uint8Array(NAME_BYTES + NONCE_BYTES + sealed.length);
    ticket.set(name);
    ticket.set(nonce, NAME_BYTES);
    ticket.set(sealed, NAME_BYTES + NONCE_BYTES);
    return ticket;
  }

  /** Opens a ticket; `undefined`: it was not made here, was changed, or is too old. */
  open(ticket: Uint8Array, now: Instant): Uint8Array | undefined {
    const current = this.#change(now);
    if (ticket.length < NAME_BYTES + NONCE_BYTES + current.aead.tagBytes) return undefined;
    const name = ticket.subarray(0, NAME_BYTES);
    const key = [current, this.#previous].find((known) => known?.name.every((byte, at) => byte === name[at]));
    return key?.aead.open(
      ticket.subarray(NAME_BYTES, NAME_BYTES + NONCE_BYTES),
      name,
      ticket.subarray(NAME_BYTES + NONCE_BYTES),
    );
  }

  /** Forgets the keys: nothing opens any more. */
  destroy(): void {
    this.#current?.aead.destroy();
    this.#previous?.aead.destroy();
    this.#current = undefined;
    this.#previous = undefined;
  }

  #change(now: Instant): TicketKey {
    const period = Math.floor(now / this.#lifetimeMs);
    if (this.#current !== undefined && period <= this.#period) return this.#current;
    this.#previous?.aead.destroy();
    if (period === this.#period + 1) this.#previous = this.#current;
    else {
      // After a long rest the one before is too old as well.
      this.#current?.aead.destroy();
      this.#previous = undefined;
    }
    this.#period = period;
    this.#current = this.#newKey();
    return this.#current;
  }

  #newKey(): TicketKey {
    const name = new Uint8Array(NAME_BYTES);
    const key = new Uint8Array(KEY_BYTES);
    this.#random.fill(name);
    this.#random.fill(key);
    const aead = this.#provider.createAead('aes-128-gcm', key);
    key.fill(0);
    return { name, aead };
  }
}
