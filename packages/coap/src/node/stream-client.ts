import type { PeerId } from '../effects.ts';
import type { DisconnectAdvice, StreamReceiver, StreamTransport } from '../platform/stream-transport.ts';
import type { StreamPipe, StreamPipeOwner } from './stream-pipe.ts';

/** When a client connects again by itself. */
export interface ReconnectOptions {
  /** The wait after the first failure, in milliseconds. Default 1000. */
  readonly delayMs?: number | undefined;
  /** It doubles with each failure up to this. Default 60 000. */
  readonly delayMsMax?: number | undefined;
}

/** An attempt to connect. */
export interface ConnectAttempt {
  /** Gives it up. */
  abandon(): void;
}

/** What a {@link StreamClient} is made of. */
export interface StreamClientInit {
  readonly remote: PeerId;
  readonly localUrl: string;
  readonly framing: 'length' | 'message';
  /** Connects once: `owner.ready` when CoAP may begin, `owner.ended` when it came to nothing or is over. */
  readonly connect: (owner: StreamPipeOwner, piped: (pipe: StreamPipe) => void) => ConnectAttempt;
  /** `undefined`: only when there is something to send. */
  readonly reconnect: ReconnectOptions | undefined;
  /** One draw from [0, 1). */
  readonly chance: () => number;
}

const DELAY_MS = 1000;
const DELAY_MS_MAX = 60_000;
const TIMER_MS_MAX = 0x7fff_ffff;

/** One connection to one server, made when it is needed: TCP, TLS or WebSocket. */
export class StreamClient implements StreamTransport {
  readonly framing: 'length' | 'message';
  readonly localUrl: string;
  readonly remote: PeerId;
  readonly #init: StreamClientInit;
  #receiver: StreamReceiver | undefined;
  #attempt: ConnectAttempt | undefined;
  #pipe: StreamPipe | undefined;
  /** Those that are closing. */
  readonly #leaving = new Set<object>();
  /** Names the attempt or connection that counts. */
  #token: object | undefined;
  #isReady = false;
  #failures = 0;
  #notBefore = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed: Promise<void> | undefined;
  #onLeft: (() => void) | undefined;

  constructor(init: StreamClientInit) {
    this.framing = init.framing;
    this.localUrl = init.localUrl;
    this.remote = init.remote;
    this.#init = init;
  }

  open(receiver: StreamReceiver): void {
    if (this.#receiver !== undefined) throw new Error('the transport is open already');
    this.#receiver = receiver;
    if (this.#init.reconnect !== undefined) this.connect();
  }

  connect(): void {
    if (this.#closed !== undefined || this.#attempt !== undefined) return;
    clearTimeout(this.#timer);
    const waitMs = this.#notBefore - performance.now();
    if (waitMs > 0) {
      this.#wait(waitMs);
      return;
    }
    this.#start();
  }

  send(peer: PeerId, bytes: Uint8Array): void {
    if (peer === this.remote && this.#isReady) this.#pipe?.send(bytes);
  }

  disconnect(_peer: PeerId, advice: DisconnectAdvice = {}): void {
    const { holdOffMs } = advice;
    if (holdOffMs !== undefined) this.#notBefore = performance.now() + holdOffMs;
    this.#leave();
    this.#scheduleReconnect();
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      clearTimeout(this.#timer);
      this.#onLeft = () => {
        const receiver = this.#receiver;
        this.#receiver = undefined;
        receiver?.closed();
        resolve();
      };
      this.#leave();
      if (this.#leaving.size === 0) this.#onLeft();
    });
    return this.#closed;
  }

  #start(): void {
    // What belongs to an attempt that was given up tells nothing.
    const token = {};
    let isOver = false;
    const isCurrent = (): boolean => this.#token === token;
    this.#token = token;
    const owner: StreamPipeOwner = {
      ready: () => {
        if (isCurrent()) this.#connected();
      },
      bytes: (chunk) => {
        if (isCurrent()) this.#receiver?.bytes(this.remote, chunk);
      },
      ended: (cause) => {
        if (isOver) return;
        isOver = true;
        this.#left(token);
        if (isCurrent()) this.#lost(cause);
      },
    };
    const attempt = this.#init.connect(owner, (pipe) => {
      if (isCurrent()) this.#pipe = pipe;
      else pipe.end();
    });
    if (isCurrent() && !isOver) this.#attempt = attempt;
  }

  #connected(): void {
    this.#isReady = true;
    this.#failures = 0;
    this.#receiver?.connected(this.remote);
  }

  #lost(cause: Error | undefined): void {
    if (!this.#isReady) this.#failures++;
    this.#forget();
    this.#scheduleReconnect();
    this.#receiver?.disconnected(this.remote, cause);
  }

  #forget(): void {
    this.#attempt = undefined;
    this.#pipe = undefined;
    this.#isReady = false;
    this.#token = undefined;
  }

  /** Closes what there is, without a word. */
  #leave(): void {
    const pipe = this.#pipe;
    const attempt = this.#attempt;
    const token = this.#token;
    this.#forget();
    if (token === undefined) return;
    this.#leaving.add(token);
    if (pipe === undefined) attempt?.abandon();
    else pipe.end();
  }

  #left(token: object): void {
    if (this.#leaving.delete(token) && this.#leaving.size === 0) this.#onLeft?.();
  }

  /** Doubles the wait, and draws from its upper half so that those who lost one server do not come back as one. */
  #scheduleReconnect(): void {
    const { reconnect, chance } = this.#init;
    if (reconnect === undefined || this.#closed !== undefined) return;
    const { delayMs = DELAY_MS, delayMsMax = DELAY_MS_MAX } = reconnect;
    const longest = Math.min(delayMs * 2 ** Math.min(this.#failures, 30), delayMsMax);
    const waitMs = longest * (0.5 + chance() / 2);
    this.#notBefore = Math.max(this.#notBefore, performance.now() + waitMs);
    this.#wait(this.#notBefore - performance.now());
  }

  #wait(waitMs: number): void {
    clearTimeout(this.#timer);
    // A Hold-Off may be longer than a timer can be, which would then fire at once; `connect` looks again.
    this.#timer = setTimeout(() => this.connect(), Math.min(waitMs, TIMER_MS_MAX));
  }
}
