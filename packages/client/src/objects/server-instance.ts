import { type ObjectSpec, type ResourceValue, resourcesById } from '@motestack/model';
import { Server as Server10 } from '@motestack/objects/1/1.0';
import { Server as Server11 } from '@motestack/objects/1/1.1';
import { Server as Server12 } from '@motestack/objects/1/1.2';
import type { TreeInstance } from '../device-management/object-tree.ts';
import type { ExecuteHandler, TreeResource } from '../device-management/tree-resource.ts';
import type { DefaultPeriods } from '../information-reporting/attribute-store.ts';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../registration/retry-policy.ts';
import type { ResolvedAccount } from '../server-account.ts';
import { serverChecks } from './server-checks.ts';

/** Ids of object 1's resources (LwM2M Core 1.1.1, LwM2M Server object). */
const ServerResource = {
  ShortServerId: 0,
  Lifetime: 1,
  DefaultMinimumPeriod: 2,
  DefaultMaximumPeriod: 3,
  Disable: 4,
  DisableTimeout: 5,
  NotificationStoring: 6,
  Binding: 7,
  RegistrationUpdateTrigger: 8,
  BootstrapRequestTrigger: 9,
  PriorityOrder: 13,
  InitialDelay: 14,
  FailureBlock: 15,
  BootstrapOnFailure: 16,
  RetryCount: 17,
  RetryTimer: 18,
  SequenceDelay: 19,
  SequenceCount: 20,
  Trigger: 21,
  PreferredTransport: 22,
  MuteSend: 23,
  DefaultNotificationMode: 26,
} as const;

const DISABLE_TIMEOUT_SECONDS = 86_400;

/** What a server makes the registration do by executing on its instance of object 1. */
interface ServerActions {
  /** `/1/x/4` */
  disable(): void;
  /** `/1/x/8` */
  triggerUpdate(): void;
  /** `/1/x/9`; `undefined`: there is nothing to bootstrap with, and the resource is not there. */
  readonly triggerBootstrap: (() => void) | undefined;
}

/** The definition of object 1 that the client's version of the enabler has. */
export function serverSpec(lwm2mVersion: LwM2mVersion): ObjectSpec {
  switch (lwm2mVersion) {
    case '1.0':
      return Server10.definition;
    case '1.1':
      return Server11.definition;
    case '1.2':
      return Server12.definition;
    default:
      return lwm2mVersion satisfies never;
  }
}

/** What a server's instance of object 1 is made of. */
export interface ServerInstanceInit {
  readonly account: ResolvedAccount;
  /** Of the account in object 1. */
  readonly objectInstanceId: number;
  readonly spec: ObjectSpec;
  /** The letters of `/1/x/7` that the client has transports for. */
  readonly supportedBindings: string;
  readonly actions: ServerActions;
}

/** One server's instance of object 1: what the registration goes by, and what the server may read, write and execute. */
export class ServerInstance {
  /** The instance in the object tree. */
  readonly instance: TreeInstance;
  readonly #resources = new Map<number, TreeResource>();
  readonly #jitterFactor: number;

