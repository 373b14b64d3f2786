import { encodeUtf8 } from '@motestack/bytes';
import type { UploadInit } from '../block/client-transfer.ts';
import { isBodySource, isStreamedBody, type StreamedBody } from '../bodies/body-source.ts';
import type { RetransmissionParameters } from '../parameters.ts';
import type { AbortSignalLike } from '../platform/abort-source.ts';
import { BLOCK_NUMBER_MAX, encodeUint, type Option, OptionNumber } from '../wire/index.ts';

/**
 * The methods by name.
 *
 * @see RFC 7252 §5.8, RFC 8132
 */
export type CoapMethod = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'FETCH' | 'PATCH' | 'iPATCH';

/** A request, as it is asked for. */
export interface CoapRequestInit {
  /** What is to be done. */
  readonly method: CoapMethod;
  /** The segments of the path, not percent-encoded. Default: none, which is `/`. */
  readonly path?: readonly string[];
  /** The arguments of the query, not percent-encoded. */
  readonly query?: readonly string[];
  /** The format of the payload, by number. */
  readonly contentFormat?: number;
  /** The format that is wanted for the response, by number. */
  readonly accept?: number;
  /** Any other options. With Block1 or Block2 among them nothing is cut or joined: the response is as it came. */
  readonly options?: readonly Option[];
  /**
   * Of any length: what does not fit one block goes in several, and of a streamed body no more is read than is sent. The
   * content of an iterable is sent once: where the peer asks to begin again, its answer (4.08, 4.13) is the response.
   * Default: none.
   */
  readonly payload?: Uint8Array | StreamedBody;
  /** How long the whole body is, told in Size1. Default: the length of the payload, where that is known. */
  readonly payloadSize?: number;
  /**
   * Where to go on: the payload is sent as if it began with this block, in units of the size that is sent (RFC 7959 §2.5);
   * without a payload, the response is fetched from this block on, and its ETag says whether what is there already is of
   * the same body. Default: 0.
   */
  readonly startBlock?: number;
  /** Whether the request is sent until it is acknowledged; blocks of a longer body always are. Default: yes. */
  readonly confirmable?: boolean;
}

/** How long a request is waited for. */
export interface RequestOptions {
  /** Ends the waiting with an `AbortedError`. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * Ends the waiting with a `TimeoutError`, counted from the call; where bodies go in several blocks, so long for each
   * of them. Default: the parameter `requestTimeoutMs`.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How often and when the request is sent again, where that is other than the endpoint's parameters say; `timeoutMs`
   * still ends the waiting. Over a reliable transport it means nothing. Default: as the parameters say.
   *
   * @see RFC 7252 §4.2, §4.8
   */
  readonly retransmission?: Partial<RetransmissionParameters> | undefined;
  /**
   * Is called when the request has first left, its first block where there are several: it waited for its turn (NSTART,
   * PROBING_RATE) until then. Never, if it does not leave. What it throws is for the log. Default: nobody is told.
   */
  readonly onSent?: (() => void) | undefined;
  /** Ends, with a `TimeoutError`, what goes in several blocks as a whole. Default: the parameter `bodyTimeoutMs`. */
  readonly bodyTimeoutMs?: number | undefined;
  /**
   * `stream`: the response is told with its first block, and its `body` is read as it comes; `payload` is empty then. If
   * the body changes meanwhile, reading it throws a `BodyChangedError`. Default: `whole`.
   */
  readonly responseBody?: 'whole' | 'stream' | undefined;
}

/** How long a request for an observation is waited for, and what it takes the place of. */
export interface ObserveOptions extends RequestOptions {
  /**
   * The token of an observation of ours at the same peer, of the same request: the peer renews its entry instead of
   * adding one, and the former observation ends when the answer is there, its `onEnd` called without an error (RFC 7641
   * §3.3.1, §4.1); to cancel the former cancels both. One that has ended meanwhile is observed anew. Default: a new observation.
   */
  readonly token?: Uint8Array | undefined;
}

/** How long a request is waited for whose response is not wanted, or only some. */
export interface TellOptions extends RequestOptions {
  /**
   * Which classes of responses are not wanted. Default: all, and then the promise resolves once the request is
   * acknowledged, or a Non-confirmable one is handed out. Else it is waited for a response until `timeoutMs` is over.
   */
  readonly unwanted?: readonly (2 | 4 | 5)[] | undefined;
}

/** In the order of their codes, from 1 on (RFC 7252 §12.1.1, RFC 8132 §6). */
const METHODS: readonly CoapMethod[] = ['GET', 'POST', 'PUT', 'DELETE', 'FETCH', 'PATCH', 'iPATCH'];

/** The name of a method; `undefined` for a code that is none. */
export function methodName(code: number): CoapMethod | undefined {
  return METHODS[code - 1];
}

