import type { AbortSignalLike } from '@motestack/coap';
import type { Path } from '@motestack/model';
import type { ClientLimits } from './client-limits.ts';
import type { ClientOptions, ClientPlatform } from './client-options.ts';
import type { AccessControl } from './device-management/access-control.ts';
import type { ObjectTree } from './device-management/object-tree.ts';
import type { LwM2mError } from './lwm2m-error.ts';
import type { LwM2mVersion } from './lwm2m-version.ts';
import type { TrafficCounter } from './objects/traffic-meter.ts';
import type { BootstrapReason } from './registration/bootstrap-part.ts';

/** What the links to servers have in common. */
export interface ClientCore {
  readonly endpoint: string;
  readonly lwm2mVersion: LwM2mVersion;
  readonly tree: ObjectTree;
  readonly accessControl: AccessControl;
  readonly limits: ClientLimits;
  readonly platform: ClientPlatform;
  readonly options: ClientOptions;
  /** The path that stands before all others. */
  readonly rootPath: string;
  readonly rootSegments: readonly string[];
  readonly requestTimeoutMs: number;
  /** How long the client stays awake in queue mode; `undefined`: it does not sleep. */
  readonly awakeMs: number | undefined;
  /** Counts what goes over the connections. */
  readonly traffic: TrafficCounter;
  /** Whether there is a network. */
  isOnline(): boolean;
  /** Draws from [0, 1). */
  readonly chance: () => number;
  /** The body of Register and Update. */
  objectLinks(): string;
  /** Given when the client is being stopped. */
  readonly stopping: AbortSignalLike;
  changed(paths: readonly Path[]): void;
  instancesChanged(): void;
  tellError(error: LwM2mError): void;
  /** Hands over to the bootstrap interface. */
  bootstrap(reason: BootstrapReason): void;
}
