/**
 * The bootstrap server.
 *
 * @module
 */
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
} from './bootstrap-configuration.ts';
export type { BootstrapDevice } from './bootstrap-device.ts';
export type { BootstrapEvents } from './bootstrap-events.ts';
export type { BootstrapContentFormat } from './bootstrap-request.ts';
export {
  type BootstrapLimits,
  type BootstrapServerOptions,
  defaultBootstrapLimits,
  type PortableBootstrapServerOptions,
} from './bootstrap-server-options.ts';
export { LwM2mBootstrapServer } from './lwm2m-bootstrap-server.ts';