/** The longest segment or argument (RFC 7252 §5.10.1). */
const TEXT_BYTES_MAX = 255;
const NOTHING = new Uint8Array(0);

/** What a request says besides its body. */
interface RequestHead {
  readonly isConfirmable: boolean;
  readonly code: number;
  readonly options: readonly Option[];
}

/**
 * Makes code and options of a request.
 *
 * @throws {TypeError} an unknown method, a path segment `.` or `..` (RFC 7252 §5.10.1)
 * @throws {RangeError} a segment or argument beyond 255 bytes, a format beyond 65535
 */
export function encodeRequestHead(init: CoapRequestInit): RequestHead {
  const code = METHODS.indexOf(init.method) + 1;
  if (code === 0) throw new TypeError(`no such method: ${init.method}`);
  const options: Option[] = [];
  for (const segment of init.path ?? []) options.push(segmentOption(OptionNumber.UriPath, segment));
  if (init.contentFormat !== undefined) options.push(formatOption(OptionNumber.ContentFormat, init.contentFormat));
  for (const argument of init.query ?? []) options.push(textOption(OptionNumber.UriQuery, argument));
  if (init.accept !== undefined) options.push(formatOption(OptionNumber.Accept, init.accept));
  if (init.options !== undefined) options.push(...init.options);
  return { isConfirmable: init.confirmable ?? true, code, options };
}

/**
 * Makes code, options and payload of a request, whose body may be streamed.
 *
 * @throws {TypeError} as `encodeRequestHead`; a payload that is no Uint8Array
 * @throws {RangeError} as `encodeRequestHead`; a size or block that has no number
 */
export function encodeRequestInit(init: CoapRequestInit): RequestHead & {
  readonly payload: Uint8Array;
  readonly upload: UploadInit | undefined;
  readonly payloadSize: number | undefined;
  readonly startBlock: number | undefined;
  readonly stream: StreamedBody | undefined;
} {
  const { payload, payloadSize: size, startBlock } = init;
  const stream = isStreamedBody(payload) ? payload : undefined;
  const isSource = stream !== undefined && isBodySource(stream);
  checkCount(size, 'payloadSize', SIZE_MAX);
  checkCount(startBlock, 'startBlock', BLOCK_NUMBER_MAX);
  const { isConfirmable, code, options } = encodeRequestHead(init);
  // One literal, no spread: every request comes by here.
  return {
    isConfirmable,
    code,
    options,
    payload: isStreamedBody(payload) ? NOTHING : payloadOf(payload),
    upload: stream && { isRepeatable: isSource },
    payloadSize: size ?? (isSource && !((startBlock ?? 0) > 0) ? stream.size : undefined),
    startBlock,
    stream,
  };
}

/**
 * An option that is one segment of a path; it may be empty.
 *
 * @throws {TypeError} a segment `.` or `..` (RFC 7252 §5.10.1, §5.10.7)
 * @throws {RangeError} a segment beyond 255 bytes
 */
export function segmentOption(number: number, segment: string): Option {
  if (segment === '.' || segment === '..') throw new TypeError('a path has no segment "." or ".."');
  return textOption(number, segment);
}

/**
 * The payload of a message of ours; none is empty.
 *
 * @throws {TypeError} anything else than a Uint8Array, whose bytes would not be those that are meant
 */
export function payloadOf(payload: unknown): Uint8Array {
  if (payload === undefined) return NOTHING;
  assertBytes(payload, 'a payload');
  return payload;
}

/**
 * Callers without types may give a string or an array.
 *
 * @throws {TypeError} anything else than a Uint8Array
 */
export function assertBytes(value: unknown, what: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw new TypeError(`${what} is a Uint8Array`);
}

function textOption(number: number, text: string): Option {
  const value = encodeUtf8(text);
  if (value.length > TEXT_BYTES_MAX) throw new RangeError('a path segment or query argument has at most 255 bytes');
  return { number, value };
}

/** What Size1 and Size2 can say (RFC 7959 §4). */
const SIZE_MAX = 0xffff_ffff;

function checkCount(value: number | undefined, name: string, max: number): void {
  if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= max)) return;
  throw new RangeError(`${name} is an integer from 0 to ${max}`);
}

/** The values of formats that were used: nearly every answer has one. */
const formatValues = new Map<number, Uint8Array>();
const FORMAT_VALUES_MAX = 64;

/** The option with the number of a content format (RFC 7252 §12.3). */
export function formatOption(number: number, contentFormat: number): Option {
  if (contentFormat > 0xffff) throw new RangeError('a content format is a number up to 65535');
  const known = formatValues.get(contentFormat);
  if (known !== undefined) return { number, value: known };
  const value = encodeUint(contentFormat);
  if (formatValues.size < FORMAT_VALUES_MAX) formatValues.set(contentFormat, value);
  return { number, value };
}
