import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import { type CoapResponse, ContentFormat } from '@motestack/coap';
import { ContentError, decodePayload, type PayloadContext } from '@motestack/codecs';
import type { LwM2mNode } from '@motestack/model';
import { type LwM2mErrorDetail, UnexpectedAnswerError } from '../lwm2m-error.ts';
import { UnusableContentError } from './values-from-nodes.ts';

/** The nodes of an answer, in whatever format it came. @throws {DecodeError | ContentError} */
export function nodesOfAnswer(
  response: Pick<CoapResponse, 'contentFormat' | 'payload'>,
  context: PayloadContext,
): LwM2mNode[] {
  // A representation without a format is text where it can be, since that is what every client can send (LwM2M Core §7.4).
  const contentFormat = response.contentFormat ?? ContentFormat.TextPlain;
  const isText = contentFormat === ContentFormat.TextPlain || contentFormat === ContentFormat.OctetStream;
  // Nothing that may be read: an answer without a payload is legal (LwM2M Core §6.3.1, §6.3.8).
  if (response.payload.length === 0 && (response.contentFormat === undefined || !isText)) return [];
  return decodePayload(contentFormat, response.payload, context);
}

/** What a device's answer made a codec throw, as an error of the call; anything else as it is. */
export function answerError(error: unknown, detail: LwM2mErrorDetail): unknown {
  if (!DecodeError.is(error) && !ContentError.is(error) && !(error instanceof UnusableContentError)) return error;
  return new UnexpectedAnswerError(`the answer cannot be used: ${error.message}`, { ...detail, cause: error });
}

/** The payload of an error answer is a text for people if it has no format (RFC 7252 §5.5.2); anything else is no such text. */
export function diagnosticOf({ payload, contentFormat }: CoapResponse): string {
  if (contentFormat !== undefined && contentFormat !== ContentFormat.TextPlain) return '';
  if (payload.length > DIAGNOSTIC_BYTES_MAX) return '';
  try {
    return decodeUtf8(payload);
  } catch {
    return '';
  }
}

/** Longest diagnostic text that is kept, in bytes. */
const DIAGNOSTIC_BYTES_MAX = 256;
