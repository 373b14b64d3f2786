import type { EndReason } from './association/end-reason.ts';

/** A handshake came to nothing, or an association is over. */
export class DtlsError extends Error {
  /** Always `DtlsError`. */
  override readonly name = 'DtlsError';
  /** Why. */
  readonly code: EndReason;
  /** The number of the alert that was sent or received (RFC 5246 §7.2). */
  readonly alert: number | undefined;

  /**
   * @param code why
   * @param alert the number of the alert, where it was one
   */
  constructor(code: EndReason, alert?: number) {
    super(alert === undefined ? `the DTLS association ended: ${code}` : `the DTLS association ended: ${code} ${alert}`);
    this.code = code;
    this.alert = alert;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is DtlsError {
    return value instanceof DtlsError || (value instanceof Error && value.name === 'DtlsError' && 'alert' in value);
  }
}
