export type { BootstrapAccount } from './bootstrap/bootstrap-account.ts';
export type { ClientEvents, ClientState, ServerInfo } from './client-events.ts';
export { type ClientLimits, defaultClientLimits } from './client-limits.ts';
export type {
  ClientOptions,
  ClientPlatform,
  ConnectionWatcher,
  EndpointParts,
  OpenEndpoint,
  QueueModeOptions,
  TransportFactory,
} from './client-options.ts';
export type { ClientSnapshot } from './client-snapshot.ts';
export type { AccessControlOptions } from './device-management/access-control.ts';
export type { AccessEntry, AccessLetters } from './device-management/access-entry.ts';
export {
  type CreateRequest,
  type ImplementedObject,
  implementObject,
  type ObjectHandlers,
} from './device-management/implemented-object.ts';
export type { TransactionHandlers } from './device-management/transaction.ts';
export type { SendOptions } from './information-reporting/send-values.ts';
export type { ValueBatch } from './information-reporting/value-batch.ts';
export {
  type AnyPath,
  LwM2mClient,
  type PathText,
  type PortableClientOptions,
  type SetValue,
  type StopOptions,
  type ValuePath,
} from './lwm2m-client.ts';
export {
  type ClientErrorCode,
  type ClientErrorDetail,
  type ClientOperation,
  LwM2mError,
  RegistrationError,
  type RegistrationErrorDetail,
} from './lwm2m-error.ts';
export type { LwM2mVersion } from './lwm2m-version.ts';
export { connectivityStatistics, type MeteredInstance } from './objects/connectivity-statistics.ts';
export { type SecurityAccount, type SecurityValues, securityAccount } from './objects/security-account.ts';
export type { TrafficCounter, TrafficFigures, TrafficMeter } from './objects/traffic-meter.ts';
export type { BootstrapPart, BootstrapReason } from './registration/bootstrap-part.ts';
export { defaultRetryPolicy, type RetryPolicy } from './registration/retry-policy.ts';
export { type RefusalCode, RequestRefusedError } from './request-refused-error.ts';
export type { ServerAccount } from './server-account.ts';
