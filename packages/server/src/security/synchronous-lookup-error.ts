/**
 * A `SecurityStore` without `findByPskIdentityNow` was to serve `coaps+tcp` or `coaps+ws`: TLS asks for a pre-shared key in
 * the middle of a handshake, and cannot wait for an answer.
 */
export class SynchronousLookupError extends TypeError {
  /** Always `SynchronousLookupError`. */
  override readonly name = 'SynchronousLookupError';

  constructor() {
    super('TLS asks for pre-shared keys at once: the security store needs findByPskIdentityNow');
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is SynchronousLookupError {
    return value instanceof TypeError && value.name === 'SynchronousLookupError';
  }
}
