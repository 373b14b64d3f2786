import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { type Leniency, resolveLeniency } from '../payload-context.ts';
import type { CborItemScanner } from './cbor-item-scanner.ts';
import type { JsonItemScanner } from './json-item-scanner.ts';
import type { SenmlRecord } from './senml-record.ts';

const SECTION = 'RFC 8428 §4.8';

/** How a stream is read. */
export interface SenmlStreamOptions {
  /** Bytes of one record; `too-long`. 65,536 unless said. */
  readonly recordBytesMax?: number | undefined;
  /** Containers within each other, the pack itself counted; `too-deep`. 16 unless said. */
  readonly nestingMax?: number | undefined;
  /** What differs from the defaults. */
  readonly leniency?: Partial<Leniency> | undefined;
}

/** Reads one whole record. */
export type RecordDecoder = (bytes: Uint8Array, leniency: Leniency, nestingMax: number) => SenmlRecord;

/** What stands between the records of a pack, and where the pack is. */
export interface PackFrame {
  /** Takes the byte between records. @returns `record` if one begins with it */
  take(byte: number): 'record' | 'frame' | DecodeErrorCode;
  /** A record ended. */
  recordEnds(): void;
  /** Whether the pack is complete. */
  readonly ended: boolean;
}

/**
 * Decodes a pack of any length whose bytes come in pieces. Only the record that is not complete is kept; time is linear in
 * the bytes, whatever the pieces are.
 */
export class SenmlStreamDecoder {
  readonly #scanner: CborItemScanner | JsonItemScanner;
  readonly #frame: PackFrame;
  readonly #decode: RecordDecoder;
  readonly #recordBytesMax: number;
  readonly #nestingMax: number;
  readonly #leniency: Leniency;
  /** The beginning of a record that is not complete. */
  #pending = new Uint8Array(256);
  #pendingLength = 0;
  #inRecord = false;
  /** Bytes that were read before the piece at hand. */
  #before = 0;

  /**
   * @internal made by `streamSenmlJson` and `streamSenmlCbor`
   * @param parts for one of the two formats
   * @param options how to read
   */
  constructor(
    parts: { scanner: CborItemScanner | JsonItemScanner; frame: PackFrame; decode: RecordDecoder },
    options: SenmlStreamOptions,
  ) {
    this.#scanner = parts.scanner;
    this.#frame = parts.frame;
    this.#decode = parts.decode;
    this.#recordBytesMax = options.recordBytesMax ?? 65_536;
    this.#nestingMax = options.nestingMax ?? 16;
    this.#leniency = resolveLeniency(options.leniency);
  }

  /**
   * Takes the next piece.
   *
   * @param piece any number of bytes; not kept
   * @returns the records that are complete with it, as they are written: see `PackResolver`
   * @throws {DecodeError} what the decoder of a whole pack throws. The offset of a fault between records counts from the
   *   beginning of the pack, that of a fault within one from the beginning of the record. The stream is of no use then
   */
  push(piece: Uint8Array): SenmlRecord[] {
    const records: SenmlRecord[] = [];
    let index = 0;
    while (index < piece.length) {
      if (!this.#inRecord) {
        const taken = this.#frame.take(piece[index] ?? 0);
        if (taken === 'frame') {
          index++;
          continue;
        }
        if (taken !== 'record') throw this.#error(taken, index);
        this.#inRecord = true;
      }
      const end = this.#scanner.scan(piece, index);
      if (this.#scanner.nesting >= this.#nestingMax) throw this.#error('too-deep', index);
      this.#keep(piece.subarray(index, end === -1 ? piece.length : end), index);
      if (end === -1) break;
      // A copy, since values of a record are views of what it was read from.
      records.push(this.#decode(this.#pending.slice(0, this.#pendingLength), this.#leniency, this.#nestingMax));
      this.#pendingLength = 0;
      this.#inRecord = false;
      this.#frame.recordEnds();
      index = end;
    }
    this.#before += piece.length;
    return records;
  }

  /**
   * Says that nothing follows.
   *
   * @throws {DecodeError} `truncated` if the pack is not complete
   */
  end(): void {
    if (this.#inRecord || !this.#frame.ended) throw this.#error('truncated', 0);
  }

  #keep(part: Uint8Array, index: number): void {
    const length = this.#pendingLength + part.length;
    if (length > this.#recordBytesMax) throw this.#error('too-long', index);
    if (length > this.#pending.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#pending.length));
      grown.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = grown;
    }
    this.#pending.set(part, this.#pendingLength);
    this.#pendingLength = length;
  }

  #error(code: DecodeErrorCode, index: number): DecodeError {
    return new DecodeError(code, { offset: this.#before + index, section: SECTION });
  }
}
