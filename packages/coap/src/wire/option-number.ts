/**
 * Option numbers by the names of the IANA registry.
 *
 * @see RFC 7252 §5.10, RFC 7641 §2, RFC 7959 §2.1, RFC 7967 §2, RFC 8613 §2, RFC 8768 §3, RFC 9175 §2.2.1 and §3.2.1, RFC 9177 §4.1, RFC 9668 §3.1
 */
export const OptionNumber = {
  /** RFC 7252 §5.10.8.1 */
  IfMatch: 1,
  /** RFC 7252 §5.10.1 */
  UriHost: 3,
  /** RFC 7252 §5.10.6 */
  ETag: 4,
  /** RFC 7252 §5.10.8.2 */
  IfNoneMatch: 5,
  /** RFC 7641 §2 */
  Observe: 6,
  /** RFC 7252 §5.10.1 */
  UriPort: 7,
  /** RFC 7252 §5.10.7 */
  LocationPath: 8,
  /** RFC 8613 §2 */
  Oscore: 9,
  /** RFC 7252 §5.10.1 */
  UriPath: 11,
  /** RFC 7252 §5.10.3 */
  ContentFormat: 12,
  /** RFC 7252 §5.10.5 */
  MaxAge: 14,
  /** RFC 7252 §5.10.1 */
  UriQuery: 15,
  /** RFC 8768 §3 */
  HopLimit: 16,
  /** RFC 7252 §5.10.4 */
  Accept: 17,
  /** RFC 9177 §4.1 */
  QBlock1: 19,
  /** RFC 7252 §5.10.7 */
  LocationQuery: 20,
  /** RFC 9668 §3.1 */
  Edhoc: 21,
  /** RFC 7959 §2.1 */
  Block2: 23,
  /** RFC 7959 §2.1 */
  Block1: 27,
  /** RFC 7959 §4 */
  Size2: 28,
  /** RFC 9177 §4.1 */
  QBlock2: 31,
  /** RFC 7252 §5.10.2 */
  ProxyUri: 35,
  /** RFC 7252 §5.10.2 */
  ProxyScheme: 39,
  /** RFC 7252 §5.10.9 */
  Size1: 60,
  /** RFC 9175 §2.2.1 */
  Echo: 252,
  /** RFC 7967 §2 */
  NoResponse: 258,
  /** RFC 9175 §3.2.1 */
  RequestTag: 292,
} as const;

/** One of the numbers of {@link OptionNumber}. */
export type OptionNumber = (typeof OptionNumber)[keyof typeof OptionNumber];

/**
 * Whether an endpoint that does not understand the option must refuse the message: odd numbers.
 *
 * @see RFC 7252 §5.4.6
 */
export function isCritical(optionNumber: number): boolean {
  return (optionNumber & 0b1) !== 0;
}

/**
 * Whether a proxy that does not understand the option must not forward the message.
 *
 * @see RFC 7252 §5.4.6
 */
export function isUnsafe(optionNumber: number): boolean {
  return (optionNumber & 0b10) !== 0;
}

/**
 * Whether the option has no part in a cache key. Means nothing for unsafe options.
 *
 * @see RFC 7252 §5.4.6
 */
export function isNoCacheKey(optionNumber: number): boolean {
  return (optionNumber & 0x1e) === 0x1c;
}
