import { encodeUtf8 } from '@motestack/bytes';
import { CoapError } from '../errors.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import { formatCode, isResponseCode, type Option } from '../wire/index.ts';

/**
 * What a route's handler throws to answer with an error code. Anything else that it throws becomes 5.00 without a text.
 *
 * @example
 * throw new AnswerError(ResponseCode.NotFound, 'no such sensor');
 */
export class AnswerError extends CoapError {
  override readonly name: 'AnswerError' = 'AnswerError';
  readonly code: 'answer' = 'answer';
  /** What the peer is answered. */
  readonly answer: CoapAnswer;

  /**
   * @param responseCode that of the answer: see `ResponseCode`
   * @param diagnostic a text for people, which the peer gets as the payload (RFC 7252 §5.5.2); default none
   * @param options any options of the answer
   * @throws {TypeError} a code that is not that of a response
   */
  constructor(responseCode: number, diagnostic = '', options?: readonly Option[]) {
    if (!isResponseCode(responseCode)) throw new TypeError(`not the code of a response: ${responseCode}`);
    super(`${formatCode(responseCode)}${diagnostic && `: ${diagnostic}`}`);
    this.answer = { code: responseCode, options, payload: encodeUtf8(diagnostic) };
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is AnswerError {
    return value instanceof Error && value.name === 'AnswerError' && 'code' in value && value.code === 'answer';
  }
}
