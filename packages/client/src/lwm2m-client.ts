import { type AbortSignalLike, type AsyncDisposableLike, addAsyncDispose } from '@motestack/coap';
import {
  formatPath,
  type ImplementedInstance,
  type LwM2mNode,
  type Path,
  parsePath,
  type Resource,
  type ResourceValue,
  type TypedPath,
  type ValueOf,
} from '@motestack/model';
import { withCallerStack } from './caller-stack.ts';
import { ClientEngine } from './client-engine.ts';
import { type ClientEvents, EventListeners } from './client-events.ts';
import type { ClientOptions, ClientPlatform } from './client-options.ts';
import type { ClientSnapshot } from './client-snapshot.ts';
import type { ObjectTree } from './device-management/object-tree.ts';
import { setContent } from './device-management/set-content.ts';
import { SendFault, type SendOptions, sendToServers, valuesToSend } from './information-reporting/send-values.ts';
import { ValueBatch } from './information-reporting/value-batch.ts';
import { type ClientErrorCode, type ClientOperation, LwM2mError } from './lwm2m-error.ts';
import { RegistrationWaiters } from './registration/registration-waiters.ts';
import { RequestRefusedError } from './request-refused-error.ts';
import type { ServerAccount } from './server-account.ts';
import type { ServerLink } from './server-link.ts';

/** A path as text, such as `/3303/0/5700`: its type is not known to the compiler. */
export type PathText = `/${string}`;

/** A resource, or resource instance, that holds a value. */
export type ValuePath = Resource<unknown, 'R' | 'W' | 'RW' | ''> | PathText;

/** What may be set at a path. */
export type SetValue<P> = P extends string ? ResourceValue | Readonly<Record<number, ResourceValue>> : ValueOf<P>;

/** A path of any kind. */
export type AnyPath = TypedPath<unknown, 'R' | 'W' | 'RW' | 'E' | '', unknown> | PathText;

/** What a client is made of where no platform is filled in. */
export type PortableClientOptions = ClientOptions & ClientPlatform;

/** How a client is stopped. */
export interface StopOptions {
  /** Whether servers are told by De-register; default `true`. A device that only reboots may leave it out. */
  readonly deregister?: boolean;
  /** How long answers that are being made may take, and then the server's part; default 5,000 for each. */
  readonly timeoutMs?: number;
}

const STOP_TIMEOUT_MS = 5_000;

/** A device: it registers at its server, keeps the registration alive, and is read, written, executed and observed. */
export class LwM2mClient implements AsyncDisposableLike {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  readonly #engine: ClientEngine;
  readonly #tree: ObjectTree;
  readonly #listeners: EventListeners;
  readonly #waiters = new RegistrationWaiters();
  /** Batches that could not be sent. */
  readonly #unsent = new Set<ValueBatch>();
  #stopped: Promise<void> | undefined;

