import { decodeUtf8 } from '@motestack/bytes';
import {
  type AbortSignalLike,
  AbortSource,
  type AsyncDisposableLike,
  addAsyncDispose,
  type EndpointStats,
} from '@motestack/coap';
import { encodeObjectLinks } from '@motestack/codecs';
import {
  formatPath,
  type ImplementedInstance,
  type Path,
  parsePath,
  type ResourceValue,
  type TypedPath,
  type ValueOf,
} from '@motestack/model';
import { withCallerStack } from './caller-stack.ts';
import { type ClientEvents, type ClientState, EventListeners } from './client-events.ts';
import { resolveClientLimits } from './client-limits.ts';
import { type ClientOptions, type ClientPlatform, resolveAccount } from './client-options.ts';
import { completeDevice } from './complete-device.ts';
import { isSecurityObject, ObjectTree, treeInstance } from './device-management/object-tree.ts';
import { setContent } from './device-management/set-content.ts';
import { type ClientErrorCode, type ClientOperation, LwM2mError } from './lwm2m-error.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import { type ClientCore, ServerLink } from './server-link.ts';
import { resolveAnnouncedFormats } from './version-formats.ts';

/** A path as text, such as `/3303/0/5700`: its type is not known to the compiler. */
export type PathText = `/${string}`;

/** A resource, or resource instance, that holds a value. */
export type ValuePath = TypedPath<unknown, 'R' | 'W' | 'RW' | '', unknown> | PathText;

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

/** What a client does now, as plain data. */
export interface ClientSnapshot {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** One entry for each server. */
  readonly servers: readonly {
    /** As the account has it. */
    readonly uri: string;
    /** `/1/x/0` */
    readonly shortServerId: number;
    /** What the client does for it. */
    readonly state: ClientState;
    /** Where the server keeps the registration; `null`: nowhere. */
    readonly location: string | null;
    /** How many observations it has. */
    readonly observations: number;
    /** Counters of the connection; `null` while there is none. */
    readonly coap: EndpointStats | null;
  }[];
}

const REQUEST_TIMEOUT_MS = 93_000;
const STOP_TIMEOUT_MS = 5_000;

/** A device: it registers at its server, keeps the registration alive, and is read, written, executed and observed. */
export class LwM2mClient implements AsyncDisposableLike {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  readonly #platform: ClientPlatform;
  readonly #tree = new ObjectTree();
  readonly #links: readonly ServerLink[];
  readonly #listeners: EventListeners;
  readonly #options: ClientOptions;
  readonly #version: LwM2mVersion;
  readonly #announced: readonly number[];
  readonly #waiting = new Set<{ readonly resolve: () => void; readonly reject: (error: LwM2mError) => void }>();
  #objectLinks: string | undefined;
  readonly #stopping = new AbortSource();
  #cancelBegin: () => void = () => undefined;
  #stopped: Promise<void> | undefined;
  #ended = false;

  /** Stops the client at the end of an `await using` block. */
  declare readonly [Symbol.asyncDispose]: () => Promise<void>;

