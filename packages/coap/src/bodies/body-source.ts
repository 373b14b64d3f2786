/**
 * A body of which any part can be read at any time: a file, a flash, a range of a database. An answer with one is served
 * without state for each transfer: for a later block of a GET the handler is asked again.
 *
 * @example
 * const source: BodySource = { size: firmware.length, eTag, read: (offset, length) => firmware.subarray(offset, offset + length) };
 */
export interface BodySource {
  /** How long it is, in bytes; without it one byte more than a block has is read, to see whether the body goes on. */
  readonly size?: number | undefined;
  /** Names this version of it, 1 to 8 bytes: without one a peer cannot tell that the body changed between two blocks. */
  readonly eTag?: Uint8Array | undefined;
  /**
   * Reads a part.
   *
   * @param offset where it begins
   * @param length how many bytes are wanted, 1 or more
   * @returns the bytes; fewer than are wanted where the body ends. They are used until the next call.
   */
  read(offset: number, length: number): Uint8Array | Promise<Uint8Array>;
}

/** A body that is not there as a whole. */
export type StreamedBody = AsyncIterable<Uint8Array> | BodySource;

/** Whether a payload is to be asked for, block by block. */
export function isStreamedBody(payload: Uint8Array | StreamedBody | undefined): payload is StreamedBody {
  if (!(payload instanceof Object) || payload instanceof Uint8Array) return false;
  return Symbol.asyncIterator in payload || ('read' in payload && typeof payload.read === 'function');
}

/** Whether any part of a body can be read at any time. */
export function isBodySource(body: StreamedBody): body is BodySource {
  return !(Symbol.asyncIterator in body);
}

/** A payload that came as a whole, as a body. */
export class WholeBody implements AsyncIterable<Uint8Array> {
  readonly #payload: Uint8Array;

  constructor(payload: Uint8Array) {
    this.#payload = payload;
  }

  /** Gives the payload once, or nothing where it is empty. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#payload.length > 0) yield this.#payload;
  }
}
