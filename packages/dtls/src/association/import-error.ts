/**
 * Why an association was not imported.
 *
 * - `unauthentic`: sealed with another key, or changed since
 * - `unreadable`: of another version of this package, or no export at all
 * - `wrong-role`: a client's in a server, or a server's in a client
 * - `unfit`: its cipher suite or the length of its connection ID is not what this side uses
 * - `in-use`: it is here already, or another is in its place
 */
export type ImportErrorCode = 'unauthentic' | 'unreadable' | 'wrong-role' | 'unfit' | 'in-use';

/** An association was not imported: its peer has to make a new one. */
export class ImportError extends Error {
  /** Always `ImportError`. */
  override readonly name = 'ImportError';
  /** Why. */
  readonly code: ImportErrorCode;

  /**
   * @param code why
   * @param options what was found, as `cause`
   */
  constructor(code: ImportErrorCode, options?: ErrorOptions) {
    super(`the association was not imported: ${code}`, options);
    this.code = code;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is ImportError {
    return value instanceof ImportError || (value instanceof Error && value.name === 'ImportError' && 'code' in value);
  }
}
