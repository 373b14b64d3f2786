import { encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { ContentFormat, ResponseCode } from '../wire/index.ts';
import { AnswerError } from './answer-error.ts';

/**
 * 2.05, what a GET or FETCH is answered with.
 *
 * @param payload a text is sent as UTF-8, with the format `text/plain` unless another one is given
 * @param contentFormat the format by number: see `ContentFormat`
 * @see RFC 7252 §5.9.1.5
 */
export function content(
  payload: string | NonNullable<CoapAnswer['payload']>,
  contentFormat: number | undefined = typeof payload === 'string' ? ContentFormat.TextPlain : undefined,
): CoapAnswer {
  const body = typeof payload === 'string' ? encodeUtf8(payload) : payload;
  return { code: ResponseCode.Content, contentFormat, payload: body };
}

/**
 * 2.04, what a PUT, POST or PATCH is answered with.
 *
 * @see RFC 7252 §5.9.1.4
 */
export function changed(): CoapAnswer {
  return { code: ResponseCode.Changed };
}

/**
 * 2.01, what a PUT or POST that made a resource is answered with.
 *
 * @param locationPath where it is: the segments of its path; for a POST
 * @see RFC 7252 §5.9.1.1
 */
export function created(locationPath?: readonly string[]): CoapAnswer {
  return { code: ResponseCode.Created, locationPath };
}

/**
 * 2.02, what a DELETE is answered with.
 *
 * @see RFC 7252 §5.9.1.2
 */
export function deleted(): CoapAnswer {
  return { code: ResponseCode.Deleted };
}

/**
 * Chooses the format of an answer.
 *
 * @param request what is asked; all that counts is its Accept option
 * @param formats those that can be given, by number; the first is given to who wants none in particular
 * @throws {AnswerError} 4.06: another one is wanted
 * @see RFC 7252 §5.10.4
 * @example
 * const format = chooseContentFormat(request, [ContentFormat.TextPlain, ContentFormat.Json]);
 */
export function chooseContentFormat<Format extends number>(
  request: Pick<CoapRequest, 'accept'>,
  formats: readonly [Format, ...Format[]],
): Format {
  const { accept } = request;
  const format = accept === undefined ? formats[0] : formats.find((one) => one === accept);
  if (format === undefined) throw new AnswerError(ResponseCode.NotAcceptable);
  return format;
}
