import { DecodeError, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import type { RandomSource } from '../effects.ts';
import { formatBase64 } from './base64.ts';
import {
  CloseCode,
  CONTROL_BYTES_MAX,
  encodeWebSocketFrame,
  FrameParser,
  Opcode,
  type ParsedFrame,
} from './frame-parser.ts';
import { answerHandshake, encodeHandshakeRequest, type HandshakePolicy, refusalOfAnswer } from './handshake.ts';
import { type HttpHead, HttpHeadReader } from './http-head.ts';

/** What a peer of a WebSocket can make grow. */
export interface WebSocketLimits {
  /** The longest head of the opening handshake, in bytes. */
  readonly headerBytesMax: number;
  /** The longest message, all its frames together, in bytes. */
  readonly webSocketMessageBytesMax: number;
}

/** The defaults. */
export const defaultWebSocketLimits: WebSocketLimits = {
  headerBytesMax: 8192,
  webSocketMessageBytesMax: 64 * 1024,
};

/** Which side of a WebSocket this is. */
export type WebSocketRole =
  | {
      readonly kind: 'client';
      /** Host and, unless it is the default, port. */
      readonly host: string;
      readonly path?: string | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
    }
  | ({ readonly kind: 'server' } & HandshakePolicy);

/**
 * What a WebSocket tells.
 *
 * - `open`: the handshake is done; `host` is the Host header that a server got.
 * - `message`: a binary message, whole.
 * - `ended`: nothing is sent or taken any more; the stream is to be closed, once what was sent is out.
 */
export type WebSocketEvent =
  | { readonly kind: 'open'; readonly host: string | undefined }
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | {
      readonly kind: 'ended';
      /** 1000 and the like, as RFC 6455 §7.4 has them; 1006: without a Close frame. */
      readonly code: number;
      readonly reason: string;
    };

/** Where the effects of one step are gathered. */
export interface WebSocketStep {
  /** In the order in which they are to be sent. */
  readonly frames: Uint8Array[];
  /** What is to be told, in order. */
  readonly events: WebSocketEvent[];
}

/**
 * One WebSocket over some stream, in either role, without socket and clock: handshake, frames, closing.
 *
 * Messages are binary, extensions are not known. How long a handshake or a closing may take is up to the driver.
 *
 * @see RFC 6455
 */
export class WebSocketCore {
  readonly #role: WebSocketRole;
  readonly #random: RandomSource;
  readonly #parser: FrameParser;
  #head: HttpHeadReader | undefined;
  #key = '';
  #phase: 'handshake' | 'open' | 'closing' | 'ended' = 'handshake';

  constructor(role: WebSocketRole, limits: WebSocketLimits, random: RandomSource) {
    this.#role = role;
    this.#random = random;
    this.#head = new HttpHeadReader(limits.headerBytesMax);
    const messageBytesMax = limits.webSocketMessageBytesMax;
    this.#parser = new FrameParser({ messageBytesMax, isMasked: role.kind === 'server' });
  }

  /** `closing`: a Close frame was sent, and one is waited for. */
  get phase(): 'handshake' | 'open' | 'closing' | 'ended' {
    return this.#phase;
  }

  /** Begins: a client asks, a server waits. */
  start(step: WebSocketStep): void {
    if (this.#role.kind === 'server') return;
    const { host, path, headers } = this.#role;
    const nonce = new Uint8Array(16);
    this.#random.fill(nonce);
    this.#key = formatBase64(nonce);
    step.frames.push(encodeHandshakeRequest({ host, path, headers, key: this.#key }));
  }

  /** Takes what came of the stream. */
  handleBytes(chunk: Uint8Array, step: WebSocketStep): void {
    const rest = this.#phase === 'handshake' ? this.#shakeHands(chunk, step) : chunk;
    if (rest === undefined || this.#phase === 'ended') return;
    const violation = this.#parser.read(rest, (frame) => {
      this.#handleFrame(frame, step);
      return this.#phase !== ('ended' as string);
    });
    if (violation !== undefined) this.#fail(violation.closeCode, violation.reason, step);
  }

  /** Sends a binary message. */
  send(bytes: Uint8Array, step: WebSocketStep): void {
    if (this.#phase === 'open') this.#transmit(Opcode.Binary, bytes, step);
  }

  /** Begins the closing handshake; `ended` comes with the answer, or from `handleEnd` (RFC 6455 §7.1.2). */
  close(code: number, reason: string, step: WebSocketStep): void {
    if (this.#phase === 'handshake') this.#end(CloseCode.Abnormal, 'closed before the handshake was done', step);
    if (this.#phase !== 'open') return;
    this.#phase = 'closing';
    this.#transmit(Opcode.Close, closePayload(code, reason), step);
  }

  /** The stream ended, or took too long. */
  handleEnd(step: WebSocketStep): void {
    this.#end(CloseCode.Abnormal, 'the stream ended', step);
  }

  /** @returns what came behind the head */
  #shakeHands(chunk: Uint8Array, step: WebSocketStep): Uint8Array | undefined {
    try {
      const read = this.#head?.read(chunk);
      if (read === undefined) return undefined;
      this.#head = undefined;
      if (!this.#judge(read.head, step)) return undefined;
      return chunk.subarray(read.end);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      if (this.#role.kind === 'server') step.frames.push(encodeUtf8(refusalOf(error)));
      this.#end(CloseCode.Abnormal, `the handshake cannot be read: ${error.message}`, step);
      return undefined;
    }
  }

  #judge(head: HttpHead, step: WebSocketStep): boolean {
    if (this.#role.kind === 'client') {
      const refusal = refusalOfAnswer(head, this.#key);
      return this.#openUnless(refusal, undefined, step);
    }
    const { bytes, refusal, host } = answerHandshake(head, this.#role);
    step.frames.push(bytes);
    return this.#openUnless(refusal, host, step);
  }

  #openUnless(refusal: string | undefined, host: string | undefined, step: WebSocketStep): boolean {
    if (refusal !== undefined) {
      this.#end(CloseCode.Abnormal, refusal, step);
      return false;
    }
    this.#phase = 'open';
    step.events.push({ kind: 'open', host });
    return true;
  }

  #handleFrame(frame: ParsedFrame, step: WebSocketStep): void {
    if (frame.kind === 'message') {
      // "discard any data" that comes after a Close of ours is not demanded, but nobody waits for it (§5.5.1).
      if (this.#phase === 'open') step.events.push(frame);
      return;
    }
    if (frame.opcode === Opcode.Ping && this.#phase === 'open') this.#transmit(Opcode.Pong, frame.payload, step);
    if (frame.opcode === Opcode.Close) this.#handleClose(frame.payload, step);
  }

  #handleClose(payload: Uint8Array, step: WebSocketStep): void {
    if (payload.length === 0) {
      this.#answerClose(CloseCode.NoStatus, '', payload, step);
      return;
    }
    const code = ((payload[0] as number) << 8) | (payload[1] ?? 0);
    if (payload.length === 1 || !isCloseCode(code)) {
      this.#fail(CloseCode.ProtocolError, 'not a code to close with', step);
      return;
    }
    try {
      this.#answerClose(code, decodeUtf8(payload.subarray(2)), payload.subarray(0, 2), step);
    } catch {
      this.#fail(CloseCode.InvalidPayload, 'a reason that is no UTF-8', step);
    }
  }

  /** "the endpoint typically echos the status code it received" (RFC 6455 §5.5.1). */
  #answerClose(code: number, reason: string, echo: Uint8Array, step: WebSocketStep): void {
    if (this.#phase === 'open') this.#transmit(Opcode.Close, echo, step);
    this.#end(code, reason, step);
  }

  /** Fails the connection (RFC 6455 §7.1.7). */
  #fail(code: number, reason: string, step: WebSocketStep): void {
    if (this.#phase === 'open') this.#transmit(Opcode.Close, closePayload(code, reason), step);
    this.#end(code, reason, step);
  }

  #end(code: number, reason: string, step: WebSocketStep): void {
    if (this.#phase === 'ended') return;
    this.#phase = 'ended';
    step.events.push({ kind: 'ended', code, reason });
  }

  #transmit(opcode: number, payload: Uint8Array, step: WebSocketStep): void {
    step.frames.push(encodeWebSocketFrame(opcode, payload, this.#mask()));
  }

  /** "MUST be derived from a strong source of entropy", for each frame a new one (RFC 6455 §5.3). */
  #mask(): Uint8Array | undefined {
    if (this.#role.kind === 'server') return undefined;
    const mask = new Uint8Array(4);
    this.#random.fill(mask);
    return mask;
  }
}

function closePayload(code: number, reason: string): Uint8Array {
  const text = encodeUtf8(reason);
  const told = text.length > CONTROL_BYTES_MAX - 2 ? new Uint8Array(0) : text;
  const payload = new Uint8Array(2 + told.length);
  new DataView(payload.buffer).setUint16(0, code);
  payload.set(told, 2);
  return payload;
}

/** Codes that may stand in a Close frame (RFC 6455 §7.4): those defined, those registered, private ones. */
function isCloseCode(code: number): boolean {
  if (code >= 3000 && code < 5000) return true;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== CloseCode.NoStatus && code !== CloseCode.Abnormal;
}

function refusalOf(error: DecodeError): string {
  const status = error.code === 'too-long' ? '431 Request Header Fields Too Large' : '400 Bad Request';
  return `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;
}
