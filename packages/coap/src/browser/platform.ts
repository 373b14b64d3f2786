import type { StandardWebSocket } from '../websocket/web-socket-transport.ts';

/** What is used of a browser; Deno, Bun and Node 22 have it too. */
export interface Platform {
  /** Monotonic time. */
  readonly performance: {
    /** Milliseconds since the page was opened. */
    now(): number;
    /** When that was, in milliseconds since 1970. */
    readonly timeOrigin: number;
  };
  /** Calls `run` after so many milliseconds; what it returns cancels it. */
  setTimeout(run: () => void, delayMs: number): unknown;
  /** Cancels a timer. */
  clearTimeout(timer: unknown): void;
  /** Secure random bytes. */
  readonly crypto: {
    /** Fills at most 65,536 bytes. */
    getRandomValues(bytes: Uint8Array): unknown;
  };
  /** The standard client; Node 20 has none. */
  readonly WebSocket?: new (
    url: string,
    protocol: string,
  ) => StandardWebSocket;
}

/** The platform that this runs on. */
export const platform: Platform = globalThis as unknown as Platform;
