import type { EndReason } from './association/end-reason.ts';

/** Why: an association ended, or `too-long`: a datagram for it was longer than the peer takes, and was not sent. */
export type DtlsErrorCode = EndReason | 'too-long';

/** A handshake came to nothing, an association is over, or a datagram could not be sent. */
export class DtlsError extends Error {
  /** Always `DtlsError`. */
  override readonly name = 'DtlsError';
  /** Why. */
  readonly code: DtlsErrorCode;
  /** The number of the alert that was sent or received (RFC 5246 §7.2). */
  readonly alert: number | undefined;

  /**
   * @param code why
   * @param alert the number of the alert, where it was one
   */
  constructor(code: DtlsErrorCode, alert?: number) {
    super(
      code === 'too-long'
        ? 'the datagram is longer than the peer takes'
        : `the DTLS association ended: ${code}${alert === undefined ? '' : ` ${alert}`}`,
    );
    this.code = code;
    this.alert = alert;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is DtlsError {
    return value instanceof DtlsError || (value instanceof Error && value.name === 'DtlsError' && 'alert' in value);
  }
}
