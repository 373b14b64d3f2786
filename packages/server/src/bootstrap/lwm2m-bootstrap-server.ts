import { encodeUtf8 } from '@motestack/bytes';
import {
  type AbortSignalLike,
  type AsyncDisposableLike,
  addAsyncDispose,
  type CoapAnswer,
  type CoapEndpoint,
  type CoapRequest,
  type Logger,
  ResponseCode,
} from '@motestack/coap';
import type { ObjectInventory } from '@motestack/codecs';
import type { ObjectLookup } from '@motestack/model';
import { Definitions } from '../definitions.ts';
import { Listeners } from '../listeners.ts';
import { InternalError, LwM2mError } from '../lwm2m-error.ts';
import type { Outcome } from '../registration/registration-fault.ts';
import { endpointOfIdentity } from '../security/endpoint-of-identity.ts';
import { identityFault } from '../security/identity-fault.ts';
import { openServerEndpoint } from '../server-transport.ts';
import type { BootstrapAnswer } from './bootstrap-configuration.ts';
import type { BootstrapEvents } from './bootstrap-events.ts';
import { encodeBootstrapPack, packFormat } from './bootstrap-pack.ts';
import { type BootstrapParameters, parseBootstrapParameters } from './bootstrap-request.ts';
import {
  BOOTSTRAP_REQUEST_TIMEOUT_MS,
  defaultBootstrapLimits,
  type PortableBootstrapServerOptions,
} from './bootstrap-server-options.ts';
import { BootstrapSession } from './bootstrap-session.ts';

/**
 * A bootstrap server: gives clients the servers that they shall register with, and whatever else they need to know.
 *
 * @see LwM2M Core 1.1.1 §6.1; LwM2M Transport 1.1 §6.4.2
 * @example
 * const bootstrap = await LwM2mBootstrapServer.listen({
 *   urls: ['coap://[::]:5783'],
 *   configuration: () => ({ servers: [{ uri: 'coap://lwm2m.example.com', shortServerId: 1 }] }),
 * });
 * bootstrap.on('finished', (endpoint) => console.log(endpoint, 'knows its server'));
 */
export class LwM2mBootstrapServer implements AsyncDisposableLike {
  readonly #options: PortableBootstrapServerOptions;
  readonly #limits: typeof defaultBootstrapLimits;
  readonly #lookup: ObjectLookup;
  readonly #endpoints = new Map<string, CoapEndpoint>();
  /** By endpoint name. */
  readonly #sessions = new Map<string, BootstrapSession>();
  readonly #listeners = new Listeners<BootstrapEvents>();
  #closing: Promise<void> | undefined;

