import type { BodyPart } from '../block/outgoing-body.ts';
import { ResponseCode } from '../wire/index.ts';
import { type BodySource, isBodySource, type StreamedBody } from './body-source.ts';

/** Bytes that are wanted, and that a body does not have. */
export class BodyRangeError extends RangeError {
  /** What a peer that wants them is told: the body ends before them, or they are gone. */
  readonly responseCode: number;

  constructor(message: string, responseCode: number) {
    super(message);
    this.responseCode = responseCode;
  }
}

/** Gives the parts of a body that an endpoint asks for. */
export interface BodyFeed {
  /**
   * Reads a part.
   *
   * @throws {BodyRangeError} there are no such bytes
   */
  read(offset: number, length: number): BodyPart | Promise<BodyPart>;
  /** Nothing is wanted any more. */
  close(): void;
}

/** @param size how long the body is to be; another length is an error */
export function openFeed(body: StreamedBody, size: number | undefined): BodyFeed {
  return isBodySource(body) ? new SourceFeed(body, size ?? body.size) : new IterableFeed(body, size);
}

/** Takes what a feed gives, or what it throws, at once or later. */
export interface FeedReader {
  /** Whether the bytes are still wanted. */
  readonly isWanted: () => boolean;
  /** Takes them. */
  readonly provide: (part: BodyPart) => void;
  /** There are none. */
  readonly fail: (error: unknown) => void;
}

/** Reads a part of a body for who wants it. */
export function readFeed(
  feed: BodyFeed,
  { offset, length }: { readonly offset: number; readonly length: number },
  { isWanted, provide, fail }: FeedReader,
): void {
  const onPart = (part: BodyPart): void => {
    if (isWanted()) provide(part);
  };
  const onError = (error: unknown): void => {
    if (isWanted()) fail(error);
  };
  let part: BodyPart | Promise<BodyPart>;
  try {
    part = feed.read(offset, length);
  } catch (error) {
    onError(error);
    return;
  }
  if ('then' in part) part.then(onPart).catch(onError);
  else onPart(part);
}

const NOTHING = new Uint8Array(0);

class SourceFeed implements BodyFeed {
  readonly #source: BodySource;
  readonly #size: number | undefined;

  constructor(source: BodySource, size: number | undefined) {
    this.#source = source;
    this.#size = size;
  }

  read(offset: number, length: number): BodyPart | Promise<BodyPart> {
    const size = this.#size;
    if (size !== undefined && offset > 0 && offset >= size) throw behindTheEnd();
    const wanted = size === undefined ? length + 1 : Math.min(length, size - offset);
    if (wanted === 0) return { payload: NOTHING, isLast: true };
    const bytes = this.#source.read(offset, wanted);
    return bytes instanceof Uint8Array
      ? this.#part(bytes, offset, length)
      : bytes.then((late) => this.#part(late, offset, length));
  }

  close(): void {}

  #part(bytes: Uint8Array, offset: number, length: number): BodyPart {
    assertChunk(bytes);
    const size = this.#size;
    if (size === undefined) {
      if (bytes.length === 0 && offset > 0) throw behindTheEnd();
      return { payload: bytes.subarray(0, length), isLast: bytes.length <= length };
    }
    if (bytes.length < Math.min(length, size - offset))
      throw new RangeError(`the body is shorter than its ${size} bytes`);
    return { payload: bytes.subarray(0, length), isLast: offset + length >= size };
  }
}

class IterableFeed implements BodyFeed {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #size: number | undefined;
  /** What was read and may be wanted (again): it begins with the latest part. */
  #window: Uint8Array = NOTHING;
  #start = 0;
  /** Whether the window is memory of the producer, which may use it again when it is asked for more. */
  #isBorrowed = false;
  #hasEnded = false;

  constructor(body: AsyncIterable<Uint8Array>, size: number | undefined) {
    this.#iterator = body[Symbol.asyncIterator]();
    this.#size = size;
  }

  read(offset: number, length: number): BodyPart | Promise<BodyPart> {
    const skipped = offset - this.#start;
    if (skipped < 0 || skipped > this.#window.length) {
      throw new BodyRangeError('the body is read from its start to its end', ResponseCode.RequestEntityIncomplete);
    }
    if (this.#hasEnded && offset > 0 && skipped === this.#window.length) throw behindTheEnd();
    this.#window = this.#window.subarray(skipped);
    this.#start = offset;
    return this.#hasEnded || this.#window.length > length ? this.#part(length) : this.#fill(length);
  }

  close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    // What it does about that is its own affair.
    this.#iterator.return?.().then(undefined, () => undefined);
  }

  /** One byte more than is wanted shows that the body goes on. */
  async #fill(length: number): Promise<BodyPart> {
    while (!this.#hasEnded && this.#window.length <= length) {
      // Not `slice`: that of a Node Buffer is a view.
      if (this.#isBorrowed) this.#window = new Uint8Array(this.#window);
      this.#isBorrowed = false;
      const { done, value } = await this.#iterator.next();
      if (done === true) this.#hasEnded = true;
      else this.#append(value);
    }
    const read = this.#start + this.#window.length;
    if (this.#size !== undefined && (read > this.#size || (this.#hasEnded && read < this.#size))) {
      throw new RangeError(`the body has not the ${this.#size} bytes that it was said to have`);
    }
    return this.#part(length);
  }

  #append(chunk: Uint8Array): void {
    assertChunk(chunk);
    if (this.#window.length === 0) {
      this.#window = chunk;
      this.#isBorrowed = true;
      return;
    }
    const joined = new Uint8Array(this.#window.length + chunk.length);
    joined.set(this.#window);
    joined.set(chunk, this.#window.length);
    this.#window = joined;
  }

  #part(length: number): BodyPart {
    return { payload: this.#window.subarray(0, length), isLast: this.#hasEnded && this.#window.length <= length };
  }
}

function behindTheEnd(): BodyRangeError {
  return new BodyRangeError('the body ends before these bytes', ResponseCode.BadRequest);
}

function assertChunk(chunk: unknown): void {
  if (!(chunk instanceof Uint8Array)) throw new TypeError('a body is made of Uint8Arrays');
}
