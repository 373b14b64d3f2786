import { decodeUtf8 } from '@motestack/bytes';
import { WholeBody } from '../bodies/body-source.ts';
import type { Instant, PeerId } from '../effects.ts';
import { decodeUint, type Message, type Option, OptionNumber } from '../wire/index.ts';
import type { CoapRequestInit } from './coap-request-init.ts';

/** A response or notification. */
export interface CoapResponse {
  /** Who answered. */
  readonly peer: PeerId;
  /** Class and detail in one byte, `0x45` for 2.05: see `ResponseCode`, `formatCode`. */
  readonly code: number;
  /** All options, ascending by number. */
  readonly options: readonly Option[];
  /** The format of the payload, by number. */
  readonly contentFormat: number | undefined;
  /** The sequence number of a notification, 24 bits. */
  readonly observe: number | undefined;
  /** Where what was created is: the segments of its path. Empty where none is said. */
  readonly locationPath: readonly string[];
  /** Names this representation. */
  readonly eTag: Uint8Array | undefined;
  /** For how long the response is fresh; `undefined` where it is not said, which means 60 (RFC 7252 §5.10.5). */
  readonly maxAgeSeconds: number | undefined;
  /** Empty where there is none, and where the body is streamed. */
  readonly payload: Uint8Array;
  /**
   * The payload, to be read once: as it comes where the request said `responseBody: 'stream'`. Whoever leaves the loop
   * ends the transfer. What it throws is named as what a request throws.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** When it came, monotonic milliseconds of the endpoint's clock. */
  readonly receivedAt: Instant;
}

/**
 * Reads a response, with its payload as body unless there is another. Options of an illegal
 * length, which is that of the registry, count as absent (RFC 7252 §5.4.3, §5.10 Table 4; RFC 7641 §2).
 *
 * @throws {DecodeError} `bad-utf8` in a Location-Path
 */
export function readResponse(
  peer: PeerId,
  message: Message,
  receivedAt: Instant,
  body: AsyncIterable<Uint8Array> = new WholeBody(message.payload),
): CoapResponse {
  let contentFormat: number | undefined;
  let observe: number | undefined;
  let eTag: Uint8Array | undefined;
  let maxAgeSeconds: number | undefined;
  const locationPath: string[] = [];
  const { options } = message;
  let previous = -1;
  for (const { number, value } of options) {
    const { length } = value;
    // What may come once counts where it comes first (RFC 7252 §5.4.5).
    const isFirst = number !== previous;
    previous = number;
    if (number === OptionNumber.LocationPath && length <= 255) locationPath.push(decodeUtf8(value, 'RFC 7252 §5.10.7'));
    else if (number === OptionNumber.ETag && length > 0 && length <= 8) eTag = value;
    else if (!isFirst) continue;
    else if (number === OptionNumber.ContentFormat && length <= 2) contentFormat = decodeUint(value);
    else if (number === OptionNumber.Observe && length <= 3) observe = decodeUint(value);
    else if (number === OptionNumber.MaxAge && length <= 4) maxAgeSeconds = decodeUint(value);
  }
  const { code, payload } = message;
  return { peer, code, options, contentFormat, observe, locationPath, eTag, maxAgeSeconds, payload, body, receivedAt };
}

/** Whether a response is one block of several, and that of a request that asked for no block. */
export function isCut({ options }: Message, init: Pick<CoapRequestInit, 'options'>): boolean {
  const { Block1, Block2 } = OptionNumber;
  if (init.options?.some(({ number }) => number === Block1 || number === Block2)) return false;
  // M, "whether more blocks are following", is the fourth bit of the last byte (RFC 7959 §2.2).
  return options.some(({ number, value }) => number === Block2 && ((value.at(-1) ?? 0) & 0b1000) !== 0);
}