  private constructor(options: PortableBootstrapServerOptions) {
    this.#options = options;
    this.#limits = { ...defaultBootstrapLimits, ...options.limits };
    for (const [name, limit] of Object.entries(this.#limits)) {
      if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${name} is a positive integer`);
    }
    // No client says here which versions it has: the newest definitions name every resource that there is.
    this.#lookup = new Definitions(options.objects).lookupFor({ lwm2mVersion: '1.2', inventory: NOTHING_LISTED });
  }

  /**
   * Starts a bootstrap server on transports that are open already.
   *
   * @throws {RangeError} for a limit that means nothing
   */
  static listen(options: PortableBootstrapServerOptions): Promise<LwM2mBootstrapServer> {
    const server = new LwM2mBootstrapServer(options);
    const { clock, random, coap: parameters = {}, logger } = options;
    for (const transport of options.transports) {
      const endpoint: CoapEndpoint = openServerEndpoint({
        transport,
        clock,
        random,
        parameters,
        logger,
        handler: (request) => server.#handleRequest(request, endpoint),
      });
      server.#endpoints.set(transport.localUrl, endpoint);
    }
    return Promise.resolve(server);
  }

  /** Where the server listens, with the real ports. */
  get urls(): readonly string[] {
    return [...this.#endpoints.keys()];
  }

  /** How many clients are being bootstrapped. */
  get sessions(): number {
    return this.#sessions.size;
  }

  /**
   * Adds a listener.
   *
   * @param options `signal` takes it away again
   */
  on<Event extends keyof BootstrapEvents>(
    event: Event,
    listener: BootstrapEvents[Event],
    options: { readonly signal?: AbortSignalLike | undefined } = {},
  ): this {
    this.#listeners.add(event, listener, options.signal);
    return this;
  }

  /** Ends everything; a client that is being bootstrapped is told nothing more and asks again by itself. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Closes the server at the end of an `await using` block. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  async #close(): Promise<void> {
    for (const session of this.#sessions.values()) session.end('the server is closed');
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#listeners.clear();
  }

  async #handleRequest(request: CoapRequest, coap: CoapEndpoint): Promise<CoapAnswer> {
    const [first] = request.path;
    // LwM2M Transport 1.1 Table 6.4.2-1: Bootstrap-Request is POST /bs; 1.2 adds GET /bspack.
    const method = first === 'bs' ? 'POST' : 'GET';
    if ((first !== 'bs' && first !== 'bspack') || request.path.length > 1) return { code: ResponseCode.NotFound };
    if (request.method !== method) return { code: ResponseCode.MethodNotAllowed };
    try {
      const parameters = await this.#parametersOf(request);
      if (!parameters.ok) return faultAnswer(parameters.fault);
      const answer = await this.#options.configuration(parameters.value);
      // Nobody says what such a client should have: it is told as little as one whose name is unknown.
      if (answer === undefined)
        return faultAnswer({ code: ResponseCode.BadRequest, reason: 'there is no configuration for this name' });
      if (first === 'bspack') return this.#pack(request, parameters.value, answer);
      return this.#start(request, coap, parameters.value, answer);
    } catch (cause) {
      this.#fail(cause);
      return { code: ResponseCode.InternalServerError };
    }
  }

  async #parametersOf(request: CoapRequest): Promise<Outcome<BootstrapParameters>> {
    const { identity, query } = request;
    const { security } = this.#options;
    const own = identity === undefined ? undefined : await endpointOfIdentity(identity, security);
    const parameters = parseBootstrapParameters(query, own, this.#limits.endpointBytesMax);
    if (!parameters.ok || security === undefined) return parameters;
    const fault = await identityFault(parameters.value.endpoint, identity, security);
    return fault === undefined ? parameters : { ok: false, fault };
  }

  #pack(request: CoapRequest, { endpoint }: BootstrapParameters, answer: BootstrapAnswer): CoapAnswer {
    // LwM2M Core 1.2 §6.1.7.7: 5.01 has the client ask with Bootstrap-Request instead; a procedure has no pack.
    if (answer === undefined || typeof answer === 'function') return { code: ResponseCode.NotImplemented };
    const contentFormat = packFormat(request.accept);
    if (contentFormat === undefined) return { code: ResponseCode.NotAcceptable };
    const payload = encodeBootstrapPack(answer, contentFormat, this.#lookup);
    const whenSent = (): void => this.#tell('packed', [endpoint]);
    return { code: ResponseCode.Content, contentFormat, payload, whenSent };
  }

  #start(
    request: CoapRequest,
    coap: CoapEndpoint,
    parameters: BootstrapParameters,
    answer: Exclude<BootstrapAnswer, undefined>,
  ): CoapAnswer {
    const { endpoint } = parameters;
    const isFull = this.#sessions.size >= this.#limits.sessionsMax && !this.#sessions.has(endpoint);
    if (isFull || this.#closing !== undefined) return { code: ResponseCode.ServiceUnavailable };
    const { clock, requestTimeoutMs = BOOTSTRAP_REQUEST_TIMEOUT_MS } = this.#options;
    const session = new BootstrapSession({
      ...parameters,
      answer,
      coap,
      clock,
      peer: request.peer,
      lookup: this.#lookup,
      requestTimeoutMs,
      onRequest: ({ operation, path, result }) => this.#logger?.debug?.({ operation, path, result }, 'request'),
      onUndiscovered: (error) => this.#logger?.warn?.({ code: error.code }, 'the client did not say what it has'),
    });
    // A client that asks anew has forgotten the bootstrap that was under way.
    this.#sessions.get(endpoint)?.end('the client asked anew');
    this.#sessions.set(endpoint, session);
    request.signal.addEventListener('abort', () => session.end('the client did not take the answer'));
    return { code: ResponseCode.Changed, whenSent: () => void this.#run(endpoint, session) };
  }

  async #run(endpoint: string, session: BootstrapSession): Promise<void> {
    this.#tell('started', [endpoint]);
    const error = await session.run();
    if (this.#sessions.get(endpoint) === session) this.#sessions.delete(endpoint);
    if (error === undefined) this.#tell('finished', [endpoint]);
    else this.#tell('failed', [endpoint, error]);
  }

  #tell<Event extends Exclude<keyof BootstrapEvents, 'error'>>(
    event: Event,
    args: Parameters<BootstrapEvents[Event]>,
  ): void {
    this.#logger?.info?.({ event }, `bootstrap ${event}`);
    this.#listeners.tell(event, args, (_event, error) => this.#fail(error));
  }

  #fail(cause: unknown): void {
    const detail = { operation: 'Bootstrap-Request', endpoint: undefined, path: undefined, cause } as const;
    const error = LwM2mError.is(cause) ? cause : new InternalError('the client was told 5.00', detail);
    const heard = this.#listeners.tell('error', [error], (_event, thrown) => this.#log(thrown));
    if (heard) this.#logger?.info?.({ event: 'error' }, 'bootstrap error');
    else this.#log(error);
  }

  /** Messages may name the client: the log gets the name of the error alone. */
  #log(error: unknown): void {
    this.#logger?.error?.({ name: error instanceof Error ? error.name : typeof error }, 'an error without a listener');
  }

  get #logger(): Logger | undefined {
    return this.#options.logger;
  }
}

addAsyncDispose(LwM2mBootstrapServer.prototype);

const NOTHING_LISTED: ObjectInventory = { rootPath: '/', contentFormats: [], objects: [] };

function faultAnswer({ code, reason }: { readonly code: number; readonly reason: string }): CoapAnswer {
  return { code, payload: encodeUtf8(reason) };
}
