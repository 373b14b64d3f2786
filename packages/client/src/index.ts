export type { ClientEvents, ClientState, ServerInfo } from './client-events.ts';
export { type ClientLimits, defaultClientLimits } from './client-limits.ts';
export type { ClientOptions, ClientPlatform, ServerAccount, TransportFactory } from './client-options.ts';
export {
  type CreateRequest,
  type ImplementedObject,
  implementObject,
  type ObjectHandlers,
} from './device-management/implemented-object.ts';
export {
  type AnyPath,
  type ClientSnapshot,
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
export { defaultRetryPolicy, type RetryPolicy } from './registration/retry-policy.ts';
export { type RefusalCode, RequestRefusedError } from './request-refused-error.ts';
export { type SecurityAccount, type SecurityValues, securityAccount } from './security-account.ts';
