import {
  type AbortSignalLike,
  type CoapRequest,
  defaultEndpointParameters,
  type EndpointStats,
  formatCode,
  type Logger,
  type ObserverRelation,
  QueueFullError,
} from '@motestack/coap';
import { formatPath, isWithin, type Path } from '@motestack/model';
import type { ClientState, ServerInfo } from './client-events.ts';
import type { ClientLimits } from './client-limits.ts';
import type { ClientOptions, ClientPlatform, ResolvedAccount } from './client-options.ts';
import { Connection } from './connection.ts';
import type { Observed } from './device-management/answer-operation.ts';
import type { ObjectTree } from './device-management/object-tree.ts';
import { contentAnswer, type PayloadSettings } from './device-management/payload.ts';
import { readNodes } from './device-management/read-nodes.ts';
import { RequestAnswerer } from './device-management/request-answerer.ts';
import { AttributeStore } from './information-reporting/attribute-store.ts';
import { Observations } from './information-reporting/observations.ts';
import { type ClientErrorCode, type ClientOperation, LwM2mError, RegistrationError } from './lwm2m-error.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import { describeFailure, isRegistered, RegistrationEngine } from './registration/registration-engine.ts';
import { deregisterRequest, registerRequest, updateRequest } from './registration/registration-request.ts';
import type { RegistrationCommand, RegistrationFailure, RegistrationState } from './registration/registration-state.ts';
import { resolveRetryPolicy } from './registration/retry-policy.ts';
import type { RefusalCode } from './request-refused-error.ts';
import { ServerInstance, serverSpec } from './server-instance.ts';

/** What the links to servers have in common. */
export interface ClientCore {
  readonly endpoint: string;
  readonly lwm2mVersion: LwM2mVersion;
  readonly tree: ObjectTree;
  readonly limits: ClientLimits;
  readonly platform: ClientPlatform;
  readonly options: Pick<ClientOptions, 'coap' | 'logger'>;
  readonly requestTimeoutMs: number;
  /** Draws from [0, 1). */
  readonly chance: () => number;
  /** The body of Register and Update. */
  objectLinks(): string;
  /** Given when the client is being stopped. */
  readonly stopping: AbortSignalLike;
  changed(paths: readonly Path[]): void;
  instancesChanged(): void;
  tellError(error: LwM2mError): void;
}

/** What a link tells of its registration. */
export interface ServerLinkListener {
  registered(link: ServerLink): void;
  updated(link: ServerLink): void;
  state(state: ClientState, link: ServerLink): void;
}

/** All that belongs to one server: its account, connection, registration, attributes and observations. */
export class ServerLink {
  readonly #core: ClientCore;
  readonly #account: ResolvedAccount;
  readonly #listener: ServerLinkListener;
  readonly #server: ServerInstance;
  readonly #connection: Connection;
  readonly #engine: RegistrationEngine;
  readonly #answerer: RequestAnswerer;
  readonly #attributes: AttributeStore;
  readonly #observations: Observations;
  #state: ClientState = 'registering';

