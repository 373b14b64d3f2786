import { decodeUtf8 } from '@motestack/bytes';
import { AbortSource, type RandomSource } from '@motestack/coap';
import { encodeObjectLinks } from '@motestack/codecs';
import type { Path } from '@motestack/model';
import type { DraftedAccounts, HeldAccount } from './bootstrap/account-draft.ts';
import { ClientBootstrap } from './bootstrap/client-bootstrap.ts';
import type { ClientCore } from './client-core.ts';
import type { ClientState } from './client-events.ts';
import { resolveClientLimits } from './client-limits.ts';
import type { ClientOptions, ClientPlatform } from './client-options.ts';
import { AccessControl } from './device-management/access-control.ts';
import { isSecurityObject, ObjectTree, treeInstance } from './device-management/object-tree.ts';
import type { ResourceContent } from './device-management/tree-resource.ts';
import { LwM2mError } from './lwm2m-error.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import { completeDevice, type DeviceFacts, withResetErrorCode } from './objects/complete-device.ts';
import { TrafficMeter } from './objects/traffic-meter.ts';
import type { BootstrapPart, BootstrapReason } from './registration/bootstrap-part.ts';
import type { RegistrationInput } from './registration/registration-state.ts';
import { AWAKE_MS } from './registration/surroundings.ts';
import { accountsOf, resolveAccount, type ServerAccount } from './server-account.ts';
import type { ServerLink } from './server-link.ts';
import { ServerLinks } from './server-links.ts';
import { resolveAnnouncedFormats } from './version-formats.ts';

/** What an engine tells. */
export interface ClientEngineListener {
  registered(link: ServerLink): void;
  updated(link: ServerLink): void;
  state(state: ClientState, link: ServerLink): void;
  bootstrap(reason: BootstrapReason): void;
  error(error: LwM2mError): void;
}

/** What a client does by itself: its objects, its servers, and what binds them together. */
export class ClientEngine {
  /** What all servers have in common. */
  readonly core: ClientCore;
  readonly #tree = new ObjectTree();
  readonly #accessControl: AccessControl;
  readonly #servers: ServerLinks;
  readonly #listener: ClientEngineListener;
  readonly #stopping = new AbortSource();
  readonly #meters = new Set<TrafficMeter>();
  #objectLinks: string | undefined;
  #isOnline = true;
  #cancelBegin: () => void = () => undefined;
  #bootstrapping: Promise<void> | undefined;
  #ended = false;

