/** Why bytes or text from outside could not be read. One closed set for every decoder of the project. */
export type DecodeErrorCode =
  /** The input ends before the value does. */
  | 'truncated'
  /** Bytes are left over after the value. */
  | 'trailing-bytes'
  /** The version field names a version that this decoder does not know. */
  | 'unknown-version'
  /** A field holds a value that the specification reserves. */
  | 'reserved-value'
  /** A CoAP payload marker with nothing behind it (RFC 7252 §3). */
  | 'empty-payload-after-marker'
  /** Text that is not well-formed UTF-8. */
  | 'bad-utf8'
  /** Nesting beyond the decoder's limit. */
  | 'too-deep'
  /** More elements than the decoder's limit. */
  | 'too-many'
  /** A value longer than the decoder's limit, or than the specification allows. */
  | 'too-long'
  /** Text or structure that the grammar does not allow. */
  | 'bad-syntax'
  /** A value of a type that is not allowed in this place. */
  | 'bad-type'
  /** A value of the right type that is not allowed in this place. */
  | 'bad-value'
  /** The same key, label or path twice. */
  | 'duplicate'
  /** Something that the specification demands is not there. */
  | 'missing';

/** What {@link DecodeError} knows beside its code. */
export interface DecodeErrorDetail {
  /** Index of the first byte (of text: the first UTF-16 unit) that could not be accepted, counted from the start of the input. */
  readonly offset: number;
  /** Where the rule is written, e.g. `RFC 7252 §3`. */
  readonly section: string;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * Bytes or text from outside that cannot be read: the one error that every `decode…` and `parse…` throws.
 *
 * What a peer is told about it is decided elsewhere; the message holds no byte of the input.
 */
export class DecodeError extends Error {
  /** Always `DecodeError`. */
  override readonly name = 'DecodeError';
  /** What is wrong with the input. */
  readonly code: DecodeErrorCode;
  /** Index of the first byte (of text: the first UTF-16 unit) that could not be accepted, counted from the start of the input. */
  readonly offset: number;
  /** Where the rule is written, e.g. `RFC 7252 §3`. */
  readonly section: string;

  /**
   * @param code what is wrong with the input
   * @param detail where, by which rule, and what led to it
   */
  constructor(code: DecodeErrorCode, detail: DecodeErrorDetail) {
    // An error takes its cause from any object that has one.
    super(`${code} at byte ${detail.offset} (${detail.section})`, detail);
    this.code = code;
    this.offset = detail.offset;
    this.section = detail.section;
  }

  /**
   * `instanceof` that also holds across two installed copies of this package.
   *
   * @param value anything
   * @returns whether `value` is a `DecodeError`
   */
  static is(value: unknown): value is DecodeError {
    return value instanceof Error && value.name === 'DecodeError' && 'offset' in value;
  }
}