  /** @param objectInstanceId of the account in object 1 */
  constructor(core: ClientCore, account: ResolvedAccount, objectInstanceId: number, listener: ServerLinkListener) {
    this.#core = core;
    this.#account = account;
    this.#listener = listener;
    const spec = serverSpec(core.lwm2mVersion);
    this.#server = new ServerInstance(account, objectInstanceId, spec, {
      disable: () =>
        this.#engine.handle({ kind: 'disableRequested', durationMs: this.#server.disableTimeoutSeconds * 1_000 }),
      triggerUpdate: () => this.#engine.handle({ kind: 'updateTriggered' }),
    });
    core.tree.addInstance(spec, this.#server.instance);
    this.#attributes = new AttributeStore(() => this.#server.defaultPeriods);
    this.#observations = this.#makeObservations();
    this.#answerer = this.#makeAnswerer();
    this.#connection = new Connection({
      uri: account.uri,
      security: account.security,
      platform: core.platform,
      options: core.options,
      handler: (request) => this.#answerer.answer(request),
    });
    this.#engine = this.#makeEngine();
  }

  /** The server as events tell it. */
  get info(): ServerInfo {
    const { state } = this.#engine;
    const location = 'location' in state ? `/${state.location.join('/')}` : undefined;
    return { uri: this.#account.uri, shortServerId: this.#account.shortServerId, location };
  }

  /** What the client does for this server. */
  get state(): ClientState {
    return this.#state;
  }

  /** How many observations the server has. */
  get observationCount(): number {
    return this.#observations.size;
  }

  /** The counters of the connection; `undefined` while there is none. */
  stats(): EndpointStats | undefined {
    return this.#connection.stats();
  }

  /** Begins to register. */
  start(): void {
    this.#engine.handle({ kind: 'start' });
  }

  /** Settles when no answer is outstanding. */
  idle(): Promise<void> {
    return this.#answerer.idle();
  }

  /** Ends the registration and the connection; after `timeoutMs` without waiting for the server any longer. */
  async stop(deregister: boolean, timeoutMs: number): Promise<void> {
    const { clock } = this.#core.platform;
    const cancel = clock.schedule(clock.now() + timeoutMs, () =>
      this.#engine.handle({ kind: 'stop', deregister: false }),
    );
    await this.#engine.stop(deregister);
    cancel();
    await this.#connection.closed();
  }

  /** Values changed at and below these paths. */
  changed(paths: readonly Path[]): void {
    this.#observations.changed(paths);
    const own = { objectId: 1, objectInstanceId: this.#server.instance.objectInstanceId };
    if (!paths.some((path) => isWithin(path, own) || isWithin(own, path))) return;
    // The default periods may be others now, and so may what the server has to be told.
    this.#observations.changed([{}]);
    this.#engine.handle({ kind: 'factsChanged' });
  }

  /** Instances came or went. */
  instancesChanged(): void {
    this.#engine.handle({ kind: 'factsChanged' });
  }

  #makeEngine(): RegistrationEngine {
    const { platform, chance, requestTimeoutMs, endpoint, lwm2mVersion } = this.#core;
    const connection = this.#connection;
    return new RegistrationEngine({
      clock: platform.clock,
      random: chance,
      retry: resolveRetryPolicy(this.#account.retry),
      facts: () => ({
        lifetimeSeconds: this.#server.lifetimeSeconds,
        bindingMode: this.#server.bindingMode,
        objectLinks: this.#core.objectLinks(),
      }),
      carrier: {
        register: (facts, reconnect, signal) => {
          const request = registerRequest({ endpoint, lwm2mVersion }, facts);
          return reconnect
            ? connection.reopen(request, requestTimeoutMs, signal)
            : connection.request(request, requestTimeoutMs, signal);
        },
        update: (location, changes, signal) =>
          connection.request(updateRequest(location, changes), requestTimeoutMs, signal),
        deregister: (location, signal) => connection.request(deregisterRequest(location), requestTimeoutMs, signal),
        disconnect: () => connection.disconnect(),
      },
      listener: {
        stateChanged: (state) => this.#stateChanged(state),
        registered: () => this.#listener.registered(this),
        updated: () => this.#listener.updated(this),
        failed: (failed) => this.#registrationFailed(failed),
        forgetObservations: () => this.#observations.forget(),
      },
    });
  }

  #makeAnswerer(): RequestAnswerer {
    const core = this.#core;
    const link = this;
    return new RequestAnswerer({
      tree: core.tree,
      attributes: this.#attributes,
      limits: core.limits,
      get settings() {
        return link.#settings();
      },
      get peer() {
        return link.#connection.peer;
      },
      registered: () => isRegistered(this.#engine.state) || this.#engine.settled(),
      handlerTimeoutMs: handlerTimeoutMs(core),
      changeCount: () => this.#observations.changeCount,
      observe: (request, observed, readAt) => this.#observe(request, observed, readAt),
      changed: (paths) => core.changed(paths),
      instancesChanged: () => core.instancesChanged(),
      attributesChanged: (path) => this.#observations.changed([path]),
      execute: (path, run) => this.#execute(path, run),
      handlerFailed: (...failure) => this.#handlerFailed(...failure),
    });
  }

  #makeObservations(): Observations {
    const { clock } = this.#core.platform;
    return new Observations(
      {
        now: () => clock.now(),
        schedule: (at, run) => clock.schedule(at, run),
        read: (path) => readNodes(this.#core.tree, path),
        readTimeoutMs: handlerTimeoutMs(this.#core),
        encode: (nodes, contentFormat, path) => contentAnswer(nodes, contentFormat, path, this.#settings()),
        attributes: (path) => this.#attributes.effective(path),
        refusal: (error, path) => this.#answerer.refusal(error, 'Notify', path),
        confirmable: this.#account.confirmableNotifications,
      },
      this.#core.limits.observationsMax,
    );
  }

  #settings(): PayloadSettings {
    const { tree, lwm2mVersion, platform } = this.#core;
    return { lookup: tree.lookup, lwm2mVersion, nowSeconds: platform.clock.epochMs() / 1_000 };
  }

  /** A server that may not observe more gets the value, without the promise of notifications (RFC 7641 §4.1). */
  #observe(request: CoapRequest, observed: Observed, readAt: number): void {
    // Nobody waits for the answer any more: too late, reset or closed.
    if (request.signal.aborted || this.#observations.full) return;
    let relation: ObserverRelation;
    try {
      relation = request.acceptObserver();
    } catch (error) {
      if (QueueFullError.is(error)) return;
      throw error;
    }
    this.#observations.begin({ ...observed, relation }, readAt);
  }

  /** A handler that stops the client, and waits for that, must not wait for its own answer. */
  async #execute(path: Path, run: () => void | Promise<void>): Promise<void> {
    const { stopping } = this.#core;
    let answered = false;
    const handled = Promise.resolve(run()).catch((cause: unknown) => {
      if (!answered) throw cause;
      this.#handlerFailed('Execute', path, cause);
    });
    if (stopping.aborted) {
      answered = true;
      return;
    }
    let release: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => {
      release = resolve;
    });
    stopping.addEventListener('abort', release, { once: true });
    try {
      await Promise.race([handled, stopped]);
    } finally {
      answered = true;
      stopping.removeEventListener('abort', release);
    }
  }

  #stateChanged(state: RegistrationState): void {
    const next = clientState(state) ?? this.#state;
    if (next === this.#state && state.kind !== 'registering') return;
    this.#state = next;
    this.#log('info', { state: next }, 'registration state');
    this.#listener.state(next, this);
  }

  #registrationFailed({ operation, failure, position, retryInMs, exhausted }: FailureCommand): void {
    const { endpoint } = this.#core;
    const { uri } = this.#account;
    const { responseCode, diagnostic } = failure;
    const next = retryInMs === 0 ? 'registering again at once' : `next attempt in ${Math.round(retryInMs / 1_000)} s`;
    const last = exhausted ? ', after the last attempt of the last sequence' : '';
    const error = new RegistrationError(
      failureCode(failure),
      `${operation} of ${endpoint} at ${uri} failed${last}: ${describeFailure(failure)}; ${next}`,
      {
        operation,
        endpoint,
        serverUri: uri,
        cause: failure.cause,
        responseCode: responseCode === undefined ? undefined : formatCode(responseCode),
        diagnostic,
        attempt: position.attempt,
        retryInMs,
      },
    );
    this.#log('warn', { operation, code: error.code, attempt: position.attempt, retryInMs }, 'registration failed');
    this.#core.tellError(error);
  }

  #handlerFailed(operation: ClientOperation, path: Path | undefined, cause: unknown, responseCode?: RefusalCode): void {
    const { endpoint } = this.#core;
    const text = path === undefined ? undefined : formatPath(path);
    this.#log('error', { operation, path: text }, 'a handler of the application failed');
    const where = text === undefined ? '' : ` of ${text}`;
    const answered = responseCode === undefined ? '' : `; the server was answered ${responseCode}`;
    const message = `${operation}${where} failed in the application${answered}`;
    const detail = { operation, endpoint, serverUri: this.#account.uri, path: text, cause };
    this.#core.tellError(new LwM2mError('handler-failed', message, detail));
  }

  #log(level: keyof Logger, fields: object, message: string): void {
    this.#core.options.logger?.[level]?.({ server: this.#account.uri, ...fields }, message);
  }
}

type FailureCommand = RegistrationCommand & { readonly kind: 'tellFailure' };

/** What the endpoint gives handlers, observations give their looks. */
function handlerTimeoutMs({ options }: ClientCore): number {
  return options.coap?.handlerTimeoutMs ?? defaultEndpointParameters.handlerTimeoutMs;
}

/** What applications see; `undefined`: no change for them. */
function clientState({ kind }: RegistrationState): ClientState | undefined {
  switch (kind) {
    case 'idle':
    case 'deregistering':
      return undefined;
    case 'registering':
    case 'waiting':
    case 'disabled':
    case 'stopped':
      return kind;
    case 'registered':
    case 'updating':
      return 'registered';
    default:
      return kind satisfies never;
  }
}

function failureCode({ reason }: RegistrationFailure): ClientErrorCode {
  switch (reason) {
    case 'refused':
      return 'registration-refused';
    case 'timeout':
      return 'registration-timeout';
    case 'unreachable':
      return 'server-unreachable';
    case 'unusable':
    case 'failed':
      return 'registration-failed';
    default:
      return reason satisfies never;
  }
}
