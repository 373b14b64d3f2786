import { encodeUtf8 } from '@motestack/bytes';
import type { Instant, PeerId } from '../effects.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import { OptionNumber, ResponseCode } from '../wire/index.ts';

/** What Echo values are made with. */
export interface EchoValuesOptions {
  /**
   * A keyed MAC that nobody else can compute, such as HMAC-SHA-256 with a random key: at least 8 bytes. `nodeMac` makes
   * one. It is injected, since a portable core has no cryptography; a table of random values instead would be state for
   * every client that asks, which is what somebody with forged addresses would fill.
   */
  readonly mac: (bytes: Uint8Array) => Uint8Array;
  /** For how long a value shows that a request is fresh: the threshold T of RFC 9175 §2.3. Default: a minute. */
  readonly lifetimeMs?: number;
}

const TIME_BYTES = 6;
/** 64 bits: who guesses has to send every guess. */
const MAC_BYTES = 8;

/**
 * Echo values that show that a request is fresh and that its sender gets what is sent to its address: the time and a MAC
 * of time and peer. No state is held for any client.
 *
 * @see RFC 9175 §2.3, Appendix A, item 2
 * @example
 * const echo = new EchoValues({ mac: nodeMac() });
 * const handler = (request: CoapRequest) =>
 *   echo.isFresh(request, clock.now()) ? unlock() : echo.challenge(request.peer, clock.now());
 */
export class EchoValues {
  readonly #mac: (bytes: Uint8Array) => Uint8Array;
  readonly #lifetimeMs: number;

  /** @throws {RangeError} a lifetime that is not positive, a MAC of fewer than 8 bytes */
  constructor(options: EchoValuesOptions) {
    this.#mac = options.mac;
    this.#lifetimeMs = options.lifetimeMs ?? 60_000;
    if (!(this.#lifetimeMs > 0)) throw new RangeError('lifetimeMs is more than 0');
    if (this.#mac(new Uint8Array(0)).length < MAC_BYTES) throw new RangeError('a MAC has 8 bytes or more');
  }

  /** A value for a peer, 14 bytes. */
  issue(peer: PeerId, now: Instant): Uint8Array {
    const value = new Uint8Array(TIME_BYTES + MAC_BYTES);
    let rest = Math.floor(now);
    for (let index = TIME_BYTES - 1; index >= 0; index--) {
      value[index] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    value.set(this.#tag(peer, value), TIME_BYTES);
    return value;
  }

  /** Whether a request has a value that was issued to its peer within the lifetime. */
  isFresh(
    request: {
      readonly peer: PeerId;
      readonly options: readonly { readonly number: number; readonly value: Uint8Array }[];
    },
    now: Instant,
  ): boolean {
    const value = request.options.find(({ number }) => number === OptionNumber.Echo)?.value;
    if (value?.length !== TIME_BYTES + MAC_BYTES) return false;
    const expected = this.#tag(request.peer, value);
    let difference = 0;
    // All of it whatever differs: the time that it takes tells nothing.
    for (let index = 0; index < MAC_BYTES; index++) {
      difference |= (value[TIME_BYTES + index] as number) ^ (expected[index] as number);
    }
    if (difference !== 0) return false;
    const issuedAt = value.subarray(0, TIME_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
    return now >= issuedAt && now - issuedAt < this.#lifetimeMs;
  }

  /** 4.01 with a new value: the peer is to ask again with it (RFC 9175 §2.3). */
  challenge(peer: PeerId, now: Instant): CoapAnswer {
    const options = [{ number: OptionNumber.Echo, value: this.issue(peer, now) }];
    return { code: ResponseCode.Unauthorized, options };
  }

  #tag(peer: PeerId, value: Uint8Array): Uint8Array {
    const name = encodeUtf8(peer);
    const bytes = new Uint8Array(TIME_BYTES + name.length);
    bytes.set(value.subarray(0, TIME_BYTES));
    bytes.set(name, TIME_BYTES);
    return this.#mac(bytes).subarray(0, MAC_BYTES);
  }
}
