import {
  type AbortSignalLike,
  type CoapRequest,
  defaultEndpointParameters,
  type EndpointStats,
  type Logger,
  type ObserverRelation,
  QueueFullError,
} from '@motestack/coap';
import { formatPath, isWithin, type LwM2mNode, type Path } from '@motestack/model';
import type { ClientCore } from './client-core.ts';
import type { ClientState, ServerInfo } from './client-events.ts';
import { Connection } from './connection/connection.ts';
import type { ServerAccess } from './device-management/access-control.ts';
import type { Observed } from './device-management/operation-host.ts';
import { ownHandler } from './device-management/own-resources.ts';
import { contentAnswer, type PayloadSettings } from './device-management/payload.ts';
import { readComposite } from './device-management/read-composite.ts';
import { readableNodes } from './device-management/read-nodes.ts';
import { RequestAnswerer } from './device-management/request-answerer.ts';
import { runUntil } from './device-management/run-until.ts';
import { AttributeStore } from './information-reporting/attribute-store.ts';
import type { Delivery, ObservationHost, ObservedContents } from './information-reporting/observation.ts';
import { Observations } from './information-reporting/observations.ts';
import { sendNodes } from './information-reporting/sender.ts';
import { type ClientOperation, LwM2mError } from './lwm2m-error.ts';
import { ServerInstance, serverSpec } from './objects/server-instance.ts';
import { clientState } from './registration/client-state.ts';
import { KeepAlive } from './registration/keep-alive.ts';
import { registrationCarrier } from './registration/registration-carrier.ts';
import { isRegistered, RegistrationEngine } from './registration/registration-engine.ts';
import { registrationError } from './registration/registration-failure.ts';
import type { OrderedServer } from './registration/registration-order.ts';
import type { RegistrationInput, RegistrationState } from './registration/registration-state.ts';
import { registrationSurroundings } from './registration/surroundings.ts';
import type { RefusalCode } from './request-refused-error.ts';
import { type ResolvedAccount, urisOf } from './server-account.ts';

/** What a link tells of its registration. */
export interface ServerLinkListener {
  registered(link: ServerLink): void;
  updated(link: ServerLink): void;
  state(state: ClientState, link: ServerLink): void;
  /** All attempts of the procedure have failed. */
  failed(link: ServerLink): void;
}

/** All that belongs to one server: its account, connection, registration, attributes and observations. */
export class ServerLink implements OrderedServer {
  readonly #core: ClientCore;
  readonly #account: ResolvedAccount;
  readonly #listener: ServerLinkListener;
  readonly #server: ServerInstance;
  readonly #access: ServerAccess;
  readonly #connection: Connection;
  readonly #engine: RegistrationEngine;
  readonly #answerer: RequestAnswerer;
  readonly #attributes: AttributeStore;
  readonly #observations: Observations;
  readonly #keepAlive: KeepAlive | undefined;
  #preferred: string | undefined;
  #state: ClientState = 'waiting';

