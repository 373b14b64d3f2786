import {
  type AbortSignalLike,
  type AsyncDisposableLike,
  addAsyncDispose,
  type CoapAnswer,
  type CoapEndpoint,
  type CoapRequest,
  type PeerId,
  ResponseCode,
} from '@motestack/coap';
import { Definitions } from './definitions.ts';
import type { DeviceAddress } from './device-management/device-requests.ts';
import type { DeviceContext } from './device-parts.ts';
import type { Sample } from './information-reporting/sample.ts';
import { SendInterface, type SendInterfaceOptions } from './information-reporting/send-interface.ts';
import type { SendReport } from './information-reporting/send-report.ts';
import { StandingObservations } from './information-reporting/standing-observations.ts';
import { LiveDevice } from './live-device.ts';
import type { Operation } from './lwm2m-error.ts';
import { QueueMode } from './queue/queue-mode.ts';
import { ServerCommands } from './queue/server-commands.ts';
import type { RegisteredDevice } from './registered-device.ts';
import { InMemoryRegistrationStore } from './registration/in-memory-registration-store.ts';
import type { Registration } from './registration/registration.ts';
import type { RegistrationChange } from './registration/registration-change.ts';
import { RegistrationInterface } from './registration/registration-interface.ts';
import { defaultRegistrationLeniencies } from './registration/registration-leniencies.ts';
import { resolveRegistrationLimits } from './registration/registration-limits.ts';
import type { RegistrationStore } from './registration/registration-store.ts';
import type { ServerEvents } from './server-events.ts';
import { type DeviceInspection, inspectDevice, type ServerInspection } from './server-inspection.ts';
import { OBSERVATIONS_MAX, type PortableServerOptions, REQUEST_TIMEOUT_MS } from './server-options.ts';
import { openServerEndpoint } from './server-transport.ts';
import { ServerVoice } from './server-voice.ts';

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
  readonly #sends: SendInterface;
  readonly #standing: StandingObservations;
  readonly #voice: ServerVoice;
  readonly #queueMode: QueueMode;
  /** By registration id. */
  readonly #devices = new Map<string, LiveDevice>();
  readonly #endpoints = new Map<string, CoapEndpoint>();
  readonly #context: DeviceContext;
  #closing: Promise<void> | undefined;
  #onIdle: (() => void) | undefined;

  private constructor(options: PortableServerOptions) {
    const { clock, random, authorize, security, profiles, logger, diagnostics } = options;
    const { limits: asked = {}, leniencies: let_, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
    const { observationsMax = OBSERVATIONS_MAX, ...registrationLimits } = asked;
    if (!(requestTimeoutMs > 0 && Number.isFinite(requestTimeoutMs)))
      throw new RangeError(`requestTimeoutMs is a positive number of milliseconds, not ${requestTimeoutMs}`);
    if (!Number.isSafeInteger(observationsMax) || observationsMax < 1)
      throw new RangeError('observationsMax is a positive integer');
    const limits = resolveRegistrationLimits(registrationLimits);
    const definitions = new Definitions(options.objects);
    const voice = new ServerVoice({ logger, diagnostics });
    const store = options.store ?? new InMemoryRegistrationStore();
    const lookupFor: DeviceContext['lookupFor'] = (registration) => definitions.lookupFor(registration);
    const epochMs = (): number => clock.epochMs();
    this.#options = options;
    this.#registrationsMax = limits.registrationsMax;
    this.#store = store;
    this.#voice = voice;
    this.#standing = new StandingObservations({
      store,
      observationsMax,
      requestTimeoutMs,
      epochMs,
      now: () => clock.now(),
      onSamples: (device, { path }, samples) => this.#notified(device, [path], samples),
      onError: (error, device) => voice.fail(error, this.#devices.get(device.registration.id)),
    });
    const commands = new ServerCommands({ store, voice, deviceOf: (registration) => this.#deviceOf(registration) });
    this.#queueMode = new QueueMode({
      options: options.queue ?? {},
      clock,
      random,
      send: (command) => commands.perform(command),
      onAsleep: (id) => this.#fellAsleep(id),
      onFinished: (command) => commands.finished(command),
      onError: (error) => voice.fail(error),
    });
    this.#context = {
      queueMode: this.#queueMode,
      onHeard: (registration) => this.#heard(registration),
      onUnheard: (registration) => {
        if (this.#queueMode.unheard(registration)) this.#fellAsleep(registration.id);
      },
      standing: this.#standing,
      addressOf: (registration) => this.#addressOf(registration),
      lookupFor,
      store,
      requestTimeoutMs,
      observationsMax,
      epochMs,
      onRequest: (outcome) => this.#requestOver(outcome),
      onSamples: (device, { paths }, samples) => this.#notified(device, paths, samples),
      onBackgroundError: (error, device) => voice.fail(error, device),
    };
    const onError = (error: unknown, operation: Operation): void => voice.fail(error, undefined, operation);
    this.#registrations = new RegistrationInterface({
      store,
      clock,
      random,
      rules: { limits, leniencies: { ...defaultRegistrationLeniencies, ...let_ } },
      authorize,
      security,
      profiles,
      listener: { applied: (change) => this.#applied(change) },
      onError,
    });
    const onReport: SendInterfaceOptions['onReport'] = (registration, report) => this.#reported(registration, report);
    this.#sends = new SendInterface({ store, security, authorize, lookupFor, epochMs, onReport, onError });
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
    await server.#queueMode.start(server.#store);
    for (const transport of options.transports) {
      const { clock, random, coap: parameters = {}, logger, resources } = options;
      const { localUrl } = transport;
      const endpoint = openServerEndpoint({
        transport,
        clock,
        random,
        parameters,
        logger,
        streamRequestBody: resources?.streamRequestBody,
        handler: (request) => server.#handleRequest(request, localUrl),
        keeper: server.#standing,
        onDisconnected: (peer) => server.#disconnected(localUrl, peer),
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
    this.#voice.add(event, listener, options.signal);
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
      if (devices.length < devicesMax) devices.push(inspectDevice(device, this.#options.clock.epochMs()));
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
    this.#queueMode.close();
    for (const device of this.#devices.values()) device.end('server-closed');
    await Promise.all([...this.#endpoints.values()].map((endpoint) => endpoint.close()));
    this.#voice.close();
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
    const [first = '', ...deeper] = request.path;
    // LwM2M Transport §6.4.3: registrations stand under /rd; §6.4.5: what devices send on their own goes to /dp.
    if (first === 'rd') return this.#registrations.handleRequest(request, localUrl);
    if (first === 'dp' && deeper.length === 0) return this.#sends.handleRequest(request, localUrl);
    const { resources } = this.#options;
    // What is there for nobody is 4.04 (RFC 7252 §5.9.2.5), and so is bootstrap, whose paths are reserved (§6.4.2).
    if (resources === undefined || RESERVED.includes(first)) return { code: ResponseCode.NotFound };
    return resources.handler(request);
  }

  #applied(change: RegistrationChange): () => void {
    switch (change.kind) {
      case 'registered': {
        const device = this.#deviceOf(change.registration);
        const { replaced: previous } = change;
        const observeAgain = previous === undefined ? undefined : this.#handOver(previous, device);
        const replaced = previous === undefined ? undefined : this.#endDevice(previous, 'replaced');
        return () => {
          if (replaced !== undefined) this.#voice.tell('deregistered', replaced, 'replaced');
          const woke = this.#queueMode.heard(change.registration);
          this.#voice.tell('registered', device);
          if (woke) this.#voice.tell('awake', device);
          this.#queueMode.attach(change.registration);
          observeAgain?.();
        };
      }
      case 'updated': {
        const device = this.#deviceOf(change.previous);
        device.applyUpdate(change.registration);
        return () => {
          this.#voice.tell('updated', device);
          this.#heard(change.registration);
        };
      }
      case 'ended': {
        const device = this.#endDevice(change.registration, change.reason);
        return () => this.#voice.tell('deregistered', device, change.reason);
      }
    }
  }

  /** A connection ended: whose it was stays registered, and nothing reaches him before he connects again. */
  #disconnected(localUrl: string, peer: PeerId): void {
    if (this.#closing !== undefined) return;
    const tell = async (): Promise<void> => {
      const registration = await this.#store.findByPeer(localUrl, peer);
      const device = registration === undefined ? undefined : this.#devices.get(registration.id);
      if (device !== undefined) this.#voice.tell('disconnected', device);
    };
    tell().catch((error: unknown) => this.#voice.fail(error));
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
    this.#queueMode.ended(registration);
    return device;
  }

  #addressOf(registration: Registration): DeviceAddress {
    const isClosing = this.#closing !== undefined;
    return { coap: isClosing ? undefined : this.#endpoints.get(registration.localUrl), peer: registration.peer };
  }

  /** What is observed under a registration that is replaced goes on under the next one, if it is to. @returns begins it */
  #handOver(previous: Registration, device: LiveDevice): (() => void) | undefined {
    if (this.#options.whenReplaced !== 'observe-again') return undefined;
    return this.#devices.get(previous.id)?.handObservationsTo(device);
  }

  #notified(
    { registration }: Pick<RegisteredDevice, 'registration'>,
    paths: readonly string[],
    samples: readonly Sample<unknown>[],
  ): void {
    const device = this.#devices.get(registration.id);
    if (device === undefined) return;
    this.#voice.report('notify', device, [device, { paths, samples }]);
    this.#heard(registration);
  }

  #reported(registration: Registration, report: SendReport): void {
    const device = this.#devices.get(registration.id);
    // The registration may have ended while its authorizer was asked.
    if (device === undefined) return;
    this.#voice.report('send', device, [device, report]);
    this.#heard(registration);
  }

  /** LwM2M Transport §6.5: whatever a device in queue mode sends says that it is awake. */
  #heard(registration: Registration): void {
    const woke = this.#queueMode.heard(registration);
    const device = this.#devices.get(registration.id);
    if (woke && device !== undefined) this.#voice.tell('awake', device);
  }

  #fellAsleep(registrationId: string): void {
    const device = this.#devices.get(registrationId);
    if (device !== undefined) this.#voice.tell('asleep', device);
  }

  #requestOver(outcome: { operation: string; endpoint: string; path: string | undefined; result: string }): void {
    const { operation, path, result } = outcome;
    this.#options.logger?.debug?.({ operation, path, result }, 'request');
    this.#voice.diagnose('request', outcome);
    if (this.#onIdle !== undefined && this.#requestsInFlight() === 0) this.#onIdle();
  }

  #requestsInFlight(): number {
    let inFlight = 0;
    for (const device of this.#devices.values()) inFlight += device.requestsInFlight;
    return inFlight;
  }
}

addAsyncDispose(LwM2mServer.prototype);

/** Paths of LwM2M that the application's own resources cannot have (LwM2M Transport §6.4.2, §6.4.3, §6.4.5). */
const RESERVED: readonly string[] = ['rd', 'dp', 'bs', 'bspack'];
