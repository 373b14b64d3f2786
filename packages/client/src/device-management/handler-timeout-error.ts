/** A function of the application had not settled when the answer, or the notification, had to be made. */
export class HandlerTimeoutError extends Error {
  override readonly name = 'HandlerTimeoutError';

  /**
   * @param timeoutMs how long it was waited for
   */
  constructor(timeoutMs: number) {
    super(`not settled after ${timeoutMs} ms`);
  }
}
