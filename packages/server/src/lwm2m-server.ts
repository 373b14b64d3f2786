import {
  type AbortSignalLike,
  type AsyncDisposableLike,
  addAsyncDispose,
  type CoapAnswer,
  CoapEndpoint,
  type CoapRequest,
  type Logger,
  ResponseCode,
} from '@motestack/coap';
import { Definitions } from './definitions.ts';
import type { DeviceAddress } from './device-management/device-requests.ts';
import { Listeners } from './listeners.ts';
import { type DeviceContext, LiveDevice } from './live-device.ts';
import { InternalError, ListenerError, LwM2mError, type Operation } from './lwm2m-error.ts';
import type { RegisteredDevice } from './registered-device.ts';
import { InMemoryRegistrationStore } from './registration/in-memory-registration-store.ts';
import { expiresAtEpochMs, type Registration } from './registration/registration.ts';
import type { RegistrationChange } from './registration/registration-change.ts';
import { RegistrationInterface } from './registration/registration-interface.ts';
import { defaultRegistrationLeniencies } from './registration/registration-leniencies.ts';
import { resolveRegistrationLimits } from './registration/registration-limits.ts';
import type { RegistrationStore } from './registration/registration-store.ts';
import type { ServerEvents } from './server-events.ts';
import type { DeviceInspection, ServerInspection } from './server-inspection.ts';
import {
  type DiagnosticsEvent,
  OBSERVATIONS_MAX,
  type PortableServerOptions,
  REQUEST_TIMEOUT_MS,
} from './server-options.ts';

/**
 * An LwM2M server: devices register with it, and it reads, writes, executes and observes them.
 *
 * @example
 * server.on('registered', async (device) => {
 *   const maker = await device.read(Device.manufacturer); // string
 * });
 */