  /** Stops the client at the end of an `await using` block. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  /** Use {@link LwM2mClient.start}. */
  protected constructor(options: ClientOptions, platform: ClientPlatform) {
    this.endpoint = options.endpoint;
    this.#listeners = new EventListeners((event, cause) => this.#listenerFailed(event, cause));
    this.#engine = new ClientEngine(options, platform, {
      registered: (link) => this.#registered(link),
      updated: (link) => {
        this.#listeners.tell('updated', link.info);
        this.#flushUnsent();
      },
      state: (state, link) => this.#listeners.tell('state', state, link.info),
      bootstrap: (reason) => this.#listeners.tell('bootstrap', reason),
      error: (error) => this.#listeners.tell('error', error),
    });
    this.#tree = this.#engine.core.tree;
  }

  /**
   * Starts a client.
   *
   * @param options what the device is and has, and the platform that it runs on
   * @returns once the engine runs; the registration is told by `registered`. Listeners that are added in the same tick
   *   miss nothing.
   * @throws {TypeError} for objects that do not go together
   * @throws {RangeError} for a number out of its range
   * @throws {ValueError} for a value that is not of its resource's type
   */
  static async start(options: PortableClientOptions): Promise<LwM2mClient> {
    const client = new LwM2mClient(options, options);
    client.begin();
    return client;
  }

  /** Begins to register, in a task of its own. */
  protected begin(): void {
    this.#engine.begin();
  }

  /**
   * Adds a listener.
   *
   * @param event see {@link ClientEvents}
   * @param listener may be asynchronous; what it rejects with is told as `error`
   * @param options `signal` takes the listener away
   */
  on<Event extends keyof ClientEvents>(
    event: Event,
    listener: ClientEvents[Event],
    options: { readonly signal?: AbortSignalLike } = {},
  ): this {
    this.#listeners.add(event, listener, options.signal);
    return this;
  }

  /** Takes a listener away. */
  off<Event extends keyof ClientEvents>(event: Event, listener: ClientEvents[Event]): this {
    this.#listeners.remove(event, listener);
    return this;
  }

  /**
   * Waits until all servers have acknowledged the registration; at once if they have.
   *
   * @param options `signal` ends the waiting, not the client
   * @throws {LwM2mError} `aborted`, or `client-stopped`
   */
  registered(options: { readonly signal?: AbortSignalLike } = {}): Promise<void> {
    const caller = new Error('called here');
    const { signal } = options;
    const aborted = (): LwM2mError => this.#error('aborted', 'registered', { caller, cause: signal?.reason });
    if (signal?.aborted) return Promise.reject(aborted());
    if (this.#stopped !== undefined) return Promise.reject(this.#error('client-stopped', 'registered', { caller }));
    if (this.#engine.isRegistered) return Promise.resolve();
    return this.#waiters.wait(signal, aborted, caller);
  }

  /**
   * Adds a server, and registers at it.
   *
   * @param account its URI, or its account; without a `shortServerId` it gets the lowest that is free
   * @throws {TypeError} for a Short Server ID that another one has
   * @throws {RangeError} for a number out of its range
   */
  addServer(account: string | ServerAccount): void {
    this.#engine.addServer(account);
  }

  /**
   * Removes a server: the client de-registers, and forgets it.
   *
   * @param shortServerId `/1/x/0`
   * @throws {LwM2mError} `no-such-server`
   */
  async removeServer(shortServerId: number, options: StopOptions = {}): Promise<void> {
    const link = this.#engine.removeServer(shortServerId);
    if (link === undefined) throw this.#error('no-such-server', 'removeServer', {});
    const { deregister = true, timeoutMs = STOP_TIMEOUT_MS } = options;
    await link.stop(deregister, timeoutMs);
  }

  /** There is no network: nothing is sent and no attempt is spent until {@link online}. */
  offline(): void {
    this.#engine.handleNetwork('networkLost');
  }

  /** There is a network again: registrations that still last are updated, others made anew. */
  online(): void {
    this.#engine.handleNetwork('networkFound');
  }

  /** The network is another one: names are resolved anew, and servers told over new sockets. Means {@link online} as well. */
  networkChanged(): void {
    this.#engine.handleNetwork('networkChanged');
  }

  /** Sends an Update to every server now; a client that sleeps wakes for it. */
  update(): void {
    this.#engine.tellAll({ kind: 'updateTriggered' });
  }

  /** Registers at every server now, whatever is waited for. */
  register(): void {
    this.#engine.tellAll({ kind: 'registerTriggered' });
  }

  /**
   * Bootstraps, where the client has what it takes; registrations are left to their lifetimes.
   *
   * @returns settles when it has ended, whatever came of it
   */
  bootstrap(): Promise<void> {
    return this.#engine.bootstrap('requested');
  }

  /**
   * Changes a value that the client keeps; whoever observes it is told.
   *
   * @param path a resource, or a resource instance that exists or is to exist
   * @param value of a multiple resource an array or a record by resource instance id
   * @throws {LwM2mError} `not-here`, `not-kept` (functions stand behind it: see {@link changed}) or `bad-value`
   */
  set<const P extends ValuePath>(path: P, value: SetValue<P>): void {
    const target = this.#pathOf(path, 'set');
    const resource = this.#tree.resource(target);
    if (resource === undefined) throw this.#error('not-here', 'set', { path: target });
    if (resource.kind !== 'kept') throw this.#error('not-kept', 'set', { path: target });
    let isChanged: boolean;
    try {
      isChanged = setContent(resource, target, value);
    } catch (cause) {
      throw this.#error('bad-value', 'set', { path: target, cause });
    }
    if (isChanged) this.#engine.changed([target]);
  }

  /**
   * Says that values may have changed behind functions; whoever observes them is told, if they have.
   *
   * @param path a resource, an object instance or an object
   * @throws {LwM2mError} `not-here` for a text that is no path
   */
  changed(path: AnyPath): void {
    this.#engine.changed([this.#pathOf(path, 'changed')]);
  }

  /**
   * Adds an object instance; servers are told by an Update.
   *
   * @throws {TypeError} if it is there already, or is the client's own
   */
  add(instance: ImplementedInstance): void {
    this.#engine.addObject(instance);
    this.#engine.changed([{ objectId: instance.objectId, objectInstanceId: instance.objectInstanceId }]);
  }

  /**
   * Removes an object instance; servers are told by an Update, and observations of it end.
   *
   * @throws {LwM2mError} `not-here`
   */
  remove(instance: TypedPath<unknown, 'RW', unknown> | PathText): void {
    const path = this.#pathOf(instance, 'remove');
    const own = path.objectId === 1 || path.objectId === 2 || path.resourceId !== undefined;
    if (own || !this.#tree.removeInstance(path)) throw this.#error('not-here', 'remove', { path });
    this.#engine.instancesChanged();
    this.#engine.changed([path]);
  }

  /**
   * Sends what stands at paths now to the servers, without being asked.
   *
   * @param paths resources, object instances or objects that a server may read
   * @throws {LwM2mError} `not-here`, `not-registered`, `send-muted`, `send-refused` or `send-failed`, if no server has
   *   acknowledged it
   */
  async send(paths: readonly AnyPath[], options: SendOptions = {}): Promise<void> {
    const caller = new Error('called here');
    await this.#send(async () => valuesToSend(this.#tree, this.#pathsOf(paths)), options, caller);
  }

  /** Gathers values over time, which are sent together, and again until a server has them. */
  batch(options: Omit<SendOptions, 'signal'> = {}): ValueBatch {
    const { platform, limits } = this.#engine.core;
    return new ValueBatch({
      read: async (path) => valuesToSend(this.#tree, this.#pathsOf([path as AnyPath])),
      send: (nodes) => this.#send(async () => nodes, options, new Error('called here')),
      failed: (batch) => void this.#unsent.add(batch),
      epochSeconds: () => platform.clock.epochMs() / 1_000,
      valuesMax: limits.sendHistoryMax,
    });
  }

  /** What the client does now, as plain data. Values and keys do not appear in it. */
  inspect(): ClientSnapshot {
    return {
      endpoint: this.endpoint,
      servers: this.#engine.links.map((link) => {
        const { uri, shortServerId, location = null } = link.info;
        const { state, observationCount: observations } = link;
        return { uri, shortServerId, state, location, observations, coap: link.stats() ?? null };
      }),
    };
  }

  /**
   * Ends the client: outstanding answers are sent, the servers are told, and timers, sockets and promises end. May be
   * called in a handler of an Execute, whose answer leaves first.
   *
   * @returns settles when all has ended; never rejects. A second call gives the same promise.
   */
  stop(options: StopOptions = {}): Promise<void> {
    this.#stopped ??= this.#stop(options);
    return this.#stopped;
  }

  /** The same as {@link stop}. */
  close(options: StopOptions = {}): Promise<void> {
    return this.stop(options);
  }

  #stop({ deregister = true, timeoutMs = STOP_TIMEOUT_MS }: StopOptions): Promise<void> {
    this.#waiters.reject(() => this.#error('client-stopped', 'registered', {}));
    return this.#engine.stop(deregister, timeoutMs);
  }

  async #send(values: () => Promise<readonly LwM2mNode[]>, options: SendOptions, caller: Error): Promise<void> {
    try {
      if (this.#stopped !== undefined) throw new SendFault('client-stopped', 'the client is stopped');
      await sendToServers(this.#engine.links, await values(), options);
    } catch (cause) {
      if (LwM2mError.is(cause)) throw withCallerStack(cause, caller);
      if (cause instanceof SendFault) throw this.#error(cause.code, 'Send', { caller, cause: cause.cause ?? cause });
      const isMissing = RequestRefusedError.is(cause);
      throw this.#error(isMissing ? 'not-here' : 'handler-failed', 'Send', { caller, cause });
    }
  }

  #flushUnsent(): void {
    const batches = [...this.#unsent];
    this.#unsent.clear();
    // What fails again is kept again.
    for (const batch of batches) batch.flush().catch(() => undefined);
  }

  #registered(link: ServerLink): void {
    this.#listeners.tell('registered', link.info);
    this.#flushUnsent();
    if (this.#engine.isRegistered) this.#waiters.resolve();
  }

  #pathsOf(paths: readonly AnyPath[]): readonly Path[] {
    return paths.map((path) => this.#pathOf(path, 'Send'));
  }

  #pathOf(path: AnyPath, operation: ClientOperation): Path {
    try {
      return parsePath(String(path));
    } catch (cause) {
      throw this.#error('not-here', operation, { cause });
    }
  }

  #listenerFailed(event: keyof ClientEvents, cause: unknown): void {
    const message = `a listener of "${event}" failed`;
    this.#engine.core.options.logger?.error?.({ event }, message);
    // What a listener of `error` throws is not told to it again.
    if (event === 'error') return;
    const detail = { operation: 'listener' as const, endpoint: this.endpoint, cause };
    this.#listeners.tell('error', new LwM2mError('listener-failed', message, detail));
  }

  #error(
    code: ClientErrorCode,
    operation: ClientOperation,
    detail: { readonly path?: Path; readonly cause?: unknown; readonly caller?: Error },
  ): LwM2mError {
    const path = detail.path === undefined ? undefined : formatPath(detail.path);
    const message = `${operation}${path === undefined ? '' : ` of ${path}`}: ${code}`;
    const error = new LwM2mError(code, message, { operation, endpoint: this.endpoint, path, cause: detail.cause });
    return detail.caller === undefined ? error : withCallerStack(error, detail.caller);
  }
}

addAsyncDispose(LwM2mClient.prototype);
