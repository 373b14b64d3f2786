import { type RefusalCode, RequestRefusedError } from '../request-refused-error.ts';

/**
 * The refusal that follows from an error of a decoder or a check.
 *
 * @param responseCode the code of the answer
 * @param cause its message is the diagnostic
 */
export function refusalBecause(responseCode: RefusalCode, cause: Error): RequestRefusedError {
  return new RequestRefusedError(responseCode, cause.message, { cause });
}
