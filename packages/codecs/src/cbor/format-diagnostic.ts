import { toHex } from '@motestack/bytes';
import { checkLength } from '../values/check-length.ts';
import { type CborLimits, defaultCborLimits } from './cbor-options.ts';
import {
  atBreak,
  begin,
  beginChunk,
  beginReading,
  type CborReader,
  finishReading,
  hasNext,
  INDEFINITE,
  peek,
  peekMajor,
  readHead,
  readInteger,
  readPlainNumber,
  readSimple,
  readTaggedNumber,
  refuse,
  takeBytes,
  takeText,
} from './cbor-reader.ts';
import * as MajorType from './major-type.ts';
import * as Tag from './tag.ts';

const SECTION = 'RFC 8949 §8';

/**
 * Writes one CBOR data item in diagnostic notation, for people to read. What the encoding chose is shown where it changes the
 * meaning to a reader: floats have a point, indefinite lengths an underscore; bignums are shown as numbers.
 *
 * @param payload one data item and nothing behind it
 * @param options limits that differ from the defaults
 * @returns one line of ASCII, such as `{"a": 1, "b": [_ h'0102', 1.5]}`
 * @throws {DecodeError} as `decodeCbor`, but for duplicates and the content of tags
 * @see RFC 8949 §8
 */
export function formatDiagnostic(
  payload: Uint8Array,
  options: { readonly limits?: Partial<CborLimits> | undefined } = {},
): string {
  const limits = { ...defaultCborLimits, ...options.limits };
  checkLength(payload, limits.payloadBytesMax, SECTION);
  const reader = beginReading(payload, SECTION, limits.nestingMax);
  const text = new DiagnosticPrinter(reader, limits.itemsMax).item(0);
  finishReading(reader);
  return text;
}

class DiagnosticPrinter {
  readonly #reader: CborReader;
  #left: number;

  constructor(reader: CborReader, itemsMax: number) {
    this.#reader = reader;
    this.#left = itemsMax;
  }

  item(nesting: number): string {
    const reader = this.#reader;
    if (--this.#left < 0) refuse(reader, 'too-many');
    const initial = peek(reader);
    const major = initial >>> 5;
    switch (major) {
      case MajorType.UNSIGNED:
      case MajorType.NEGATIVE:
        return String(readInteger(reader));
      case MajorType.BYTES:
      case MajorType.TEXT:
        return this.#string(major);
      case MajorType.ARRAY:
        return `[${this.#items(major, nesting)}]`;
      case MajorType.MAP:
        return `{${this.#items(major, nesting)}}`;
      case MajorType.TAG:
        return this.#tagged(nesting);
      default:
        return this.#simple(initial);
    }
  }

  #enter(nesting: number): number {
    if (nesting >= this.#reader.nestingMax) refuse(this.#reader, 'too-deep');
    return nesting + 1;
  }

  #string(major: 2 | 3): string {
    const reader = this.#reader;
    const length = begin(reader, major);
    if (length !== INDEFINITE) return this.#chunk(major, length);
    const chunks: string[] = [];
    while (!atBreak(reader)) chunks.push(this.#chunk(major, beginChunk(reader, major)));
    if (chunks.length === 0) return major === MajorType.BYTES ? "''_" : '""_';
    return `(_ ${chunks.join(', ')})`;
  }

  #chunk(major: 2 | 3, length: number): string {
    const reader = this.#reader;
    return major === MajorType.BYTES ? `h'${toHex(takeBytes(reader, length))}'` : quoted(takeText(reader, length));
  }

  #items(major: 4 | 5, nesting: number): string {
    const inner = this.#enter(nesting);
    const reader = this.#reader;
    const count = begin(reader, major);
    const items: string[] = [];
    for (let index = 0; hasNext(reader, index, count); index++) {
      const first = this.item(inner);
      items.push(major === MajorType.MAP ? `${first}: ${this.item(inner)}` : first);
    }
    return (count === INDEFINITE ? '_ ' : '') + items.join(', ');
  }

  #tagged(nesting: number): string {
    const inner = this.#enter(nesting);
    const reader = this.#reader;
    const start = reader.offset;
    const tag = readHead(reader);
    if ((tag === Tag.PositiveBignum || tag === Tag.NegativeBignum) && peekMajor(reader) === MajorType.BYTES) {
      return String(readTaggedNumber(reader, tag, start));
    }
    return `${tag}(${this.item(inner)})`;
  }

  #simple(initial: number): string {
    const reader = this.#reader;
    if (initial >= 0xf9 && initial <= 0xfb) return float(Number(readPlainNumber(reader)));
    const value = readSimple(reader);
    return NAMES[initial] ?? `simple(${value})`;
  }
}

const NAMES: Readonly<Record<number, string>> = { 244: 'false', 245: 'true', 246: 'null', 247: 'undefined' };

/** A number with a point, so that it is not taken for an integer: `1.0`, `1.0e+300`. */
function float(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const text = Object.is(value, -0) ? '-0' : String(value);
  const [mantissa = '', exponent] = text.split('e');
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.0`;
  return exponent === undefined ? pointed : `${pointed}e${exponent}`;
}

/** As in JSON, all but ASCII escaped: the notation is for terminals and logs too. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