  /** @param objectInstanceId of the account in object 1 */
  constructor(core: ClientCore, account: ResolvedAccount, objectInstanceId: number, listener: ServerLinkListener) {
    this.#core = core;
    this.#account = account;
    this.#listener = listener;
    this.#server = this.#makeServer(objectInstanceId);
    core.tree.addInstance(serverSpec(core.lwm2mVersion), this.#server.instance);
    this.#access = core.accessControl.of(account.shortServerId);
    this.#attributes = new AttributeStore(() => this.#server.defaultPeriods);
    this.#observations = new Observations(this.#observationHost(), core.limits.observationsMax);
    this.#answerer = this.#makeAnswerer();
    this.#connection = new Connection({
      uris: () => urisOf(account, this.#server.preferredTransport),
      security: account.security,
      platform: core.platform,
      options: core.options,
      traffic: core.traffic,
      handler: (request) => {
        this.#active();
        const own = request.peer === this.#connection.peer ? ownHandler(core, request) : undefined;
        return own === undefined ? this.#answerer.answer(request) : own(request);
      },
      lost: () => this.handle({ kind: 'connectionLost' }),
    });
    this.#engine = this.#makeEngine();
    [this.#preferred] = urisOf(account, this.#server.preferredTransport);
    this.#keepAlive = this.#makeKeepAlive();
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

  /** Whether the server takes messages, asleep or awake. */
  get isRegistered(): boolean {
    return isRegistered(this.#engine.state);
  }

  /** `/1/x/23` */
  get isMuted(): boolean {
    return this.#server.isMuted;
  }

  /** How many observations the server has. */
  get observationCount(): number {
    return this.#observations.size;
  }

  get priority(): number | undefined {
    return this.#server.priority;
  }

  get initialDelayMs(): number {
    return this.#server.initialDelayMs;
  }

  get blocksOnFailure(): boolean {
    return this.#server.blocksOnFailure;
  }

  /** The path of the account in object 1. */
  get accountPath(): Path & { readonly objectInstanceId: number } {
    return { objectId: 1, objectInstanceId: this.#server.instance.objectInstanceId };
  }

  /** The counters of the connection; `undefined` while there is none. */
  stats(): EndpointStats | undefined {
    return this.#connection.stats();
  }

  start(delayMs: number): void {
    this.handle({ kind: 'start', delayMs });
  }

  /** Gives the registration an input. */
  handle(input: RegistrationInput): void {
    this.#engine.handle(input);
  }

  /** Settles when no answer is outstanding. */
  idle(): Promise<void> {
    return this.#answerer.idle();
  }

  /** Ends the registration and the connection; after `timeoutMs` without waiting for the server any longer. */
  async stop(deregister: boolean, timeoutMs: number): Promise<void> {
    const { clock } = this.#core.platform;
    const cancel = clock.schedule(clock.now() + timeoutMs, () => this.handle({ kind: 'stop', deregister: false }));
    await this.#engine.stop(deregister);
    cancel();
    await this.#connection.closed();
  }

  /** Values changed at and below these paths. */
  changed(paths: readonly Path[]): void {
    this.#observations.changed(paths);
    const touches = (own: Path): boolean => paths.some((path) => isWithin(path, own) || isWithin(own, path));
    // What may be read may be another now.
    if (touches({ objectId: 2 })) this.#observations.changed([{}]);
    if (!touches(this.accountPath)) return;
    // The default periods may be others now, and so may what the server has to be told.
    this.#observations.changed([{}]);
    this.handle({ kind: 'factsChanged' });
    this.#preferTransport();
  }

  /** Preferred Transport (`/1/x/22`): where the server is reached by it, the client goes there. */
  #preferTransport(): void {
    const [first] = urisOf(this.#account, this.#server.preferredTransport);
    if (first === this.#preferred) return;
    this.#preferred = first;
    this.#connection.beginAnew();
    this.handle({ kind: 'networkChanged' });
  }

  /** Instances came or went. */
  instancesChanged(): void {
    this.handle({ kind: 'factsChanged' });
  }

  /** Whether the server may read a path: what is sent to it is no more. */
  mayRead(path: Path): boolean {
    return this.#access.isAllowed('read', path);
  }

  /**
   * Sends values; a client that sleeps wakes for it.
   *
   * @throws as `sendNodes`
   */
  async send(
    nodes: readonly LwM2mNode[],
    options: { readonly contentFormat: number; readonly signal: AbortSignalLike | undefined },
  ): Promise<void> {
    this.#active();
    const { requestTimeoutMs: timeoutMs, stopping } = this.#core;
    const settings = this.#settings();
    await sendNodes(
      {
        settings,
        request: (init, signal) => this.#connection.request(init, { timeoutMs, signal: signal ?? stopping }),
      },
      nodes,
      options,
    );
    this.#active();
  }

  #active(): void {
    this.handle({ kind: 'activity' });
    if (this.isRegistered) this.#keepAlive?.restart();
  }

  #makeServer(objectInstanceId: number): ServerInstance {
    const { lwm2mVersion, platform, bootstrap } = this.#core;
    return new ServerInstance({
      account: this.#account,
      objectInstanceId,
      spec: serverSpec(lwm2mVersion),
      supportedBindings: platform.bindings ?? 'U',
      actions: {
        disable: () =>
          this.handle({ kind: 'disableRequested', durationMs: this.#server.disableTimeoutSeconds * 1_000 }),
        triggerUpdate: () => this.handle({ kind: 'updateTriggered' }),
        triggerBootstrap: platform.bootstrapPart === undefined ? undefined : () => bootstrap('triggered'),
      },
    });
  }

  #makeKeepAlive(): KeepAlive | undefined {
    const { platform, options, requestTimeoutMs } = this.#core;
    if (options.keepAliveSeconds === undefined) return undefined;
    return new KeepAlive({
      clock: platform.clock,
      intervalMs: options.keepAliveSeconds * 1_000,
      ping: () => this.#connection.ping(requestTimeoutMs),
      lost: () => this.handle({ kind: 'updateTriggered' }),
    });
  }

  #makeEngine(): RegistrationEngine {
    const { platform, chance, endpoint } = this.#core;
    return new RegistrationEngine({
      clock: platform.clock,
      random: chance,
      surroundings: () => registrationSurroundings(this.#core, this.#account, this.#server),
      carrier: registrationCarrier(this.#core, this.#connection),
      listener: {
        stateChanged: (state) => this.#stateChanged(state),
        registered: () => {
          this.#keepAlive?.restart();
          this.#listener.registered(this);
        },
        updated: () => {
          this.#keepAlive?.restart();
          this.#observations.resume();
          this.#listener.updated(this);
        },
        failed: (command) => {
          const error = registrationError({ endpoint, serverUri: this.#account.uri, command });
          const { operation, position, retryInMs } = command;
          this.#log(
            'warn',
            { operation, code: error.code, attempt: position.attempt, retryInMs },
            'registration failed',
          );
          this.#core.tellError(error);
          if (command.exhausted) this.#listener.failed(this);
        },
        forgetObservations: () => this.#observations.forget(),
        bootstrap: () => this.#core.bootstrap('registration-failed'),
      },
    });
  }

  #makeAnswerer(): RequestAnswerer {
    const core = this.#core;
    const link = this;
    return new RequestAnswerer({
      tree: core.tree,
      access: this.#access,
      attributes: this.#attributes,
      limits: core.limits,
      transaction: core.options.transaction ?? {},
      get settings() {
        return link.#settings();
      },
      get peer() {
        return link.#connection.peer;
      },
      registered: () => isRegistered(this.#engine.state) || this.#engine.settled(),
      handlerTimeoutMs: this.#handlerTimeoutMs,
      changeCount: () => this.#observations.changeCount,
      observe: (request, observed, readAt) => this.#observe(request, observed, readAt),
      changed: (paths) => core.changed(paths),
      instancesChanged: () => core.instancesChanged(),
      attributesChanged: (path) => this.#observations.changed([path]),
      execute: (path, run) => runUntil(core.stopping, run, (cause) => this.#handlerFailed('Execute', path, cause)),
      handlerFailed: (...failure) => this.#handlerFailed(...failure),
    });
  }

  #observationHost(): ObservationHost {
    const { platform, limits } = this.#core;
    const { clock } = platform;
    return {
      now: () => clock.now(),
      epochSeconds: () => clock.epochMs() / 1_000,
      schedule: (at, run) => clock.schedule(at, run),
      read: (observed) => this.#readObserved(observed),
      readTimeoutMs: this.#handlerTimeoutMs,
      encode: (nodes, contentFormat, path) => contentAnswer(nodes, contentFormat, path, this.#settings()),
      attributes: (path, { path: observed, parameters }) =>
        observed.objectId === undefined
          ? this.#attributes.effectiveInComposite(path, parameters)
          : this.#attributes.effective(path, parameters),
      refusal: (error, path) => this.#answerer.refusal(error, 'Notify', path),
      delivery: () => this.#delivery(),
      notifying: () => this.#active(),
      confirmable: () => this.#server.confirmsNotifications ?? this.#account.confirmableNotifications,
      storedNotificationsMax: limits.storedNotificationsMax,
    };
  }

  async #readObserved({ path, paths }: Pick<Observed, 'path' | 'paths'>): Promise<ObservedContents | undefined> {
    const { tree } = this.#core;
    const access = this.#access;
    if (path.objectId === undefined) return readComposite({ tree, access }, paths, 'observe');
    const isHere = tree.instance(path) !== undefined || path.objectInstanceId === undefined;
    if (isHere && !access.isAllowed('observe', path)) return undefined;
    return [await readableNodes(tree, path, access)];
  }

  #delivery(): Delivery {
    if (this.#engine.state.kind !== 'offline') return 'send';
    return this.#server.storesNotifications ? 'store' : 'wait';
  }

  /** What the endpoint gives handlers, observations give their looks. */
  get #handlerTimeoutMs(): number {
    return this.#core.options.coap?.handlerTimeoutMs ?? defaultEndpointParameters.handlerTimeoutMs;
  }

  #settings(): PayloadSettings {
    const { tree, lwm2mVersion, platform, rootPath, rootSegments } = this.#core;
    const nowSeconds = platform.clock.epochMs() / 1_000;
    return { lookup: tree.lookup, lwm2mVersion, nowSeconds, rootPath, rootSegments };
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

  #stateChanged(state: RegistrationState): void {
    const next = clientState(state) ?? this.#state;
    if (next === this.#state && state.kind !== 'registering') return;
    this.#state = next;
    if (next !== 'registered') this.#keepAlive?.stop();
    this.#log('info', { state: next }, 'registration state');
    this.#listener.state(next, this);
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
