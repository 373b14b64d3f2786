/**
 * `too-long`, `too-deep`, `too-many`: beyond a limit; `truncated`: the file ends too early; `bad-syntax`: no well-formed XML;
 * `bad-character`: a character that XML does not allow; `bad-entity`: a reference that is not one of the five predefined
 * entities and no character; `doctype`: a document type, which is refused whatever it says; `not-a-definition`: XML, but no
 * `LWM2M` with an `Object`; `missing`: an element or attribute is not there; `duplicate`: one stands twice, or an id does;
 * `bad-value`: an element holds what it may not.
 */
export type DdfErrorCode =
  | 'too-long'
  | 'too-deep'
  | 'too-many'
  | 'truncated'
  | 'bad-syntax'
  | 'bad-character'
  | 'bad-entity'
  | 'doctype'
  | 'not-a-definition'
  | 'missing'
  | 'duplicate'
  | 'bad-value';

/** A definition file that cannot be read. */
export class DdfError extends Error {
  override readonly name = 'DdfError';
  /** What is wrong. */
  readonly code: DdfErrorCode;
  /** Index of the first character (UTF-16 unit) that could not be accepted. */
  readonly offset: number;
  /** Its line, from 1. */
  readonly line: number;
  /** Its column in UTF-16 units, from 1. */
  readonly column: number;

  /**
   * @param code what is wrong
   * @param text the whole file
   * @param offset index of the first character that could not be accepted
   * @param reason what is wrong, for people
   */
  constructor(code: DdfErrorCode, text: string, offset: number, reason: string) {
    const lines = text.slice(text.startsWith(BYTE_ORDER_MARK) ? 1 : 0, offset).split(/\r\n?|\n/);
    const column = (lines.at(-1)?.length ?? 0) + 1;
    super(`${code} at line ${lines.length}, column ${column}: ${reason}`);
    this.code = code;
    this.offset = offset;
    this.line = lines.length;
    this.column = column;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is DdfError {
    return value instanceof Error && value.name === 'DdfError';
  }
}

/** What 44 files of the registry begin with. */
export const BYTE_ORDER_MARK = '\uFEFF';