  /** Use {@link LwM2mClient.start}. */
  protected constructor(options: ClientOptions, platform: ClientPlatform) {
    this.endpoint = options.endpoint;
    this.#options = options;
    this.#platform = platform;
    this.#version = options.lwm2mVersion ?? '1.1';
    this.#announced = resolveAnnouncedFormats(this.#version, options.announcedContentFormats);
    this.#listeners = new EventListeners((event, cause) => this.#listenerFailed(event, cause));
    for (const object of options.objects) this.#addObject(object);
    const core = this.#makeCore(options);
    const account = resolveAccount(options);
    const listener = {
      registered: (link: ServerLink) => this.#registered(link),
      updated: (link: ServerLink) => this.#listeners.tell('updated', link.info),
      state: (state: ClientState, link: ServerLink) => this.#listeners.tell('state', state, link.info),
    };
    this.#links = [new ServerLink(core, account, 0, listener)];
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
    const { clock } = this.#platform;
    this.#cancelBegin = clock.schedule(clock.now(), () => {
      for (const link of this.#links) link.start();
    });
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
   * Waits until the server has acknowledged the registration; at once if it has.
   *
   * @param options `signal` ends the waiting, not the client
   * @throws {LwM2mError} `aborted`, or `client-stopped`
   */
  registered(options: { readonly signal?: AbortSignalLike } = {}): Promise<void> {
    const caller = new Error('called here');
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(this.#error('aborted', 'registered', { caller, cause: signal.reason }));
    if (this.#stopped !== undefined) return Promise.reject(this.#error('client-stopped', 'registered', { caller }));
    if (this.#isRegistered()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const waiter = {
        resolve: () => {
          signal?.removeEventListener('abort', aborted);
          resolve();
        },
        reject: (error: LwM2mError) => {
          signal?.removeEventListener('abort', aborted);
          reject(withCallerStack(error, caller));
        },
      };
      const aborted = (): void => {
        this.#waiting.delete(waiter);
        waiter.reject(this.#error('aborted', 'registered', { caller, cause: signal?.reason }));
      };
      signal?.addEventListener('abort', aborted, { once: true });
      this.#waiting.add(waiter);
    });
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
    if (isChanged) this.#changed([target]);
  }

  /**
   * Says that values may have changed behind functions; whoever observes them is told, if they have.
   *
   * @param path a resource, an object instance or an object
   * @throws {LwM2mError} `not-here` for a text that is no path
   */
  changed(path: AnyPath): void {
    this.#changed([this.#pathOf(path, 'changed')]);
  }

  /**
   * Adds an object instance; servers are told by an Update.
   *
   * @throws {TypeError} if it is there already, or is the client's own
   */
  add(instance: ImplementedInstance): void {
    this.#addObject(instance);
    this.#instancesChanged();
    this.#changed([{ objectId: instance.objectId, objectInstanceId: instance.objectInstanceId }]);
  }

  /**
   * Removes an object instance; servers are told by an Update, and observations of it end.
   *
   * @throws {LwM2mError} `not-here`
   */
  remove(instance: TypedPath<unknown, 'RW', unknown> | PathText): void {
    const path = this.#pathOf(instance, 'remove');
    const own = path.objectId === 1 || path.resourceId !== undefined;
    if (own || !this.#tree.removeInstance(path)) throw this.#error('not-here', 'remove', { path });
    this.#instancesChanged();
    this.#changed([path]);
  }

  /** What the client does now, as plain data. Values and keys do not appear in it. */
  inspect(): ClientSnapshot {
    return {
      endpoint: this.endpoint,
      servers: this.#links.map((link) => {
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

  async #stop({ deregister = true, timeoutMs = STOP_TIMEOUT_MS }: StopOptions): Promise<void> {
    this.#cancelBegin();
    this.#stopping.abort(undefined);
    for (const waiter of this.#waiting) waiter.reject(this.#error('client-stopped', 'registered', {}));
    this.#waiting.clear();
    // The caller gets its promise, and a handler that called returns, before anything ends.
    await Promise.resolve();
    const { clock } = this.#platform;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.schedule(clock.now() + timeoutMs, resolve);
    });
    await Promise.race([Promise.all(this.#links.map((link) => link.idle())), late]);
    cancel();
    await Promise.all(this.#links.map((link) => link.stop(deregister, timeoutMs)));
    this.#ended = true;
  }

  #makeCore(options: ClientOptions): ClientCore {
    const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
    return {
      endpoint: this.endpoint,
      lwm2mVersion: this.#version,
      tree: this.#tree,
      limits: resolveClientLimits(options.limits),
      platform: this.#platform,
      options,
      requestTimeoutMs,
      chance: () => this.#chance(),
      objectLinks: () => this.#linksText(),
      stopping: this.#stopping.signal,
      changed: (paths) => this.#changed(paths),
      instancesChanged: () => this.#instancesChanged(),
      tellError: (error) => this.#listeners.tell('error', error),
    };
  }

  #addObject(object: ClientOptions['objects'][number]): void {
    const { objectId } = object;
    if (objectId === 1 || isSecurityObject(objectId)) {
      throw new TypeError(`object ${objectId} is the client's own: say it in the server's account`);
    }
    if ('handlers' in object) this.#tree.addObject(object);
    else this.#tree.addInstance(object.definition, treeInstance(completeDevice(object)));
  }

  #registered(link: ServerLink): void {
    this.#listeners.tell('registered', link.info);
    if (!this.#isRegistered()) return;
    for (const waiter of this.#waiting) waiter.resolve();
    this.#waiting.clear();
  }

  #isRegistered(): boolean {
    return this.#links.every((link) => link.state === 'registered');
  }

  #changed(paths: readonly Path[]): void {
    if (this.#ended) return;
    for (const link of this.#links) link.changed(paths);
  }

  #instancesChanged(): void {
    this.#objectLinks = undefined;
    for (const link of this.#links) link.instancesChanged();
  }

  #linksText(): string {
    this.#objectLinks ??= decodeUtf8(encodeObjectLinks(this.#tree.inventory(this.#version, this.#announced)));
    return this.#objectLinks;
  }

  #chance(): number {
    const bytes = new Uint8Array(4);
    this.#platform.random.fill(bytes);
    return new DataView(bytes.buffer).getUint32(0) / 2 ** 32;
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
    this.#options.logger?.error?.({ event }, message);
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
