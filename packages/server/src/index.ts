export type { Awaitable } from './awaitable.ts';
export type { Definition } from './definitions.ts';
export type { ContentFormatName } from './device-management/content-format-choice.ts';
export type { OpaqueSource } from './device-management/opaque-streams.ts';
export type {
  AttributeChangesFor,
  Attributes,
  BooleanAttributes,
  CompositeAttributes,
  NumericAttributes,
} from './information-reporting/attributes.ts';
export type { Notification } from './information-reporting/notification.ts';
export type {
  Observation,
  ObserveCompositeOptions,
  ObserveOptions,
  ReportOptions,
} from './information-reporting/observation.ts';
export type { Sample } from './information-reporting/sample.ts';
export type { SlowReaderPolicy } from './information-reporting/sample-buffer.ts';
export type { SendReport } from './information-reporting/send-report.ts';
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
} from './lwm2m-error.ts';
export { LwM2mServer } from './lwm2m-server.ts';
export type { CommandAnswer, CommandRequest, CommandState, StoredCommand } from './queue/command.ts';
export { type CommandStore, InMemoryCommandStore } from './queue/command-store.ts';
export type { CommandOptions, DeviceQueue } from './queue/device-queue.ts';
export type { QueueOptions } from './queue/queue-mode.ts';
export type { QueuedCommand } from './queue/queued-command.ts';
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
} from './registered-device.ts';
export type { Approval, AuthorizationRequest, AuthorizationSubject, Authorizer } from './registration/authorizer.ts';
export { type Binding, type BindingMode, parseBinding } from './registration/binding.ts';
export { InMemoryRegistrationStore } from './registration/in-memory-registration-store.ts';
export {
  InMemoryProfileStore,
  type InMemoryProfileStoreOptions,
  type ProfileStore,
} from './registration/profile-store.ts';
export {
  type ApplicationData,
  expiresAtEpochMs,
  type LwM2mVersion,
  type Registration,
} from './registration/registration.ts';
export type { EndReason } from './registration/registration-change.ts';
export { defaultRegistrationLeniencies, type RegistrationLeniencies } from './registration/registration-leniencies.ts';
export { defaultRegistrationLimits, type RegistrationLimits } from './registration/registration-limits.ts';
export type { RegisterParameters, RegistrationParameters } from './registration/registration-parameters.ts';
export type {
  CommitResult,
  RegistrationCommit,
  RegistrationStore,
  StoredObservation,
} from './registration/registration-store.ts';
export type { ResponseReason } from './response-meaning.ts';
export {
  InMemorySecurityStore,
  PSK_IDENTITY_BYTES_MAX,
  PSK_KEY_BYTES_MAX,
} from './security/in-memory-security-store.ts';
export type { DeviceCredentials, DeviceSecurity, SecurityStore } from './security/security-store.ts';
export { SynchronousLookupError } from './security/synchronous-lookup-error.ts';
export type { CommandTarget, ServerEvents } from './server-events.ts';
export type { DeviceInspection, EndpointInspection, ServerInspection } from './server-inspection.ts';
export type {
  ApplicationResources,
  DiagnosticsEvent,
  DiagnosticsListener,
  PortableServerOptions,
  ServerLimits,
  ServerOptions,
} from './server-options.ts';
export type { ServerTransport } from './server-transport.ts';
