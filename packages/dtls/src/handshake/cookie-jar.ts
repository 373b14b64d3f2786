import { encodeUtf8 } from '@motestack/bytes';
import { concat } from '../concat.ts';
import type { CryptoProvider } from '../crypto-provider.ts';
import type { Instant, RandomSource } from '../effects.ts';
import type { ClientHelloHead } from '../wire/index.ts';

const SECRET_BYTES = 32;
const COOKIE_BYTES = 16;

/**
 * Makes and checks the cookies that show that a client hears what is sent to its address, and keeps nothing for it.
 *
 * A cookie is an HMAC over the address and the ClientHello; the key changes, and the one before still counts.
 *
 * @see RFC 6347 §4.2.1
 */
export class CookieJar {
  readonly #provider: CryptoProvider;
  readonly #random: RandomSource;
  readonly #lifetimeMs: number;
  #current: Uint8Array;
  #previous: Uint8Array;
  #period = Number.NEGATIVE_INFINITY;

  /** @param lifetimeMs a cookie is good for so long at least, and for twice as long at most */
  constructor(provider: CryptoProvider, random: RandomSource, lifetimeMs: number) {
    this.#provider = provider;
    this.#random = random;
    this.#lifetimeMs = lifetimeMs;
    this.#current = this.#secret();
    this.#previous = this.#secret();
  }

  /** The cookie for a client. */
  cookieFor(address: string, hello: ClientHelloHead, now: Instant): Uint8Array {
    this.#change(now);
    return this.#cookie(this.#current, address, hello);
  }

  /** Whether a ClientHello carries a cookie that was made for it and is not too old. */
  isGood(address: string, hello: ClientHelloHead, now: Instant): boolean {
    if (hello.cookie.length !== COOKIE_BYTES) return false;
    this.#change(now);
    return [this.#current, this.#previous].some((secret) =>
      this.#provider.isEqual(hello.cookie, this.#cookie(secret, address, hello)),
    );
  }

  #cookie(secret: Uint8Array, address: string, { beforeSessionId, afterCookie }: ClientHelloHead): Uint8Array {
    // All of the hello but the cookie: the client has to repeat it (RFC 6347 §4.2.1). Extensions may differ, and so may
    // the session id, against that clause: mbedTLS 2.28 draws another one beside a ticket, and would be asked for ever.
    const name = encodeUtf8(address);
    const all = concat([Uint8Array.of(name.length), name, beforeSessionId, afterCookie]);
    const mac = this.#provider.hmac('sha256', secret, [all]);
    return mac.subarray(0, COOKIE_BYTES);
  }

  #change(now: Instant): void {
    const period = Math.floor(now / this.#lifetimeMs);
    if (period <= this.#period) return;
    // After a long rest the one before is too old as well.
    this.#previous = period === this.#period + 1 ? this.#current : this.#secret();
    this.#current = this.#secret();
    this.#period = period;
  }

  #secret(): Uint8Array {
    const secret = new Uint8Array(SECRET_BYTES);
    this.#random.fill(secret);
    return secret;
  }
}