  constructor(options: ClientOptions, platform: ClientPlatform, listener: ClientEngineListener) {
    this.#listener = listener;
    const { lwm2mVersion = '1.1', accessControl } = options;
    this.#accessControl = new AccessControl({
      tree: this.#tree,
      lwm2mVersion,
      options: accessControl,
      servers: () => this.#servers.all.map((link) => link.info.shortServerId),
    });
    this.core = this.#makeCore(options, this.#withBootstrap(options, platform), lwm2mVersion);
    this.#servers = new ServerLinks(this.core, listener);
    for (const account of accountsOf(options)) this.#servers.add(account);
    for (const object of options.objects) this.#addObject(object);
    this.#accessControl.update();
  }

  /** The servers, in the order of their accounts. */
  get links(): readonly ServerLink[] {
    return this.#servers.all;
  }

  /** Whether every server has acknowledged the registration. */
  get isRegistered(): boolean {
    return this.links.length > 0 && this.links.every((link) => link.isRegistered);
  }

  /** Begins to register, in a task of its own. */
  begin(): void {
    const { clock } = this.core.platform;
    this.#cancelBegin = clock.schedule(clock.now(), () => {
      this.#servers.begin();
      // Nothing was left by a factory: the bootstrap server is all there is (Core 1.1.1 §6.1.4).
      if (this.links.length === 0) void this.bootstrap('requested');
    });
  }

  /** Says whether there is a network; `networkChanged` that there is another one. */
  handleNetwork(kind: 'networkLost' | 'networkFound' | 'networkChanged'): void {
    this.#isOnline = kind !== 'networkLost';
    this.tellAll({ kind });
  }

  /** Gives the registration at each server an input. */
  tellAll(input: RegistrationInput): void {
    for (const link of this.links) link.handle(input);
  }

  /** Adds a server, and registers at it. @throws {TypeError | RangeError} for an account that is none */
  addServer(account: string | ServerAccount): void {
    let free = 1;
    while (this.#servers.find(free) !== undefined) free += 1;
    this.#servers.add(resolveAccount(account, free, this.core.options.security));
    this.instancesChanged();
  }

  /** Removes a server; `undefined`: there is none of that id. The link still has to be stopped. */
  removeServer(shortServerId: number): ServerLink | undefined {
    const link = this.#servers.find(shortServerId);
    if (link === undefined) return undefined;
    this.#servers.remove(link);
    this.instancesChanged();
    return link;
  }

  /** Adds objects or an instance of one. @throws {TypeError} if it is there already, or is the client's own */
  addObject(object: ClientOptions['objects'][number]): void {
    this.#addObject(object);
    this.instancesChanged();
  }

  /** Values changed at and below these paths. */
  changed(paths: readonly Path[]): void {
    if (this.#ended) return;
    for (const link of this.links) link.changed(paths);
  }

  /** Instances came or went. */
  instancesChanged(): void {
    const areRightsOther = this.#accessControl.update();
    this.#objectLinks = undefined;
    for (const link of this.links) link.instancesChanged();
    if (areRightsOther) this.changed([{ objectId: 2 }]);
  }

  /** Lets the bootstrap interface take over; settles when it has ended, whatever came of it. */
  bootstrap(reason: BootstrapReason): Promise<void> {
    const { bootstrapPart } = this.core.platform;
    if (bootstrapPart === undefined || this.#stopping.signal.aborted) return Promise.resolve();
    this.#bootstrapping ??= this.#runBootstrap(bootstrapPart, reason).finally(() => {
      this.#bootstrapping = undefined;
    });
    return this.#bootstrapping;
  }

  /** Ends all: what is being answered is sent, the servers are told. */
  async stop(deregister: boolean, timeoutMs: number): Promise<void> {
    this.#cancelBegin();
    this.#stopping.abort(undefined);
    // The caller gets its promise, and a handler that called returns, before anything ends.
    await Promise.resolve();
    const { clock } = this.core.platform;
    const { links } = this;
    let cancel: () => void = () => undefined;
    const late = new Promise<void>((resolve) => {
      cancel = clock.schedule(clock.now() + timeoutMs, resolve);
    });
    await Promise.race([Promise.all(links.map((link) => link.idle())), late]);
    cancel();
    await Promise.all(links.map((link) => link.stop(deregister, timeoutMs)));
    this.#ended = true;
  }

  #makeCore(options: ClientOptions, platform: ClientPlatform, lwm2mVersion: LwM2mVersion): ClientCore {
    const { requestTimeoutMs = AWAKE_MS, rootPath = '/', queueMode = false } = options;
    const announced = resolveAnnouncedFormats(lwm2mVersion, options.announcedContentFormats);
    const { awakeMs = AWAKE_MS } = queueMode === true || queueMode === false ? {} : queueMode;
    return {
      endpoint: options.endpoint,
      lwm2mVersion,
      tree: this.#tree,
      accessControl: this.#accessControl,
      limits: resolveClientLimits(options.limits),
      platform,
      options,
      rootPath,
      rootSegments: rootSegmentsOf(rootPath),
      requestTimeoutMs,
      awakeMs: queueMode === false ? undefined : awakeMs,
      isOnline: () => this.#isOnline,
      traffic: {
        sent: (byteLength) => {
          for (const meter of this.#meters) meter.sent(byteLength);
        },
        received: (byteLength) => {
          for (const meter of this.#meters) meter.received(byteLength);
        },
      },
      chance: () => chanceOf(platform.random),
      objectLinks: () => {
        this.#objectLinks ??= decodeUtf8(encodeObjectLinks(this.#tree.inventory(lwm2mVersion, announced, rootPath)));
        return this.#objectLinks;
      },
      stopping: this.#stopping.signal,
      changed: (paths) => this.changed(paths),
      instancesChanged: () => this.instancesChanged(),
      tellError: (error) => this.#listener.error(error),
      bootstrap: (reason) => void this.bootstrap(reason),
    };
  }

  async #runBootstrap(part: BootstrapPart, reason: BootstrapReason): Promise<void> {
    this.#listener.bootstrap(reason);
    this.tellAll({ kind: 'bootstrapStarted' });
    let succeeded = false;
    try {
      succeeded = await part.bootstrap(reason);
    } catch (cause) {
      const { endpoint } = this.core;
      const detail = { operation: 'bootstrap' as const, endpoint, cause };
      this.#listener.error(new LwM2mError('bootstrap-failed', 'the bootstrap failed', detail));
    }
    this.tellAll({ kind: 'bootstrapFinished', succeeded });
  }

  #withBootstrap({ bootstrap }: ClientOptions, platform: ClientPlatform): ClientPlatform {
    if (bootstrap === undefined) return platform;
    const bootstrapPart = new ClientBootstrap(bootstrap, {
      core: () => this.core,
      held: () => this.links.flatMap((link) => this.#heldAccount(link)),
      replace: (accounts) => this.#replaceServers(accounts),
    });
    return { ...platform, bootstrapPart };
  }

  #heldAccount(link: ServerLink): readonly HeldAccount[] {
    const account = this.#servers.accountOf(link);
    const { objectInstanceId } = link.accountPath;
    const instance = this.#tree.instance(link.accountPath);
    if (account === undefined || instance === undefined) return [];
    const contents = [...instance.resources].flatMap(([id, resource]): [number, ResourceContent][] =>
      resource.kind === 'kept' && resource.content !== undefined ? [[id, resource.content]] : [],
    );
    return [{ account, objectInstanceId, contents: new Map(contents) }];
  }

  /** What a bootstrap server made of the accounts: those that are other ones go, without a word, and come anew. */
  async #replaceServers({ servers }: DraftedAccounts): Promise<void> {
    const kept = new Set(servers.filter(({ isHeld }) => isHeld).map(({ account }) => account.shortServerId));
    for (const link of this.links.filter(({ info }) => !kept.has(info.shortServerId))) {
      this.#servers.remove(link);
      await link.stop(false, 0);
    }
    for (const { account, objectInstanceId, isHeld } of servers)
      if (!isHeld) this.#servers.add(resolveAccount(account), objectInstanceId);
    this.instancesChanged();
  }

  #addObject(object: ClientOptions['objects'][number]): void {
    const { objectId } = object;
    if (objectId === 1 || objectId === 2 || isSecurityObject(objectId)) {
      throw new TypeError(`object ${objectId} is the client's own: say it in the servers' accounts and accessControl`);
    }
    if ('handlers' in object) this.#tree.addObject(object);
    else {
      const instance = treeInstance(completeDevice(object, this.#deviceFacts()));
      const complete = withResetErrorCode(instance, object, (paths) => this.changed(paths));
      this.#tree.addInstance(object.definition, complete);
    }
    if ('meter' in object && object.meter instanceof TrafficMeter) {
      object.meter.attach(this.core.platform.clock);
      this.#meters.add(object.meter);
    }
  }

  #deviceFacts(): DeviceFacts {
    const { bindings = 'U', clock } = this.core.platform;
    return { bindings, clock };
  }
}

function rootSegmentsOf(rootPath: string): readonly string[] {
  const segments = rootPath === '/' ? [] : rootPath.slice(1).split('/');
  // A number would be taken for an object (LwM2M Core 1.1.1 §6.2.1).
  if (!rootPath.startsWith('/') || segments.some((segment) => segment === '' || /^[0-9]+$/.test(segment)))
    throw new TypeError(`rootPath is ${rootPath}, but must be / or segments that are no numbers`);
  return segments;
}

function chanceOf(random: RandomSource): number {
  const bytes = new Uint8Array(4);
  random.fill(bytes);
  return new DataView(bytes.buffer).getUint32(0) / 2 ** 32;
}
