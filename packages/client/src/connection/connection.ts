import type { ClientCredentials, DatagramTransport, EndpointStats, RequestHandler } from '@motestack/coap';
import {
  type AbortSignalLike,
  CoapEndpoint,
  type CoapRequestInit,
  type CoapResponse,
  ConnectionLostError,
  PeerUnreachableError,
} from '@motestack/coap';
import type { ClientOptions, ClientPlatform, EndpointParts, OpenEndpoint } from '../client-options.ts';
import type { TrafficCounter } from '../objects/traffic-meter.ts';
import { SwitchableTransport } from './switchable-transport.ts';

/** A server's name may have so many addresses that are tried. */
const CANDIDATES_MAX = 8;

/** What a connection is made of. */
export interface ConnectionInit {
  /** Where the server is, the preferred way first; asked for each attempt. */
  readonly uris: () => readonly string[];
  readonly security: ClientCredentials | undefined;
  readonly platform: ClientPlatform;
  readonly options: Pick<ClientOptions, 'coap' | 'logger'>;
  /** Counts what goes over it. */
  readonly traffic: TrafficCounter;
  /** Answers the server's requests. */
  readonly handler: RequestHandler;
  /** A connection that was there has ended by itself. */
  readonly lost: () => void;
}

/** One address of one URI. */
interface Way {
  readonly uriIndex: number;
  readonly candidate: number;
}

interface OpenedWay {
  readonly way: Way;
  readonly opened: DatagramTransport | OpenEndpoint;
}

const FIRST_WAY: Way = { uriIndex: 0, candidate: 0 };

function isBefore(a: Way, b: Way): boolean {
  return a.uriIndex < b.uriIndex || (a.uriIndex === b.uriIndex && a.candidate < b.candidate);
}

/** How long a request is waited for. */
export interface RequestLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignalLike;
}

/** The way to one server: opened anew for each attempt to register, one CoAP endpoint on one connected transport. */
export class Connection {
  readonly #init: ConnectionInit;
  #endpoint: CoapEndpoint | undefined;
  #switchable: SwitchableTransport | undefined;
  /** What is tried first: another address after an attempt that nobody answered. */
  #first: Way = FIRST_WAY;
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
  async request(init: CoapRequestInit, limits: RequestLimits): Promise<CoapResponse> {
    const endpoint = this.#endpoint;
    if (endpoint?.remote === undefined) throw new Error('there is no connection to the server');
    return endpoint.request(endpoint.remote, init, limits);
  }

  /**
   * Asks the server for a sign of life, which also keeps a NAT's memory of the client fresh.
   *
   * @throws {CoapError} as `CoapEndpoint.ping`
   */
  async ping(timeoutMs: number): Promise<void> {
    const endpoint = this.#endpoint;
    if (endpoint?.remote !== undefined) await endpoint.ping(endpoint.remote, { timeoutMs });
  }

  /**
   * Opens a connection and sends the first request on it. Where nobody listens, the next address of the server's name is
   * tried at once; where nobody answers, the next attempt begins with it.
   *
   * @throws {CoapError} as `CoapEndpoint.request`
   * @throws whatever the transport factory throws
   */
  reopen(init: CoapRequestInit, limits: RequestLimits): Promise<CoapResponse> {
    return this.#throughCandidates(init, limits, async (opened) => this.#adopt(opened));
  }

  /**
   * Opens a new way to the server under the connection that there is, whose observations go on, and sends a request on it.
   *
   * @throws {CoapError} as `CoapEndpoint.request`
   * @throws whatever the transport factory throws
   */
  switchOver(init: CoapRequestInit, limits: RequestLimits): Promise<CoapResponse> {
    return this.#throughCandidates(init, limits, async (opened) => {
      if (this.#switchable === undefined || typeof opened === 'function') this.#adopt(opened);
      else await this.#switchable.switchTo(opened);
    });
  }

  /** Another way is preferred: the next attempt begins with the first. */
  beginAnew(): void {
    this.#first = FIRST_WAY;
  }

  /** Ends the connection; what is on its way ends with it. */
  disconnect(): void {
    const endpoint = this.#endpoint;
    this.#endpoint = undefined;
    this.#switchable = undefined;
    if (endpoint === undefined) return;
    const closing = endpoint.close().finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }

  /** Settles when all that was disconnected is closed. */
  async closed(): Promise<void> {
    await Promise.all(this.#closing);
  }

  async #throughCandidates(
    init: CoapRequestInit,
    limits: RequestLimits,
    take: (opened: DatagramTransport | OpenEndpoint) => Promise<void>,
  ): Promise<CoapResponse> {
    let unreachable: unknown;
    for await (const { way, opened } of this.#openWays(limits.signal)) {
      await take(opened);
      try {
        return await this.request(init, limits);
      } catch (error) {
        this.#first = { ...way, candidate: way.candidate + 1 };
        if (!PeerUnreachableError.is(error) && !ConnectionLostError.is(error)) throw error;
        unreachable = error;
      }
    }
    this.#first = FIRST_WAY;
    throw unreachable ?? new Error(`${this.#init.uris().join(', ')} has no address`);
  }

  /** Every address of every URI once, beginning with the one whose turn it is; behind the last comes the first. */
  async *#openWays(signal: AbortSignalLike): AsyncGenerator<OpenedWay, void, undefined> {
    const uris = this.#init.uris();
    const from = this.#first;
    let way = from;
    let isBehindLast = false;
    for (let tried = 0; tried < CANDIDATES_MAX && !(isBehindLast && !isBefore(way, from)); tried++) {
      const uri = uris[way.uriIndex];
      const opened = uri === undefined ? undefined : await this.#open(uri, way.candidate, signal);
      if (opened !== undefined) {
        yield { way, opened };
        way = { ...way, candidate: way.candidate + 1 };
        continue;
      }
      way = { uriIndex: way.uriIndex + 1, candidate: 0 };
      if (way.uriIndex < uris.length) continue;
      if (isBehindLast || from === FIRST_WAY) return;
      isBehindLast = true;
      way = FIRST_WAY;
    }
  }

  async #open(
    uri: string,
    candidate: number,
    signal: AbortSignalLike,
  ): Promise<DatagramTransport | OpenEndpoint | undefined> {
    const { security, platform } = this.#init;
    const opened = await platform.connect(uri, candidate, security);
    if (opened === undefined || typeof opened === 'function') {
      if (signal.aborted) throw new Error('the attempt was given up');
      return opened;
    }
    // Stopped, or overtaken, while the name was resolved.
    if (signal.aborted) {
      await opened.close();
      throw new Error('the attempt was given up');
    }
    if (opened.remote === undefined) {
      await opened.close();
      throw new TypeError(`the transport that was opened for ${uri} is not connected`);
    }
    return opened;
  }

  #adopt(opened: DatagramTransport | OpenEndpoint): void {
    this.disconnect();
    const { platform, options, handler, lost, traffic } = this.#init;
    const { clock, random } = platform;
    const parts: EndpointParts = {
      clock,
      random,
      handler,
      ...(options.coap === undefined ? {} : { parameters: options.coap }),
      ...(options.logger === undefined ? {} : { logger: options.logger }),
    };
    if (typeof opened === 'function') {
      const endpoint = opened(parts, {
        lost: () => {
          if (this.#endpoint === endpoint) lost();
        },
        traffic,
      });
      this.#endpoint = endpoint;
      return;
    }
    this.#switchable = new SwitchableTransport(opened, traffic);
    this.#endpoint = new CoapEndpoint({ ...parts, transport: this.#switchable });
  }
}
