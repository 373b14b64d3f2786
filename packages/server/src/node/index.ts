import type { LwM2mBootstrapServer as BootstrapServer } from '../bootstrap/lwm2m-bootstrap-server.ts';
import type { LwM2mServer as Server } from '../lwm2m-server.ts';
import { listen, type NodeServerOptions } from './listen.ts';
import { listenBootstrap, type NodeBootstrapServerOptions } from './listen-bootstrap.ts';

export type { Awaitable } from '../awaitable.ts';
export {
  type AccountCredentials,
  type BootstrapAccount,
  type BootstrapAnswer,
  type BootstrapConfiguration,
  type BootstrapConfigurator,
  type BootstrapRequest,
  type BootstrapWrite,
  instanceWrite,
  resourceWrite,
  type ServerAccount,
} from '../bootstrap/bootstrap-configuration.ts';
export type { BootstrapDevice } from '../bootstrap/bootstrap-device.ts';
export type { BootstrapEvents } from '../bootstrap/bootstrap-events.ts';
export type { BootstrapContentFormat } from '../bootstrap/bootstrap-request.ts';
export {
  type BootstrapLimits,
  type BootstrapServerOptions,
  defaultBootstrapLimits,
  type PortableBootstrapServerOptions,
} from '../bootstrap/bootstrap-server-options.ts';
export type { Definition } from '../definitions.ts';
export type { ContentFormatName } from '../device-management/content-format-choice.ts';
export type { OpaqueSource } from '../device-management/opaque-streams.ts';
export type {
  AttributeChangesFor,
  Attributes,
  BooleanAttributes,
  CompositeAttributes,
  NumericAttributes,
} from '../information-reporting/attributes.ts';
export type { Notification } from '../information-reporting/notification.ts';
export type {
  Observation,
  ObserveCompositeOptions,
  ObserveOptions,
  ReportOptions,
} from '../information-reporting/observation.ts';
export type { Sample } from '../information-reporting/sample.ts';
export type { SlowReaderPolicy } from '../information-reporting/sample-buffer.ts';
export type { SendReport } from '../information-reporting/send-report.ts';
export {
  AbortedError,
  AddressChangedError,
  ConnectionLostError,
  DeviceAsleepError,
  DeviceGoneError,
  DeviceResetError,
  DeviceUnreachableError,
  InternalError,
  InvalidArgumentError,
  LimitReachedError,
  ListenerError,
  LwM2mError,
  type LwM2mErrorCode,
  type LwM2mErrorDetail,
  NotObservedError,
  type Operation,
  RegistrationReplacedError,
  ResponseError,
  ServerClosedError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../lwm2m-error.ts';
export type { CommandAnswer, CommandRequest, CommandState, StoredCommand } from '../queue/command.ts';
export { type CommandStore, InMemoryCommandStore } from '../queue/command-store.ts';
export type { CommandOptions, DeviceQueue } from '../queue/device-queue.ts';
export type { QueueOptions } from '../queue/queue-mode.ts';
export type { QueuedCommand } from '../queue/queued-command.ts';
export type {
  CompositeReadOptions,
  CompositeResult,
  CompositeWrites,
  CreateOptions,
  DiscoverOptions,
  ExecutablePath,
  FormatOptions,
  InstancePath,
  PathText,
  ReadablePath,
  ReadOptions,
  ReadResult,
  RegisteredDevice,
  RequestOptions,
  StreamOptions,
  WithBigint,
  WritablePath,
  WriteValue,
} from '../registered-device.ts';
export type { Approval, AuthorizationRequest, AuthorizationSubject, Authorizer } from '../registration/authorizer.ts';
export { type Binding, type BindingMode, parseBinding } from '../registration/binding.ts';
export { InMemoryRegistrationStore } from '../registration/in-memory-registration-store.ts';
export {
  InMemoryProfileStore,
  type InMemoryProfileStoreOptions,
  type ProfileStore,
} from '../registration/profile-store.ts';
export {
  type ApplicationData,
  expiresAtEpochMs,
  type LwM2mVersion,
  type Registration,
} from '../registration/registration.ts';
export type { EndReason } from '../registration/registration-change.ts';
export { defaultRegistrationLeniencies, type RegistrationLeniencies } from '../registration/registration-leniencies.ts';
export { defaultRegistrationLimits, type RegistrationLimits } from '../registration/registration-limits.ts';
export type { RegisterParameters, RegistrationParameters } from '../registration/registration-parameters.ts';
export type {
  CommitResult,
  RegistrationCommit,
  RegistrationStore,
  StoredObservation,
} from '../registration/registration-store.ts';
export type { ResponseReason } from '../response-meaning.ts';
export {
  InMemorySecurityStore,
  PSK_IDENTITY_BYTES_MAX,
  PSK_KEY_BYTES_MAX,
} from '../security/in-memory-security-store.ts';
export type { DeviceCredentials, DeviceSecurity, SecurityStore } from '../security/security-store.ts';
export { SynchronousLookupError } from '../security/synchronous-lookup-error.ts';
export type { CommandTarget, ServerEvents } from '../server-events.ts';
export type { DeviceInspection, EndpointInspection, ServerInspection } from '../server-inspection.ts';
export type {
  ApplicationResources,
  DiagnosticsEvent,
  DiagnosticsListener,
  PortableServerOptions,
  ServerLimits,
  ServerOptions,
} from '../server-options.ts';
export type { ServerTransport } from '../server-transport.ts';
export { JsonFileSecurityStore } from './json-file-security-store.ts';
export type { NodeBootstrapServerOptions, NodeServerOptions };

/** An LwM2M server on UDP and DTLS; see the portable class for what it can do. */
export type LwM2mServer = Server;

/** Starts servers on UDP and DTLS. */
export const LwM2mServer: {
  /**
   * Opens sockets and starts a server on them.
   *
   * @throws {TypeError} for a URL that is none, of a scheme other than `coap` and `coaps`, or of `coaps` without `security`
   * @throws {Error} the system's, if an address cannot be had
   * @example
   * const server = await LwM2mServer.listen({ urls: ['coap://[::]:5683'] });
   */
  readonly listen: (options: NodeServerOptions) => Promise<LwM2mServer>;
} = { listen };

/** A bootstrap server on UDP and DTLS; see the portable class for what it can do. */
export type LwM2mBootstrapServer = BootstrapServer;

/** Starts bootstrap servers on UDP and DTLS. */
export const LwM2mBootstrapServer: {
  /**
   * Opens sockets and starts a bootstrap server on them.
   *
   * @throws {TypeError} for a URL that is none, of a scheme other than `coap` and `coaps`, or of `coaps` without `security`
   * @throws {RangeError} for a limit that means nothing
   * @throws {Error} the system's, if an address cannot be had
   * @example
   * const bootstrap = await LwM2mBootstrapServer.listen({
   *   urls: ['coap://[::]:5783'],
   *   configuration: () => ({ servers: [{ uri: 'coap://lwm2m.example.com', shortServerId: 1 }] }),
   * });
   */
  readonly listen: (options: NodeBootstrapServerOptions) => Promise<LwM2mBootstrapServer>;
} = { listen: listenBootstrap };