  constructor({ account, objectInstanceId, spec, supportedBindings, actions }: ServerInstanceInit) {
    this.#jitterFactor = account.retry?.jitterFactor ?? defaultRetryPolicy.jitterFactor;
    const handlers = executeHandlers(actions);
    const contents = contentsOf(account);
    const checks = serverChecks(supportedBindings);
    for (const [id, { spec: resource }] of resourcesById(spec)) {
      if (resource.operations !== 'E') {
        const content = contents[id];
        this.#resources.set(id, { kind: 'kept', spec: resource, content, check: (value) => checks[id]?.(value) });
        continue;
      }
      const execute = handlers[id];
      if (execute !== undefined) this.#resources.set(id, { kind: 'executable', spec: resource, execute });
    }
    this.instance = { objectId: spec.id, objectInstanceId, resources: this.#resources };
  }

  /** `/1/x/0` */
  get shortServerId(): number {
    return this.#number(ServerResource.ShortServerId) ?? 0;
  }

  /** `/1/x/1` */
  get lifetimeSeconds(): number {
    return this.#number(ServerResource.Lifetime) ?? 0;
  }

  /** `/1/x/5` */
  get disableTimeoutSeconds(): number {
    return this.#number(ServerResource.DisableTimeout) ?? DISABLE_TIMEOUT_SECONDS;
  }

  /** `/1/x/6` */
  get storesNotifications(): boolean {
    return this.#at(ServerResource.NotificationStoring) !== false;
  }

  /** `/1/x/7` */
  get bindingMode(): string {
    return String(this.#at(ServerResource.Binding) ?? 'U');
  }

  /** `/1/x/13`; `undefined`: the server is registered at whatever becomes of the others. */
  get priority(): number | undefined {
    return this.#number(ServerResource.PriorityOrder);
  }

  /** `/1/x/14` */
  get initialDelayMs(): number {
    return (this.#number(ServerResource.InitialDelay) ?? 0) * 1_000;
  }

  /** `/1/x/15` */
  get blocksOnFailure(): boolean {
    return this.#at(ServerResource.FailureBlock) === true;
  }

  /** `/1/x/16` */
  get bootstrapsOnFailure(): boolean {
    return this.#at(ServerResource.BootstrapOnFailure) !== false;
  }

  /** `/1/x/17` to `/1/x/20` */
  get retryPolicy(): RetryPolicy {
    const { count, timerSeconds, sequenceDelaySeconds, sequenceCount } = defaultRetryPolicy;
    return {
      count: this.#number(ServerResource.RetryCount) ?? count,
      timerSeconds: this.#number(ServerResource.RetryTimer) ?? timerSeconds,
      sequenceDelaySeconds: this.#number(ServerResource.SequenceDelay) ?? sequenceDelaySeconds,
      sequenceCount: this.#number(ServerResource.SequenceCount) ?? sequenceCount,
      jitterFactor: this.#jitterFactor,
    };
  }

  /** `/1/x/22`; `undefined`: none is preferred. */
  get preferredTransport(): string | undefined {
    const letter = this.#at(ServerResource.PreferredTransport);
    return typeof letter === 'string' ? letter : undefined;
  }

  /** `/1/x/23`: an absent resource mutes as well (Core 1.1.1 §6.4.6). */
  get isMuted(): boolean {
    return this.#at(ServerResource.MuteSend) !== false;
  }

  /** `/1/x/2` and `/1/x/3` */
  get defaultPeriods(): DefaultPeriods {
    const pmin = this.#number(ServerResource.DefaultMinimumPeriod);
    const pmax = this.#number(ServerResource.DefaultMaximumPeriod);
    return { ...(pmin === undefined ? {} : { pmin }), ...(pmax === undefined ? {} : { pmax }) };
  }

  /** `/1/x/26`; `undefined`: not said. */
  get confirmsNotifications(): boolean | undefined {
    const mode = this.#number(ServerResource.DefaultNotificationMode);
    return mode === undefined ? undefined : mode === 1;
  }

  #at(id: number): unknown {
    const resource = this.#resources.get(id);
    return resource?.kind === 'kept' ? resource.content : undefined;
  }

  #number(id: number): number | undefined {
    const content = this.#at(id);
    return typeof content === 'number' ? content : undefined;
  }
}

function executeHandlers(actions: ServerActions): Readonly<Record<number, ExecuteHandler | undefined>> {
  const { triggerBootstrap } = actions;
  return {
    [ServerResource.Disable]: (_args, afterAnswer) => afterAnswer(() => actions.disable()),
    [ServerResource.RegistrationUpdateTrigger]: (_args, afterAnswer) => afterAnswer(() => actions.triggerUpdate()),
    [ServerResource.BootstrapRequestTrigger]:
      triggerBootstrap === undefined ? undefined : (_args, afterAnswer) => afterAnswer(triggerBootstrap),
  };
}

/** What the resources hold at first; those that are not named hold nothing, and may be written. */
function contentsOf(account: ResolvedAccount): Readonly<Record<number, ResourceValue | undefined>> {
  const { retry } = account;
  return {
    [ServerResource.ShortServerId]: account.shortServerId,
    [ServerResource.Lifetime]: account.lifetimeSeconds,
    [ServerResource.DefaultMinimumPeriod]: account.minimumPeriodSeconds,
    [ServerResource.DefaultMaximumPeriod]: account.maximumPeriodSeconds,
    [ServerResource.DisableTimeout]: account.disableTimeoutSeconds ?? DISABLE_TIMEOUT_SECONDS,
    [ServerResource.NotificationStoring]: account.storesNotifications,
    [ServerResource.Binding]: account.binding,
    [ServerResource.PriorityOrder]: account.priority,
    [ServerResource.InitialDelay]: account.initialDelaySeconds,
    [ServerResource.FailureBlock]: account.blocksOnFailure,
    [ServerResource.BootstrapOnFailure]: account.bootstrapsOnFailure,
    [ServerResource.RetryCount]: retry?.count,
    [ServerResource.RetryTimer]: retry?.timerSeconds,
    [ServerResource.SequenceDelay]: retry?.sequenceDelaySeconds,
    [ServerResource.SequenceCount]: retry?.sequenceCount,
    [ServerResource.PreferredTransport]: account.preferredTransport,
    [ServerResource.MuteSend]: account.muteSend,
    [ServerResource.DefaultNotificationMode]: account.confirmableNotifications ? 1 : 0,
  };
}
