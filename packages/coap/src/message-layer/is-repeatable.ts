import { type DecodedMessage, hasOption, Method, OptionNumber } from '../wire/index.ts';

/**
 * Whether a request may run again for a duplicate whose first copy was forgotten: the idempotent methods.
 *
 * A block of a body is none of them: the assembly would count it twice.
 *
 * @see RFC 7252 §4.5, §5.8; RFC 8132 §2, §3 (FETCH and iPATCH are idempotent, PATCH is not)
 */
export function isRepeatable(message: DecodedMessage): boolean {
  switch (message.code) {
    case Method.Get:
    case Method.Delete:
      return true;
    case Method.Put:
    case Method.Fetch:
    case Method.IPatch:
      return !hasOption(message, OptionNumber.Block1) && !hasOption(message, OptionNumber.QBlock1);
    default:
      return false;
  }
}
