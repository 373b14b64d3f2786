import type { ClientCredentials, EndpointStats, RequestHandler } from '@motestack/coap';
import {
  type AbortSignalLike,
  CoapEndpoint,
  type CoapRequestInit,
  type CoapResponse,
  PeerUnreachableError,
} from '@motestack/coap';
import type { ClientOptions, ClientPlatform } from './client-options.ts';

/** A server's name may have so many addresses that are tried. */
const CANDIDATES_MAX = 8;

/** What a connection is made of. */
export interface ConnectionInit {
  readonly uri: string;
  readonly security: ClientCredentials | undefined;
  readonly platform: ClientPlatform;
  readonly options: Pick<ClientOptions, 'coap' | 'logger'>;
  /** Answers the server's requests. */
  readonly handler: RequestHandler;
}

/** The way to one server: opened anew for each attempt to register, one CoAP endpoint on one connected transport. */
export class Connection {
  readonly #init: ConnectionInit;
  #endpoint: CoapEndpoint | undefined;
  readonly #closing = new Set<Promise<void>>();

  constructor(init: ConnectionInit) {
    this.#init = init;
  }

  /** The server's peer id; `undefined` while there is no connection. */
  get peer(): string | undefined {
    return this.#endpoint?.remote;
  }

  /** The endpoint's counters; `undefined` while there is no connection. */
  stats(): EndpointStats | undefined {
    return this.#endpoint?.stats();
  }

  /**
   * Sends a request on the connection that there is.
   *
   * @throws {CoapError} as `CoapEndpoint.request`
   */
  async request(init: CoapRequestInit, timeoutMs: number, signal: AbortSignalLike): Promise<CoapResponse> {
    const endpoint = this.#endpoint;
    if (endpoint?.remote === undefined) throw new Error('there is no connection to the server');
    return endpoint.request(endpoint.remote, init, { timeoutMs, signal });
  }

  /**
   * Opens a connection and sends the first request on it. Where nobody listens, the next address of the server's name is
   * tried at once.
   *
   * @throws {CoapError} as `CoapEndpoint.request`
   * @throws whatever the transport factory throws
   */
  async reopen(init: CoapRequestInit, timeoutMs: number, signal: AbortSignalLike): Promise<CoapResponse> {
    let unreachable: unknown;
    for (let candidate = 0; candidate < CANDIDATES_MAX; candidate++) {
      const opened = await this.#open(candidate, signal);
      if (!opened) break;
      try {
        return await this.request(init, timeoutMs, signal);
      } catch (error) {
        if (!PeerUnreachableError.is(error)) throw error;
        unreachable = error;
      }
    }
    throw unreachable ?? new Error(`${this.#init.uri} has no address`);
  }

  /** Ends the connection; what is on its way ends with it. */
  disconnect(): void {
    const endpoint = this.#endpoint;
    this.#endpoint = undefined;
    if (endpoint === undefined) return;
    const closing = endpoint.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Settles when all that was disconnected is closed. */
  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }

  async #open(candidate: number, signal: AbortSignalLike): Promise<boolean> {
    this.disconnect();
    const { uri, security, platform, options, handler } = this.#init;
    const { clock, random } = platform;
    const transport = await platform.connect(uri, candidate, security);
    if (transport === undefined) return false;
    // Stopped, or overtaken, while the name was resolved.
    if (signal.aborted) {
      await transport.close();
      throw new Error('the attempt was given up');
    }
    if (transport.remote === undefined) {
      await transport.close();
      throw new TypeError(`the transport that was opened for ${uri} is not connected`);
    }
    this.#endpoint = new CoapEndpoint({
      transport,
      clock,
      random,
      handler,
      ...(options.coap === undefined ? {} : { parameters: options.coap }),
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    });
    return true;
  }
}
