import type { DecodeErrorCode } from '@motestack/bytes';
import { JsonItemScanner } from '../senml/json-item-scanner.ts';
import { type PackFrame, SenmlStreamDecoder, type SenmlStreamOptions } from '../senml/senml-stream.ts';
import { readJsonRecord } from './json-pack.ts';

const WHITE_SPACE: readonly number[] = [0x20, 0x09, 0x0a, 0x0d];
const COMMA = 0x2c;
const ARRAY_BEGINS = 0x5b;
const ARRAY_ENDS = 0x5d;
const OBJECT_BEGINS = 0x7b;

/**
 * Decodes a SenML-JSON pack whose bytes come in pieces (SenSML).
 *
 * @param options how to read
 * @returns the decoder: `push` its pieces, then `end`
 * @see RFC 8428 §5, §4.8
 */
export function streamSenmlJson(options: SenmlStreamOptions = {}): SenmlStreamDecoder {
  return new SenmlStreamDecoder(
    { scanner: new JsonItemScanner(), frame: new JsonFrame(), decode: readJsonRecord },
    options,
  );
}

/** The brackets of the array, and the commas between records. */
class JsonFrame implements PackFrame {
  #state: 'begin' | 'first' | 'next' | 'behind' | 'ended' = 'begin';

  get ended(): boolean {
    return this.#state === 'ended';
  }

  take(byte: number): 'record' | 'frame' | DecodeErrorCode {
    if (WHITE_SPACE.includes(byte)) return 'frame';
    switch (this.#state) {
      case 'begin':
        if (byte !== ARRAY_BEGINS) return 'bad-type';
        this.#state = 'first';
        return 'frame';
      case 'first':
        return byte === ARRAY_ENDS ? this.#end() : this.#record(byte);
      case 'next':
        return this.#record(byte);
      case 'behind':
        if (byte === ARRAY_ENDS) return this.#end();
        if (byte !== COMMA) return 'bad-syntax';
        this.#state = 'next';
        return 'frame';
      case 'ended':
        return 'trailing-bytes';
    }
  }

  recordEnds(): void {
    this.#state = 'behind';
  }

  #end(): 'frame' {
    this.#state = 'ended';
    return 'frame';
  }

  #record(byte: number): 'record' | DecodeErrorCode {
    return byte === OBJECT_BEGINS ? 'record' : 'bad-type';
  }
}
