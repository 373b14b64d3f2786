import { CoapError, type CoapErrorDetail } from '../errors.ts';

/** The peer said that it is asked too often (4.29), and when it may be asked again. Nothing was sent. */
export class TooManyRequestsError extends CoapError {
  override readonly name: 'TooManyRequestsError' = 'TooManyRequestsError';
  readonly code: 'too-many-requests' = 'too-many-requests';
  /** In how many milliseconds the peer may be asked again. */
  readonly retryAfterMs: number;

  constructor(message: string, detail: CoapErrorDetail & { readonly retryAfterMs: number }) {
    super(message, detail);
    this.retryAfterMs = detail.retryAfterMs;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is TooManyRequestsError {
    return value instanceof Error && value.name === 'TooManyRequestsError' && 'retryAfterMs' in value;
  }
}
