import { isBodySource, isStreamedBody, type StreamedBody } from '../bodies/body-source.ts';
import { assertBytes, formatOption, payloadOf, segmentOption } from '../client/coap-request-init.ts';
import { encodeUintOption, isResponseCode, type Option, OptionNumber } from '../wire/index.ts';

/** What a handler answers, and what a notification says. */
export interface CoapAnswer {
  /** Class and detail in one byte: see `ResponseCode`. */
  readonly code: number;
  /** The format of the payload, by number. */
  readonly contentFormat?: number | undefined;
  /** Where what was created is: the segments of its path. */
  readonly locationPath?: readonly string[] | undefined;
  /** Names this representation, 1 to 8 bytes. */
  readonly eTag?: Uint8Array | undefined;
  /** For how long the answer is fresh. */
  readonly maxAgeSeconds?: number | undefined;
  /**
   * Any other options, but for Observe, which the endpoint adds itself. With Block2 among them the payload is sent as it
   * is: the handler cuts it himself.
   */
  readonly options?: readonly Option[] | undefined;
  /**
   * Of any length: what does not fit one block goes in several. An iterable is read as the peer asks for more, and its
   * transfer is kept meanwhile; a `BodySource` is read where the peer asks. Notifications are Uint8Arrays. Default: none.
   */
  readonly payload?: Uint8Array | StreamedBody | undefined;
  /** How long a streamed body is, told in Size2. Default: the `size` of a `BodySource`. */
  readonly payloadSize?: number | undefined;
  /**
   * Called once the answer was handed to the transport: events that follow from it are told then. Not called if that
   * does not come to pass: then the signal of the request is given. Not called for notifications.
   */
  readonly whenSent?: (() => void) | undefined;
}

/** The longest ETag (RFC 7252 §5.10). */
const ETAG_BYTES_MAX = 8;

/**
 * Makes code, options and payload of an answer.
 *
 * @throws {TypeError} a code that is not that of a response, a segment `.` or `..`, a payload or ETag that is no Uint8Array
 * @throws {RangeError} a value that its option cannot hold: an ETag has 1 to 8 bytes, a segment up to 255
 * @see RFC 7252 §5.10, §5.10.7
 */
export function encodeAnswer(answer: CoapAnswer): {
  readonly code: number;
  readonly options: readonly Option[];
  readonly payload: Uint8Array;
  readonly stream: StreamedBody | undefined;
} {
  const { code, contentFormat, locationPath, maxAgeSeconds, payload } = answer;
  const stream = isStreamedBody(payload) ? payload : undefined;
  const eTag = answer.eTag ?? (stream !== undefined && isBodySource(stream) ? stream.eTag : undefined);
  if (!isResponseCode(code)) throw new TypeError(`not the code of a response: ${code}`);
  const options: Option[] = [];
  if (eTag !== undefined) options.push(eTagOption(eTag));
  if (locationPath !== undefined) {
    for (const segment of locationPath) options.push(segmentOption(OptionNumber.LocationPath, segment));
  }
  if (contentFormat !== undefined) options.push(formatOption(OptionNumber.ContentFormat, contentFormat));
  if (maxAgeSeconds !== undefined) options.push(encodeUintOption(OptionNumber.MaxAge, maxAgeSeconds));
  if (answer.options !== undefined) options.push(...answer.options);
  return { code, options, payload: isStreamedBody(payload) ? payloadOf(undefined) : payloadOf(payload), stream };
}

function eTagOption(eTag: Uint8Array): Option {
  assertBytes(eTag, 'an ETag');
  if (eTag.length < 1 || eTag.length > ETAG_BYTES_MAX) throw new RangeError('an ETag has 1 to 8 bytes');
  return { number: OptionNumber.ETag, value: eTag };
}
