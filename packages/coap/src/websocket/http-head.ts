import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';

/** The head of a request or a response of HTTP/1.1. */
export interface HttpHead {
  /** The first line, such as `GET /.well-known/coap HTTP/1.1`. */
  readonly startLine: string;
  /** Values by name in lower case; several of one name are joined by a comma (RFC 9110 §5.3). */
  readonly headers: ReadonlyMap<string, string>;
}

const CR = 13;
const LF = 10;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A field says no control character but the tabulator (RFC 9110 §5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Gathers the head of an HTTP message, however the stream is cut.
 *
 * @see RFC 9112 §2 to §5
 */
export class HttpHeadReader {
  readonly #headerBytesMax: number;
  readonly #bytes: Uint8Array;
  #length = 0;

  /** @param headerBytesMax the longest head that is read, in bytes, its empty line included */
  constructor(headerBytesMax: number) {
    this.#headerBytesMax = headerBytesMax;
    this.#bytes = new Uint8Array(headerBytesMax);
  }

  /**
   * Takes bytes up to the end of the head.
   *
   * @returns the head and the index behind it in `chunk`; `undefined`: more is to come
   * @throws {DecodeError} `too-long`, `bad-syntax`
   */
  read(chunk: Uint8Array): { readonly head: HttpHead; readonly end: number } | undefined {
    for (let index = 0; index < chunk.length; index++) {
      if (this.#length >= this.#headerBytesMax) throw error('too-long', this.#length);
      this.#bytes[this.#length++] = chunk[index] as number;
      if (this.#isAtEnd()) return { head: parseHead(this.#text()), end: index + 1 };
    }
    return undefined;
  }

  #isAtEnd(): boolean {
    const at = this.#length;
    const bytes = this.#bytes;
    return bytes[at - 1] === LF && bytes[at - 2] === CR && bytes[at - 3] === LF && bytes[at - 4] === CR;
  }

  #text(): string {
    let text = '';
    for (const byte of this.#bytes.subarray(0, this.#length - 4)) text += String.fromCharCode(byte);
    return text;
  }
}

function parseHead(text: string): HttpHead {
  const [startLine = '', ...lines] = text.split('\r\n');
  if (!FIELD_VALUE.test(startLine)) throw error('bad-syntax', 0);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).toLowerCase();
    const value = line.slice(colon + 1).trim();
    // A folded line has no name, and is refused (RFC 9112 §5.2).
    if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) throw error('bad-syntax', text.indexOf(line));
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { startLine, headers };
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: 'RFC 6455 §4' });
}
