import type { AbortSignalLike } from '@motestack/coap';
import type { LwM2mError } from './lwm2m-error.ts';
import type { BootstrapReason } from './registration/bootstrap-part.ts';

/**
 * What the client does for a server: `registering` (a Register is on its way), `registered`, `asleep` (registered, and its
 * awake window of queue mode is over), `waiting` (for its turn, or the next attempt), `offline` (there is no network),
 * `disabled` (the server asked it to stay away), `bootstrapping`, `failed` (no other attempt is allowed), `stopped`.
 */
export type ClientState =
  | 'registering'
  | 'registered'
  | 'asleep'
  | 'waiting'
  | 'offline'
  | 'disabled'
  | 'bootstrapping'
  | 'failed'
  | 'stopped';

/** A server as events tell it. */
export interface ServerInfo {
  /** As the account has it. */
  readonly uri: string;
  /** `/1/x/0` */
  readonly shortServerId: number;
  /** Where the server keeps the registration, such as `/rd/5a3f`; `undefined`: nowhere. */
  readonly location: string | undefined;
}

/** What a client tells. Listeners may be asynchronous: what they reject with is told as `error`. */
export interface ClientEvents {
  /** The server has acknowledged a Register. */
  registered: (server: ServerInfo) => void | Promise<void>;
  /** The server has acknowledged an Update. */
  updated: (server: ServerInfo) => void | Promise<void>;
  /** The state at a server is another. */
  state: (state: ClientState, server: ServerInfo) => void | Promise<void>;
  /** The bootstrap interface takes over: a server executed `/1/x/9`, or no server takes the client. */
  bootstrap: (reason: BootstrapReason) => void | Promise<void>;
  /** Something failed; the client goes on. */
  error: (error: LwM2mError) => void | Promise<void>;
}

/** The listeners of one client. */
export class EventListeners {
  readonly #listeners: { readonly [Event in keyof ClientEvents]: Set<ClientEvents[Event]> } = {
    registered: new Set(),
    updated: new Set(),
    state: new Set(),
    bootstrap: new Set(),
    error: new Set(),
  };
  readonly #failed: (event: keyof ClientEvents, cause: unknown) => void;

  /**
   * @param failed told what a listener threw or rejected with
   */
  constructor(failed: (event: keyof ClientEvents, cause: unknown) => void) {
    this.#failed = failed;
  }

  /** Adds a listener; `signal` takes it away. */
  add<Event extends keyof ClientEvents>(event: Event, listener: ClientEvents[Event], signal?: AbortSignalLike): void {
    if (signal?.aborted) return;
    this.#listeners[event].add(listener);
    signal?.addEventListener('abort', () => this.remove(event, listener), { once: true });
  }

  /** Takes a listener away. */
  remove<Event extends keyof ClientEvents>(event: Event, listener: ClientEvents[Event]): void {
    this.#listeners[event].delete(listener);
  }

  /** Calls the listeners of an event, in the order in which they were added. */
  tell<Event extends keyof ClientEvents>(event: Event, ...args: Parameters<ClientEvents[Event]>): void {
    for (const listener of [...this.#listeners[event]]) {
      try {
        const call = listener as (...args: Parameters<ClientEvents[Event]>) => void | Promise<void>;
        const result = call(...args);
        if (result !== undefined) result.then(undefined, (cause: unknown) => this.#failed(event, cause));
      } catch (cause) {
        this.#failed(event, cause);
      }
    }
  }
}
