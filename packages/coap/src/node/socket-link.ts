import type { Socket } from 'node:net';
import type { StreamLimits } from './stream-limits.ts';
import { loopVigil } from './vigil.ts';

/** What a link tells. After `ended` it tells nothing. */
export interface SocketLinkOwner {
  /** Bytes came; they are valid until the call returns. */
  bytes(chunk: Uint8Array): void;
  /** The connection is no more. */
  ended(cause: Error | undefined): void;
}

/** Who opened the connection, or who accepted it. */
export type LinkSide = 'client' | 'server';

/** What is sent in one turn up to here goes out as one piece. */
const GATHER_BYTES = 16_384;

/**
 * One connected socket, TCP or TLS: writes of one turn are gathered, a client that does not read is not read from, and
 * closing waits for what was sent.
 */
export class SocketLink {
  readonly #socket: Socket;
  readonly #limits: StreamLimits;
  readonly #side: LinkSide;
  #owner: SocketLinkOwner | undefined;
  #gathered: Buffer | undefined;
  #gatheredLength = 0;
  #isFlushing = false;
  readonly #vigil = loopVigil();
  #isEnding = false;
  #error: Error | undefined;
  #lingerTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: Socket, limits: StreamLimits, owner: SocketLinkOwner, side: LinkSide) {
    this.#socket = socket;
    this.#side = side;
    this.#limits = limits;
    this.#owner = owner;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => {
      this.#vigil.heard(this);
      if (!this.#isEnding) this.#owner?.bytes(chunk);
    });
    socket.on('drain', () => this.#resumeIfDrained());
    socket.on('error', (error) => {
      this.#error ??= error;
    });
    // The peer closed its side: nothing is half open here.
    socket.on('end', () => this.end());
    socket.on('close', () => {
      clearTimeout(this.#lingerTimer);
      const owner = this.#owner;
      this.#owner = undefined;
      owner?.ended(this.#error);
    });
  }

  /** How many bytes wait to be sent. */
  get waitingBytes(): number {
    return this.#gatheredLength + this.#socket.writableLength;
  }

  /** Sends bytes, which are copied; beyond `writeQueueBytesMax` the connection is broken. */
  send(bytes: Uint8Array): void {
    if (this.#isEnding || this.#socket.destroyed) return;
    const { writeQueueBytesMax } = this.#limits;
    if (this.waitingBytes + bytes.length > writeQueueBytesMax) {
      this.destroy(new Error(`more than ${writeQueueBytesMax} bytes wait to be sent (writeQueueBytesMax)`));
      return;
    }
    if (this.#gatheredLength + bytes.length > GATHER_BYTES) this.#flushNow();
    if (bytes.length > GATHER_BYTES) this.#write(Buffer.from(bytes));
    else this.#gather(bytes);
    this.#endTurn();
  }

  /** Closes the connection once what was sent is out; a peer that does not close its side in time is cut off. */
  end(): void {
    if (this.#isEnding || this.#socket.destroyed) return;
    this.#flushNow();
    this.#isEnding = true;
    this.#socket.end();
    // What still comes is not wanted, but must be read, else the end of the peer's side is never seen.
    this.#socket.resume();
    this.#lingerTimer = setTimeout(() => this.#socket.destroy(), this.#limits.closeTimeoutMs);
  }

  /** Breaks the connection. */
  destroy(cause: Error): void {
    this.#error ??= cause;
    this.#isEnding = true;
    this.#socket.destroy();
  }

  #gather(bytes: Uint8Array): void {
    this.#gathered ??= Buffer.allocUnsafe(GATHER_BYTES);
    this.#gathered.set(bytes, this.#gatheredLength);
    this.#gatheredLength += bytes.length;
  }

  /** What was gathered goes out when this turn is over. */
  #endTurn(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    setImmediate(this.#flush);
  }

  readonly #flush = (): void => {
    this.#isFlushing = false;
    this.#flushNow();
    this.#vigil.rest();
  };

  #flushNow(): void {
    const gathered = this.#gathered;
    if (gathered === undefined || this.#gatheredLength === 0) return;
    const piece = gathered.subarray(0, this.#gatheredLength);
    // The socket may keep it: the next turn has its own.
    this.#gathered = undefined;
    this.#gatheredLength = 0;
    this.#write(piece);
  }

  #write(piece: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    this.#socket.write(piece);
    // One side alone: if both read no more until the other does, neither ever would again.
    if (this.#side === 'client') return;
    if (this.#socket.writableLength > this.#limits.writeQueueBytesMax / 4) this.#socket.pause();
  }

  #resumeIfDrained(): void {
    if (this.#socket.isPaused()) this.#socket.resume();
  }
}