export class LwM2mServer implements AsyncDisposableLike {
  readonly #options: PortableServerOptions;
  readonly #store: RegistrationStore;
  readonly #registrations: RegistrationInterface;
  readonly #registrationsMax: number;
  readonly #listeners = new Listeners();
  /** By registration id. */
  readonly #devices = new Map<string, LiveDevice>();
  readonly #endpoints = new Map<string, CoapEndpoint>();
  readonly #context: DeviceContext;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  private constructor(options: PortableServerOptions) {
    const {
      clock,
      random,
      authorize,
      security,
      limits: asked = {},
      leniencies: let_,
      requestTimeoutMs = REQUEST_TIMEOUT_MS,
    } = options;
    const { observationsMax = OBSERVATIONS_MAX, ...registrationLimits } = asked;
    if (!(requestTimeoutMs > 0 && Number.isFinite(requestTimeoutMs)))
      throw new RangeError(`requestTimeoutMs is a positive number of milliseconds, not ${requestTimeoutMs}`);
    if (!Number.isSafeInteger(observationsMax) || observationsMax < 1)
      throw new RangeError('observationsMax is a positive integer');
    const limits = resolveRegistrationLimits(registrationLimits);
    const definitions = new Definitions(options.objects);
    this.#options = options;
    this.#registrationsMax = limits.registrationsMax;
    this.#store = options.store ?? new InMemoryRegistrationStore();
    this.#context = {
      addressOf: (registration) => this.#addressOf(registration),
      lookupFor: (registration) => definitions.lookupFor(registration),
      store: this.#store,
      requestTimeoutMs,
      observationsMax,
      epochMs: () => clock.epochMs(),
      onRequest: (outcome) => this.#requestOver(outcome),
      onBackgroundError: (error, device) => this.#fail(error, device),
    };
    this.#registrations = new RegistrationInterface({
      store: this.#store,
      clock,
      random,
      rules: { limits, leniencies: { ...defaultRegistrationLeniencies, ...let_ } },
      authorize,
      security,
      listener: { applied: (change) => this.#applied(change) },
      onError: (error, operation) => this.#fail(error, undefined, operation),
    });
  }

  /**
   * Starts a server on transports that are open already.
   *
   * Nothing is told before the caller's next step: listeners that are attached at once miss nothing.
   *
   * @throws {RangeError} for a limit or timeout that means nothing
   */
  static async listen(options: PortableServerOptions): Promise<LwM2mServer> {
    const server = new LwM2mServer(options);
    await server.#registrations.start();
    for (const transport of options.transports) {
      const { clock, random, coap: parameters = {}, logger } = options;
      const { localUrl } = transport;
      const endpoint = new CoapEndpoint({
        transport,
        clock,
        random,
        parameters,
        ...(logger === undefined ? {} : { logger }),
        handler: (request) => server.#handleRequest(request, localUrl),
      });
      server.#endpoints.set(localUrl, endpoint);
    }
    return server;
  }

  /** Where the server listens, with the real ports: `coap://[::]:5683`. */
  get urls(): readonly string[] {
    return [...this.#endpoints.keys()];
  }

  /**
   * Adds a listener.
   *
   * @param options `signal` takes it away again
   */
  on<Event extends keyof ServerEvents>(
    event: Event,
    listener: ServerEvents[Event],
    options: { readonly signal?: AbortSignalLike | undefined } = {},
  ): this {
    this.#listeners.add(event, listener, options.signal);
    return this;
  }

  /** The device that is registered under an endpoint name. */
  async device(endpoint: string): Promise<RegisteredDevice | undefined> {
    const found = this.#store.findByEndpoint(endpoint);
    // Waits only for what is a promise: between finding a registration and taking its device it must not end.
    const registration = found instanceof Promise ? await found : found;
    return registration === undefined ? undefined : this.#deviceOf(registration);
  }

  /** All registered devices, in no particular order. */
  async *devices(): AsyncGenerator<RegisteredDevice, void, undefined> {
    const registrations = this.#store.registrations();
    if (Symbol.iterator in registrations) {
      for (const registration of registrations) yield this.#deviceOf(registration);
      return;
    }
    for await (const registration of registrations) yield this.#deviceOf(registration);
  }

  /**
   * The state of the server as plain JSON.
   *
   * @param options `devicesMax`: how many devices are listed, 100 unless said
   */
  inspect(options: { readonly devicesMax?: number } = {}): ServerInspection {
    const { devicesMax = 100 } = options;
    const devices: DeviceInspection[] = [];
    let observations = 0;
    for (const device of this.#devices.values()) {
      observations += device.observations;
      if (devices.length < devicesMax) devices.push(this.#inspectDevice(device));
    }
    return {
      urls: this.urls,
      closed: this.#closing !== undefined,
      registrations: this.#devices.size,
      registrationsMax: this.#registrationsMax,
      deadlines: this.#registrations.deadlines,
      registrationRequestsInFlight: this.#registrations.requestsInFlight,
      requestsInFlight: this.#requestsInFlight(),
      observations,
      devices,
      endpoints: [...this.#endpoints].map(([url, endpoint]) => ({ url, stats: endpoint.stats() })),
    };
  }

  /**
   * Ends everything: devices that come now are told 5.03, requests in flight get `timeoutMs` to be answered and reject with
   * `ServerClosedError` then, loops over observations end. Registrations are not removed from the store.
   *
   * @param options `timeoutMs`: 0 unless said
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#closing ??= this.#close(options.timeoutMs ?? 0);
    return this.#closing;
  }

  /** Closes the server at the end of an `await using` block. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  async #close(timeoutMs: number): Promise<void> {
    this.#registrations.close();
    if (timeoutMs > 0 && this.#requestsInFlight() > 0) await this.#idleOrTimeout(timeoutMs);
    for (const device of this.#devices.values()) device.end('server-closed');
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#listeners.clear();
  }

  #idleOrTimeout(timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    return new Promise((resolve) => {
      const cancelTimer = clock.schedule(clock.now() + timeoutMs, resolve);
      this.#onIdle = () => {
        cancelTimer();
        resolve();
      };
    });
  }

  #handleRequest(request: CoapRequest, localUrl: string): CoapAnswer | Promise<CoapAnswer> {
    // LwM2M Transport §6.4.3: registrations stand under /rd; the server has no other resource (RFC 7252 §5.9.2.5).
    if (request.path[0] !== 'rd') return { code: ResponseCode.NotFound };
    return this.#registrations.handleRequest(request, localUrl);
  }

  #applied(change: RegistrationChange): () => void {
    switch (change.kind) {
      case 'registered': {
        const replaced = change.replaced === undefined ? undefined : this.#endDevice(change.replaced, 'replaced');
        const device = this.#deviceOf(change.registration);
        return () => {
          if (replaced !== undefined) this.#tell('deregistered', replaced, 'replaced');
          this.#tell('registered', device);
        };
      }
      case 'updated': {
        const device = this.#deviceOf(change.previous);
        device.update(change.registration);
        return () => this.#tell('updated', device);
      }
      case 'ended': {
        const device = this.#endDevice(change.registration, change.reason);
        return () => this.#tell('deregistered', device, change.reason);
      }
    }
  }

  #deviceOf(registration: Registration): LiveDevice {
    const known = this.#devices.get(registration.id);
    if (known !== undefined) return known;
    const device = new LiveDevice(registration, this.#context);
    this.#devices.set(registration.id, device);
    return device;
  }

  #endDevice(registration: Registration, reason: 'deregister' | 'expired' | 'replaced'): LiveDevice {
    const device = this.#deviceOf(registration);
    this.#devices.delete(registration.id);
    device.end(reason);
    return device;
  }

  #addressOf(registration: Registration): DeviceAddress {
    const isClosing = this.#closing !== undefined;
    return { coap: isClosing ? undefined : this.#endpoints.get(registration.localUrl), peer: registration.peer };
  }

  #tell(event: 'registered' | 'updated', device: LiveDevice): void;
  #tell(event: 'deregistered', device: LiveDevice, reason: 'deregister' | 'expired' | 'replaced'): void;
  #tell(
    event: 'registered' | 'updated' | 'deregistered',
    device: LiveDevice,
    reason?: 'deregister' | 'expired' | 'replaced',
  ): void {
    const { endpoint, peer, lwm2mVersion } = device;
    const why = reason === undefined ? {} : { reason };
    this.#logger?.info?.({ event, peer, lwm2mVersion, ...why }, `device ${event}`);
    this.#diagnose(event, { endpoint, peer, lwm2mVersion, ...why });
    const failed = (name: keyof ServerEvents, cause: unknown): void => this.#listenerFailed(name, cause, device);
    if (reason === undefined) this.#listeners.tell(event as 'registered', [device], failed);
    else this.#listeners.tell('deregistered', [device, reason], failed);
  }

  #listenerFailed(event: keyof ServerEvents, cause: unknown, device: LiveDevice | undefined): void {
    const detail = { operation: 'Event', endpoint: device?.endpoint, path: undefined, event, cause } as const;
    this.#fail(new ListenerError(detail), device);
  }

  /** Tells of an error that nobody waits for: the `error` listeners, or the logger if there are none. */
  #fail(cause: unknown, device?: RegisteredDevice, operation: Operation = 'Event'): void {
    const detail = { operation, endpoint: device?.endpoint, path: undefined, cause } as const;
    const what = operation === 'Event' ? 'something failed in the background' : 'the device was told 5.00';
    const error = LwM2mError.is(cause) ? cause : new InternalError(what, detail);
    this.#diagnose('error', { endpoint: device?.endpoint, error });
    const args: [Error, RegisteredDevice?] = device === undefined ? [error] : [error, device];
    const heard = this.#listeners.tell('error', args, (_event, thrown) =>
      logError(this.#logger, 'an error listener failed', thrown),
    );
    if (!heard) logError(this.#logger, 'an error without a listener', error);
  }

  #diagnose(event: DiagnosticsEvent, message: Readonly<Record<string, unknown>>): void {
    try {
      this.#options.diagnostics?.(event, message);
    } catch (error) {
      logError(this.#logger, 'a diagnostics listener failed', error);
    }
  }

  get #logger(): Logger | undefined {
    return this.#options.logger;
  }

  #requestOver(outcome: { operation: string; endpoint: string; path: string | undefined; result: string }): void {
    const { operation, path, result } = outcome;
    this.#logger?.debug?.({ operation, path, result }, 'request');
    this.#diagnose('request', outcome);
    if (this.#onIdle !== undefined && this.#requestsInFlight() === 0) this.#onIdle();
  }

  #requestsInFlight(): number {
    let inFlight = 0;
    for (const device of this.#devices.values()) inFlight += device.requestsInFlight;
    return inFlight;
  }

  #inspectDevice(device: LiveDevice): DeviceInspection {
    const { endpoint, lwm2mVersion, peer, registration, requestsInFlight, observations, samplesDropped } = device;
    const expiresAt = expiresAtEpochMs(registration);
    const secondsLeft =
      expiresAt === undefined ? null : Math.max(0, (expiresAt - this.#options.clock.epochMs()) / 1000);
    const { lifetimeSeconds } = registration;
    return {
      endpoint,
      lwm2mVersion,
      peer,
      lifetimeSeconds,
      secondsLeft,
      requestsInFlight,
      observations,
      samplesDropped,
    };
  }
}

addAsyncDispose(LwM2mServer.prototype);

/** Messages of errors may name the device: the log gets what they are and where they come from, no text. */
function logError(logger: Logger | undefined, message: string, error: unknown): void {
  const chain: object[] = [];
  for (let link: unknown = error; link instanceof Error && chain.length < CAUSES_LOGGED_MAX; link = link.cause) {
    const { name, stack = '' } = link;
    const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
    const facts = LwM2mError.is(link) ? { operation: link.operation, path: link.path } : {};
    chain.push({ name, code: 'code' in link ? link.code : undefined, ...facts, frames });
  }
  logger?.error?.({ errors: chain }, message);
}

const CAUSES_LOGGED_MAX = 4;
