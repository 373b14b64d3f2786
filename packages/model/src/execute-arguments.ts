/** Arguments of an Execute: `0='a',3` is `{ 0: 'a', 3: undefined }`. Keys are the digits 0 to 9. */
export type ExecuteArguments = Readonly<Record<number, string | undefined>>;

/** A text that is no list of Execute arguments. What a server is told is 4.00. */
export class ExecuteArgumentsError extends Error {
  override readonly name = 'ExecuteArgumentsError';
  /** `bad-argument`: not of the grammar; `duplicate-argument`: a digit stands twice. */
  readonly code: 'bad-argument' | 'duplicate-argument';
  /** Index of the first character that could not be accepted. */
  readonly offset: number;

  /**
   * @param code what is wrong
   * @param offset where, in characters
   */
  constructor(code: 'bad-argument' | 'duplicate-argument', offset: number) {
    super(`${code} at character ${offset} of the Execute arguments (LwM2M Core 1.2 §6.3.5)`);
    this.code = code;
    this.offset = offset;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is ExecuteArgumentsError {
    return value instanceof Error && value.name === 'ExecuteArgumentsError';
  }
}

/**
 * Reads the payload of an Execute.
 *
 * @param text the payload as text; empty is no arguments
 * @returns the arguments by digit; `undefined` where an argument has no value
 * @throws {ExecuteArgumentsError} if the text is not of the grammar, or names a digit twice
 * @see LwM2M Core 1.2 §6.3.5; digits are unique since 1.2.1
 * @example
 * parseExecuteArguments("7,0='https://example.com'") // { 0: 'https://example.com', 7: undefined }
 */
export function parseExecuteArguments(text: string): ExecuteArguments {
  const args: Record<number, string | undefined> = {};
  let offset = 0;
  while (offset < text.length) {
    const digit = text.charCodeAt(offset) - DIGIT_ZERO;
    if (!(digit >= 0 && digit <= 9)) throw new ExecuteArgumentsError('bad-argument', offset);
    if (digit in args) throw new ExecuteArgumentsError('duplicate-argument', offset);
    offset += 1;
    args[digit] = undefined;
    if (text[offset] === '=') {
      const end = endOfValue(text, offset + 1);
      args[digit] = text.slice(offset + 2, end);
      offset = end + 1;
    }
    if (offset === text.length) break;
    // A comma stands between two arguments, never at the end.
    if (text[offset] !== ',' || offset + 1 === text.length) throw new ExecuteArgumentsError('bad-argument', offset);
    offset += 1;
  }
  return args;
}

/**
 * Writes the payload of an Execute, digits ascending.
 *
 * @param args at most ten arguments; `undefined` is an argument without a value
 * @returns the text; empty without arguments
 * @throws {RangeError} for a key that is no digit or a value with a character that the grammar forbids (space, quote,
 *   backslash, control characters and all beyond ASCII)
 * @see LwM2M Core 1.2 §6.3.5
 */
export function formatExecuteArguments(args: ExecuteArguments): string {
  return Object.entries(args)
    .map(([digit, value]) => {
      if (!/^[0-9]$/.test(digit)) throw new RangeError(`an Execute argument is named by one digit, not ${digit}`);
      if (value === undefined) return digit;
      for (let index = 0; index < value.length; index++) {
        if (!isValueCharacter(value.charCodeAt(index))) {
          throw new RangeError(
            `character ${index} of Execute argument ${digit} may not stand there (LwM2M Core 1.2 §6.3.5)`,
          );
        }
      }
      return `${digit}='${value}'`;
    })
    .join(',');
}

const DIGIT_ZERO = 0x30;
const QUOTE = "'";

/** From the index of the opening quote to the index of the closing one. */
function endOfValue(text: string, start: number): number {
  if (text[start] !== QUOTE) throw new ExecuteArgumentsError('bad-argument', start);
  let end = start + 1;
  while (end < text.length && isValueCharacter(text.charCodeAt(end))) end += 1;
  if (text[end] !== QUOTE) throw new ExecuteArgumentsError('bad-argument', end);
  return end;
}

/** CHAR = "!" / %x23-26 / %x28-5B / %x5D-7E (LwM2M Core 1.2 §6.3.5). */
function isValueCharacter(code: number): boolean {
  return code === 0x21 || (code >= 0x23 && code <= 0x7e && code !== 0x27 && code !== 0x5c);
}
