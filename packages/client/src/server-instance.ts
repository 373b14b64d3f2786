import type { ObjectSpec } from '@motestack/model';
import { resourcesById } from '@motestack/model';
import { Server as Server10 } from '@motestack/objects/1/1.0';
import { Server as Server11 } from '@motestack/objects/1/1.1';
import type { ResolvedAccount } from './client-options.ts';
import type { TreeInstance } from './device-management/object-tree.ts';
import type { ExecuteHandler, ResourceContent, TreeResource } from './device-management/tree-resource.ts';
import type { DefaultPeriods } from './information-reporting/attribute-store.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import { RequestRefusedError } from './request-refused-error.ts';

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
} as const;

const DISABLE_TIMEOUT_SECONDS = 86_400;
const LIFETIME_SECONDS_MAX = 2 ** 31 - 1;

/** What a server makes the registration do by executing on its instance of object 1. */
export interface ServerActions {
  /** `/1/x/4` */
  disable(): void;
  /** `/1/x/8` */
  triggerUpdate(): void;
}

/** The definition of object 1 that the client's version of the enabler has. */
export function serverSpec(lwm2mVersion: LwM2mVersion): ObjectSpec {
  return lwm2mVersion === '1.0' ? Server10.definition : Server11.definition;
}

/** One server's instance of object 1: what the registration goes by, and what the server may read, write and execute. */
export class ServerInstance {
  /** The instance in the object tree. */
  readonly instance: TreeInstance;
  readonly #kept = new Map<number, TreeResource & { readonly kind: 'kept' }>();

  constructor(account: ResolvedAccount, objectInstanceId: number, spec: ObjectSpec, actions: ServerActions) {
    const resources = new Map<number, TreeResource>();
    const specs = resourcesById(spec);
    const keep = (
      id: number,
      content: ResourceContent | undefined,
      check: (content: ResourceContent) => void,
    ): void => {
      const resourceSpec = specs.get(id)?.spec;
      if (resourceSpec === undefined) return;
      const resource = { kind: 'kept' as const, spec: resourceSpec, content, check };
      this.#kept.set(id, resource);
      resources.set(id, resource);
    };
    const execute = (id: number, handler: ExecuteHandler): void => {
      const resourceSpec = specs.get(id)?.spec;
      if (resourceSpec !== undefined) resources.set(id, { kind: 'executable', spec: resourceSpec, execute: handler });
    };
    keep(ServerResource.ShortServerId, account.shortServerId, checkSeconds);
    keep(ServerResource.Lifetime, account.lifetimeSeconds, checkLifetime);
    keep(ServerResource.DefaultMinimumPeriod, account.minimumPeriodSeconds, checkSeconds);
    keep(ServerResource.DefaultMaximumPeriod, account.maximumPeriodSeconds, checkSeconds);
    execute(ServerResource.Disable, (_args, afterAnswer) => afterAnswer(() => actions.disable()));
    keep(ServerResource.DisableTimeout, DISABLE_TIMEOUT_SECONDS, checkSeconds);
    // Notifications are not stored while the server is away, so it begins as false; a server may set it, without effect.
    keep(ServerResource.NotificationStoring, false, () => undefined);
    keep(ServerResource.Binding, 'U', checkBinding);
    execute(ServerResource.RegistrationUpdateTrigger, (_args, afterAnswer) =>
      afterAnswer(() => actions.triggerUpdate()),
    );
    this.instance = { objectId: spec.id, objectInstanceId, resources };
  }

  /** `/1/x/1` */
  get lifetimeSeconds(): number {
    return this.#seconds(ServerResource.Lifetime) ?? 0;
  }

  /** `/1/x/5` */
  get disableTimeoutSeconds(): number {
    return this.#seconds(ServerResource.DisableTimeout) ?? DISABLE_TIMEOUT_SECONDS;
  }

  /** `/1/x/7` */
  get bindingMode(): string {
    return String(this.#kept.get(ServerResource.Binding)?.content ?? 'U');
  }

  /** `/1/x/2` and `/1/x/3` */
  get defaultPeriods(): DefaultPeriods {
    const pmin = this.#seconds(ServerResource.DefaultMinimumPeriod);
    const pmax = this.#seconds(ServerResource.DefaultMaximumPeriod);
    return { ...(pmin === undefined ? {} : { pmin }), ...(pmax === undefined ? {} : { pmax }) };
  }

  #seconds(resourceId: number): number | undefined {
    const content = this.#kept.get(resourceId)?.content;
    return typeof content === 'number' ? content : undefined;
  }
}

function checkSeconds(content: ResourceContent): void {
  if (typeof content !== 'number' || content < 0) throw new RequestRefusedError('4.00', 'seconds are 0 or more');
}

function checkLifetime(content: ResourceContent): void {
  checkSeconds(content);
  if (typeof content === 'number' && content > LIFETIME_SECONDS_MAX) {
    throw new RequestRefusedError('4.00', `the lifetime is at most ${LIFETIME_SECONDS_MAX} s`);
  }
}

/** UDP is the one transport binding that the client has. */
function checkBinding(content: ResourceContent): void {
  if (content !== 'U') throw new RequestRefusedError('4.00', 'the client supports the binding U alone');
}
