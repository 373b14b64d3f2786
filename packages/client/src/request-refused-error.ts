/** The codes by which a client may refuse a server's request (LwM2M Transport 1.1.1 §6.7), and the two for trouble of its own. */
export type RefusalCode = '4.00' | '4.01' | '4.04' | '4.05' | '4.06' | '4.15' | '5.00' | '5.01' | '5.03';

/**
 * Throw it in a handler of the application (an Execute, the `write` of accessors, `create`) to choose the answer that the
 * server gets. Anything else that is thrown there is answered with 5.00.
 *
 * @example
 * Device.instance({ reboot: () => { throw new RequestRefusedError('4.05', 'an update is being installed'); } })
 */
export class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';
  /** The code of the answer. */
  readonly responseCode: RefusalCode;

  /**
   * @param responseCode the code of the answer
   * @param diagnostic a few words for whoever reads the server's log; sent as the answer's payload
   * @param options `cause`: what led to it; not sent
   */
  constructor(responseCode: RefusalCode, diagnostic = '', options: { readonly cause?: unknown } = {}) {
    super(diagnostic, options);
    this.responseCode = responseCode;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is RequestRefusedError {
    return value instanceof Error && value.name === 'RequestRefusedError' && 'responseCode' in value;
  }
}
