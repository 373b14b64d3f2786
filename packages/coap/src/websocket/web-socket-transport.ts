import type { PeerId } from '../effects.ts';
import type { StreamReceiver, StreamTransport } from '../platform/stream-transport.ts';
import { CloseCode } from './frame-parser.ts';
import { COAP_SUBPROTOCOL } from './handshake.ts';

/** What the events of a {@link StandardWebSocket} may say. */
export interface StandardWebSocketEvent {
  /** `open`, `message`, `close` or `error`. */
  readonly type: string;
  /** Of `message`. */
  readonly data?: unknown;
  /** Of `close`. */
  readonly code?: number;
  /** Of `close`. */
  readonly reason?: string;
}

/** The part of the platform's `WebSocket` that is used: browsers, Deno, Bun and Node 22 have it. */
export interface StandardWebSocket {
  /** Is set to `arraybuffer`. */
  binaryType: string;
  /** Where to. */
  readonly url: string;
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** 0 connecting, 1 open, 2 closing, 3 closed. */
  readonly readyState: number;
  /** Bytes that wait to be sent. */
  readonly bufferedAmount: number;
  /** Sends one message. */
  send(data: ArrayBuffer): void;
  /** Begins the closing handshake. */
  close(code?: number, reason?: string): void;
  /** Calls `listener` at each event of this type. */
  addEventListener(type: string, listener: (event: StandardWebSocketEvent) => void): void;
}

/** How a {@link webSocketTransport} is used. */
export interface WebSocketTransportOptions {
  /** The name of the server; default: the URL of the socket. */
  readonly peer?: PeerId | undefined;
  /** More bytes than these may not wait to be sent: the connection is closed. Default 4 MiB. */
  readonly writeQueueBytesMax?: number | undefined;
}

const WRITE_QUEUE_BYTES_MAX = 4 * 1024 * 1024;
const OPEN = 1;
const CLOSING = 2;

/**
 * Carries CoAP over a WebSocket of the platform, so that it runs in a browser.
 *
 * @param socket opened with the subprotocol `coap`, at the path `/.well-known/coap`; this is its only user
 * @see RFC 8323 §4
 * @example
 * const socket = new WebSocket('wss://example.com/.well-known/coap', 'coap');
 * const transport = webSocketTransport(socket);
 */
export function webSocketTransport(
  socket: StandardWebSocket,
  options: WebSocketTransportOptions = {},
): StreamTransport {
  return new WebSocketTransport(socket, options);
}

class WebSocketTransport implements StreamTransport {
  readonly framing: 'message' = 'message';
  readonly localUrl: string;
  readonly remote: PeerId;
  readonly #socket: StandardWebSocket;
  readonly #writeQueueBytesMax: number;
  #receiver: StreamReceiver | undefined;
  #isConnected = false;
  #isClosing = false;
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => {};

  constructor(socket: StandardWebSocket, options: WebSocketTransportOptions) {
    this.#socket = socket;
    this.localUrl = socket.url;
    this.remote = options.peer ?? socket.url;
    this.#writeQueueBytesMax = options.writeQueueBytesMax ?? WRITE_QUEUE_BYTES_MAX;
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => this.#handleOpen());
    socket.addEventListener('message', (event) => this.#handleMessage(event));
    socket.addEventListener('close', (event) => this.#handleClose(event));
  }

  open(receiver: StreamReceiver): void {
    if (this.#receiver !== undefined) throw new Error('the transport is open already');
    this.#receiver = receiver;
    const { readyState } = this.#socket;
    if (readyState === OPEN) this.#handleOpen();
    if (readyState > CLOSING) this.#handleClose({ type: 'close' });
  }

  connect(): void {
    // A socket of the platform connects by itself, once; an ended one stays ended.
    if (this.#socket.readyState >= CLOSING) {
      this.#receiver?.disconnected(this.remote, new Error('the WebSocket is closed: a new one is needed'));
    }
  }

  send(_peer: PeerId, bytes: Uint8Array): void {
    if (!this.#isConnected) return;
    if (this.#socket.bufferedAmount + bytes.length > this.#writeQueueBytesMax) {
      this.#fail(`more than ${this.#writeQueueBytesMax} bytes wait to be sent (writeQueueBytesMax)`);
      return;
    }
    this.#socket.send(bytes.slice().buffer);
  }

  disconnect(): void {
    this.#isConnected = false;
    this.#socket.close(CloseCode.Normal);
  }

  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      if (this.#socket.readyState > CLOSING) this.#end();
      else this.disconnect();
    }
    return this.#closed;
  }

  #handleOpen(): void {
    if (this.#receiver === undefined || this.#isConnected || this.#isClosing) return;
    if (this.#socket.protocol !== COAP_SUBPROTOCOL) {
      this.#fail('the server did not choose the subprotocol coap (RFC 8323 §4.1)');
      return;
    }
    this.#isConnected = true;
    this.#receiver.connected(this.remote);
  }

  #handleMessage({ data }: StandardWebSocketEvent): void {
    if (!this.#isConnected) return;
    if (data instanceof ArrayBuffer) this.#receiver?.bytes(this.remote, new Uint8Array(data));
    else this.#fail('a text message came, and CoAP is binary (RFC 8323 §4.2)');
  }

  #handleClose({ code, reason }: StandardWebSocketEvent): void {
    const wasConnecting = !this.#isConnected && !this.#isClosing;
    if (this.#isConnected || wasConnecting) {
      this.#isConnected = false;
      const why = reason === undefined || reason === '' ? '' : `: ${reason}`;
      this.#receiver?.disconnected(this.remote, new Error(`the WebSocket was closed with ${code ?? 1006}${why}`));
    }
    this.#end();
  }

  #fail(why: string): void {
    this.#isConnected = false;
    // Of those in 1000 to 1999 the API of browsers lets nobody send more than 1000.
    this.#socket.close(CloseCode.Normal);
    this.#receiver?.disconnected(this.remote, new Error(why));
  }

  #end(): void {
    if (!this.#isClosing) return;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed();
    this.#resolveClosed();
  }
}
