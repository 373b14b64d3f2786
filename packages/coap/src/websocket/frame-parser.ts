/** The kinds of frame (RFC 6455 §5.2). */
export const Opcode = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** Why a WebSocket connection ends (RFC 6455 §7.4.1). */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  /** Never sent: the Close frame had no code. */
  NoStatus: 1005,
  /** Never sent: the connection broke. */
  Abnormal: 1006,
  InvalidPayload: 1007,
  PolicyViolation: 1008,
  TooBig: 1009,
  InternalError: 1011,
} as const;

/** A peer that breaks a rule of RFC 6455: the connection is failed with `closeCode`. */
export interface Violation {
  readonly closeCode: number;
  readonly reason: string;
}

/** What a {@link FrameParser} takes apart. */
export type ParsedFrame =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'control'; readonly opcode: number; readonly payload: Uint8Array };

/** What a parser accepts. */
export interface ParserLimits {
  /** The longest message, all its frames together, in bytes. */
  readonly messageBytesMax: number;
  /** Whether frames come masked: "a client MUST mask all frames that it sends", a server none (RFC 6455 §5.1). */
  readonly isMasked: boolean;
}

/** Control frames are no longer than this (RFC 6455 §5.5). */
export const CONTROL_BYTES_MAX = 125;
/** Two bytes, eight of length, four of mask. */
const HEADER_BYTES_MAX = 14;
const FIRST_CAPACITY = 4096;
const NOTHING = new Uint8Array(0);

/**
 * Takes frames and messages from a stream, however it is cut.
 *
 * @see RFC 6455 §5
 */
