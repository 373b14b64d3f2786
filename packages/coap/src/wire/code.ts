/** The code of an empty message, 0.00 (RFC 7252 §4.1). */
export const EMPTY_CODE = 0;

/**
 * Request codes by method name.
 *
 * @see RFC 7252 §12.1.1, RFC 8132 §6 (FETCH, PATCH, iPATCH)
 */
export const Method = {
  /** 0.01 */
  Get: 0x01,
  /** 0.02 */
  Post: 0x02,
  /** 0.03 */
  Put: 0x03,
  /** 0.04 */
  Delete: 0x04,
  /** 0.05 */
  Fetch: 0x05,
  /** 0.06 */
  Patch: 0x06,
  /** 0.07 */
  IPatch: 0x07,
} as const;

/** One of the codes of {@link Method}. */
export type Method = (typeof Method)[keyof typeof Method];

/**
 * Response codes by the names of the IANA registry.
 *
 * @see RFC 7252 §12.1.2, RFC 7959 §6, RFC 8132 §6, RFC 8516 §5, RFC 8768 §6.1
 */
export const ResponseCode = {
  /** 2.01 */
  Created: 0x41,
  /** 2.02 */
  Deleted: 0x42,
  /** 2.03 */
  Valid: 0x43,
  /** 2.04 */
  Changed: 0x44,
  /** 2.05 */
  Content: 0x45,
  /** 2.31 */
  Continue: 0x5f,
  /** 4.00 */
  BadRequest: 0x80,
  /** 4.01 */
  Unauthorized: 0x81,
  /** 4.02 */
  BadOption: 0x82,
  /** 4.03 */
  Forbidden: 0x83,
  /** 4.04 */
  NotFound: 0x84,
  /** 4.05 */
  MethodNotAllowed: 0x85,
  /** 4.06 */
  NotAcceptable: 0x86,
  /** 4.08 */
  RequestEntityIncomplete: 0x88,
  /** 4.09 */
  Conflict: 0x89,
  /** 4.12 */
  PreconditionFailed: 0x8c,
  /** 4.13 */
  RequestEntityTooLarge: 0x8d,
  /** 4.15 */
  UnsupportedContentFormat: 0x8f,
  /** 4.22 */
  UnprocessableEntity: 0x96,
  /** 4.29 */
  TooManyRequests: 0x9d,
  /** 5.00 */
  InternalServerError: 0xa0,
  /** 5.01 */
  NotImplemented: 0xa1,
  /** 5.02 */
  BadGateway: 0xa2,
  /** 5.03 */
  ServiceUnavailable: 0xa3,
  /** 5.04 */
  GatewayTimeout: 0xa4,
  /** 5.05 */
  ProxyingNotSupported: 0xa5,
  /** 5.08 */
  HopLimitReached: 0xa8,
} as const;

/** One of the codes of {@link ResponseCode}. */
export type ResponseCode = (typeof ResponseCode)[keyof typeof ResponseCode];

/**
 * Signaling codes, which only reliable transports know.
 *
 * @see RFC 8323 §5, §11.1
 */
export const SignalingCode = {
  /** 7.01, Capabilities and Settings: the first message in each direction. */
  Csm: 0xe1,
  /** 7.02 */
  Ping: 0xe2,
  /** 7.03 */
  Pong: 0xe3,
  /** 7.04 */
  Release: 0xe4,
  /** 7.05 */
  Abort: 0xe5,
} as const;

/** One of the codes of {@link SignalingCode}. */
export type SignalingCode = (typeof SignalingCode)[keyof typeof SignalingCode];

/**
 * The class of a code: 0 request or empty, 2 success, 4 client error, 5 server error, 7 signaling; 1, 3 and 6 are reserved.
 *
 * @param code one byte
 * @returns 0 to 7
 * @see RFC 7252 §3
 */
export function codeClass(code: number): number {
  return code >>> 5;
}

/** Whether the code is that of a request, known or not: 0.01 to 0.31 (RFC 7252 §12.1). */
export function isRequestCode(code: number): boolean {
  return code > EMPTY_CODE && code < 0x20;
}

/** Whether the code is that of a response, known or not: classes 2, 4 and 5 (RFC 7252 §12.1). */
export function isResponseCode(code: number): boolean {
  const group = codeClass(code);
  return group === 2 || group === 4 || group === 5;
}

/**
 * Writes a code as the RFCs do.
 *
 * @param code one byte
 * @returns class, dot and two digits of detail
 * @see RFC 7252 §3
 * @example
 * formatCode(0x45) // '2.05'
 */
export function formatCode(code: number): string {
  return `${codeClass(code)}.${String(code & 0x1f).padStart(2, '0')}`;
}

/**
 * Reads what {@link formatCode} writes.
 *
 * @param text class, dot and two digits of detail
 * @returns one byte
 * @throws {TypeError} any other text
 * @example
 * parseCode('2.05') // 0x45
 */
export function parseCode(text: string): number {
  const [, group, detail] = /^([0-7])\.([0-2]\d|3[01])$/.exec(text) ?? [];
  if (group === undefined) throw new TypeError('a code is written as class, dot and two digits up to 31');
  return (Number(group) << 5) | Number(detail);
}
