import type { DecodeErrorCode } from '@motestack/bytes';
import { CborItemScanner } from '../senml/cbor-item-scanner.ts';
import {
  type PackFrame,
  type RecordDecoder,
  SenmlStreamDecoder,
  type SenmlStreamOptions,
} from '../senml/senml-stream.ts';
import { readCborRecord } from './cbor-pack.ts';

const BREAK = 0xff;
const ARRAY = 4;
const INDEFINITE_INFO = 31;

/**
 * Decodes a SenML-CBOR pack whose bytes come in pieces, with or without a length (SenSML).
 *
 * @param options how to read
 * @returns the decoder: `push` its pieces, then `end`
 * @see RFC 8428 §6, §4.8
 */
export function streamSenmlCbor(options: SenmlStreamOptions = {}): SenmlStreamDecoder {
  return new SenmlStreamDecoder(
    { scanner: new CborItemScanner(), frame: new CborFrame(), decode: decodeRecord },
    options,
  );
}

const decodeRecord: RecordDecoder = (bytes, leniency, nestingMax) =>
  readCborRecord(bytes, leniency.hexadecimalNullLink, nestingMax);

/** The head of the array, and its break. */
class CborFrame implements PackFrame {
  #state: 'head' | 'argument' | 'records' | 'open' | 'ended' = 'head';
  #argumentLeft = 0;
  #left = 0;

  get ended(): boolean {
    return this.#state === 'ended';
  }

  take(byte: number): 'record' | 'frame' | DecodeErrorCode {
    switch (this.#state) {
      case 'head':
        return this.#head(byte);
      case 'argument':
        this.#left = this.#left * 256 + byte;
        this.#argumentLeft--;
        if (this.#argumentLeft === 0) this.#state = this.#left === 0 ? 'ended' : 'records';
        return 'frame';
      case 'open':
        if (byte !== BREAK) return 'record';
        this.#state = 'ended';
        return 'frame';
      case 'records':
        return 'record';
      case 'ended':
        return 'trailing-bytes';
    }
  }

  recordEnds(): void {
    if (this.#state !== 'records') return;
    this.#left--;
    if (this.#left === 0) this.#state = 'ended';
  }

  #head(byte: number): 'frame' | DecodeErrorCode {
    const info = byte & 0x1f;
    if (byte >>> 5 !== ARRAY) return 'bad-type';
    if (info < 24) {
      this.#left = info;
      this.#state = info === 0 ? 'ended' : 'records';
    } else if (info < 28) {
      this.#argumentLeft = 1 << (info - 24);
      this.#state = 'argument';
    } else if (info === INDEFINITE_INFO) this.#state = 'open';
    else return 'reserved-value';
    return 'frame';
  }
}