export class FrameParser {
  readonly #limits: ParserLimits;
  readonly #header = new Uint8Array(HEADER_BYTES_MAX);
  #headerLength = 0;
  #opcode = 0;
  #isLast = false;
  /** How much of the payload of this frame is still to come; `undefined` while the header is not complete. */
  #missing: number | undefined;
  #maskStart = 0;
  #maskIndex = 0;
  /** Data so far: of the message, over its frames. */
  #data = NOTHING;
  #dataLength = 0;
  #isInMessage = false;
  readonly #control = new Uint8Array(CONTROL_BYTES_MAX);
  #controlLength = 0;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
  }

  /**
   * Takes a chunk.
   *
   * @param take is called for each message and each control frame, in order; returns whether more are wanted
   * @returns what rule the peer broke; the stream cannot be read on
   */
  read(chunk: Uint8Array, take: (frame: ParsedFrame) => boolean): Violation | undefined {
    let offset = 0;
    while (offset < chunk.length) {
      if (this.#missing === undefined) {
        this.#header[this.#headerLength++] = chunk[offset++] as number;
        const violation = this.#checkHeader();
        if (violation !== undefined) return violation;
        if (this.#missing === undefined) continue;
      }
      const missing: number = this.#missing ?? 0;
      const length = Math.min(missing, chunk.length - offset);
      this.#append(chunk, offset, length, missing);
      offset += length;
      this.#missing = missing - length;
      if (this.#missing > 0) continue;
      const frame = this.#endFrame();
      if (frame !== undefined && !take(frame)) return undefined;
    }
    return undefined;
  }

  /** Looks at the header as far as it came; sets `#missing` when it is complete. */
  #checkHeader(): Violation | undefined {
    const [first = 0, second = 0] = this.#header;
    if (this.#headerLength < 2) return first & 0x70 ? violation('a reserved bit is set') : undefined;
    if (this.#headerLength === 2) {
      const wrong = this.#checkStart(first, second);
      if (wrong !== undefined) return wrong;
    }
    const lengthField = second & 0x7f;
    const extension = lengthField < 126 ? 0 : lengthField === 126 ? 2 : 8;
    if (this.#headerLength < 2 + extension + (this.#limits.isMasked ? 4 : 0)) return undefined;
    this.#maskStart = 2 + extension;
    this.#maskIndex = 0;
    return this.#checkLength(lengthField, extension);
  }

  #checkLength(lengthField: number, extension: number): Violation | undefined {
    const view = new DataView(this.#header.buffer);
    const length = extension === 0 ? lengthField : extension === 2 ? view.getUint16(2) : longLength(view);
    // "the minimal number of bytes MUST be used to encode the length" (§5.2).
    if ((extension === 2 && length < 126) || (extension === 8 && length < 0x1_0000)) {
      return violation('a length is written with more bytes than it needs');
    }
    const { messageBytesMax } = this.#limits;
    if (this.#opcode < 8 && this.#dataLength + length > messageBytesMax) {
      return { closeCode: CloseCode.TooBig, reason: `a message is longer than ${messageBytesMax} bytes` };
    }
    this.#missing = length;
    return undefined;
  }

  #checkStart(first: number, second: number): Violation | undefined {
    this.#opcode = first & 0x0f;
    this.#isLast = first >= 0x80;
    if (second >= 0x80 !== this.#limits.isMasked) {
      return violation(this.#limits.isMasked ? 'a frame is not masked' : 'a frame is masked');
    }
    switch (this.#opcode) {
      case Opcode.Continuation:
        return this.#isInMessage ? undefined : violation('a continuation of nothing');
      case Opcode.Binary:
        if (this.#isInMessage) return violation('a message within a message');
        this.#isInMessage = true;
        return undefined;
      case Opcode.Text:
        // CoAP is binary (RFC 8323 §4.2).
        return { closeCode: CloseCode.UnsupportedData, reason: 'a text message' };
      case Opcode.Close:
      case Opcode.Ping:
      case Opcode.Pong:
        if (!this.#isLast) return violation('a control frame in fragments');
        return (second & 0x7f) > CONTROL_BYTES_MAX ? violation('a control frame is too long') : undefined;
      default:
        return violation('a reserved opcode');
    }
  }

  #append(chunk: Uint8Array, offset: number, length: number, missing: number): void {
    const isControl = this.#opcode >= 8;
    if (!isControl) this.#makeRoom(length, missing);
    const target = isControl ? this.#control : this.#data;
    const start = isControl ? this.#controlLength : this.#dataLength;
    if (this.#limits.isMasked) {
      for (let index = 0; index < length; index++) {
        const mask = this.#header[this.#maskStart + (this.#maskIndex++ & 3)] as number;
        target[start + index] = (chunk[offset + index] as number) ^ mask;
      }
    } else {
      target.set(chunk.subarray(offset, offset + length), start);
    }
    if (isControl) this.#controlLength += length;
    else this.#dataLength += length;
  }

  /** Grows by doubling: nobody holds what a peer only announces, and every byte is copied twice at most, over all. */
  #makeRoom(length: number, missing: number): void {
    const needed = this.#dataLength + length;
    if (needed <= this.#data.length) return;
    const isWhole = this.#isLast && length === missing;
    const capacity = isWhole ? needed : Math.max(needed, 2 * this.#data.length, FIRST_CAPACITY);
    const grown = new Uint8Array(capacity);
    grown.set(this.#data.subarray(0, this.#dataLength));
    this.#data = grown;
  }

  #endFrame(): ParsedFrame | undefined {
    this.#missing = undefined;
    this.#headerLength = 0;
    if (this.#opcode >= 8) {
      const payload = this.#control.slice(0, this.#controlLength);
      this.#controlLength = 0;
      return { kind: 'control', opcode: this.#opcode, payload };
    }
    if (!this.#isLast) return undefined;
    const bytes = this.#data.subarray(0, this.#dataLength);
    this.#data = NOTHING;
    this.#dataLength = 0;
    this.#isInMessage = false;
    return { kind: 'message', bytes };
  }
}

/**
 * Writes one frame, whole.
 *
 * @param mask four bytes that nobody can foretell, of a client; `undefined`: a server masks nothing
 * @see RFC 6455 §5.2, §5.3
 */
export function encodeWebSocketFrame(opcode: number, payload: Uint8Array, mask: Uint8Array | undefined): Uint8Array {
  const { length } = payload;
  const extension = length < 126 ? 0 : length < 0x1_0000 ? 2 : 8;
  const start = 2 + extension + (mask === undefined ? 0 : 4);
  const bytes = new Uint8Array(start + length);
  const view = new DataView(bytes.buffer);
  bytes[0] = 0x80 | opcode;
  bytes[1] = (mask === undefined ? 0 : 0x80) | (extension === 0 ? length : extension === 2 ? 126 : 127);
  if (extension === 2) view.setUint16(2, length);
  if (extension === 8) view.setBigUint64(2, BigInt(length));
  if (mask === undefined) {
    bytes.set(payload, start);
    return bytes;
  }
  bytes.set(mask.subarray(0, 4), start - 4);
  for (let index = 0; index < length; index++) {
    bytes[start + index] = (payload[index] as number) ^ (mask[index & 3] as number);
  }
  return bytes;
}

/** Beyond what is a number here it is beyond every limit, too. */
function longLength(view: DataView): number {
  return view.getUint32(2) * 0x1_0000_0000 + view.getUint32(6);
}

function violation(reason: string): Violation {
  return { closeCode: CloseCode.ProtocolError, reason };
}
