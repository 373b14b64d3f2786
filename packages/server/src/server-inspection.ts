import type { EndpointStats } from '@motestack/coap';
import type { LiveDevice } from './live-device.ts';
import { expiresAtEpochMs } from './registration/registration.ts';

/** The state of a server as plain JSON, for an operator. */
export interface ServerInspection {
  /** Where the server listens. */
  readonly urls: readonly string[];
  /** Whether `close` was called. */
  readonly closed: boolean;
  /** How many devices are registered with this process. */
  readonly registrations: number;
  /** How many may be. */
  readonly registrationsMax: number;
  /** Registrations whose end is waited for; those without end are not among them. */
  readonly deadlines: number;
  /** Registration requests that run or wait in their lanes. */
  readonly registrationRequestsInFlight: number;
  /** Requests to devices that wait for their answers. */
  readonly requestsInFlight: number;
  /** Open observations. */
  readonly observations: number;
  /** The devices, up to `devicesMax`. */
  readonly devices: readonly DeviceInspection[];
  /** Each address with its counters: datagrams, exchanges, queues, drops, limits hit. */
  readonly endpoints: readonly EndpointInspection[];
}

/** The state of one device. */
export interface DeviceInspection {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** The version of the enabler. */
  readonly lwm2mVersion: string;
  /** Where the device is. */
  readonly peer: string;
  /** Seconds; 0 is without end. */
  readonly lifetimeSeconds: number;
  /** Seconds until the registration ends; `null` is without end. */
  readonly secondsLeft: number | null;
  /** Requests that wait for their answers. */
  readonly requestsInFlight: number;
  /** Open observations. */
  readonly observations: number;
  /** Samples that slow loops of the open observations lost. */
  readonly samplesDropped: number;
}

/** The state of one address. */
export interface EndpointInspection {
  /** The address. */
  readonly url: string;
  /** Its counters. */
  readonly stats: EndpointStats;
}

/** The state of a device at a moment. */
export function inspectDevice(device: LiveDevice, nowEpochMs: number): DeviceInspection {
  const { endpoint, lwm2mVersion, peer, registration, requestsInFlight, observations, samplesDropped } = device;
  const expiresAt = expiresAtEpochMs(registration);
  const secondsLeft = expiresAt === undefined ? null : Math.max(0, (expiresAt - nowEpochMs) / 1000);
  const { lifetimeSeconds } = registration;
  const counts = { requestsInFlight, observations, samplesDropped };
  return { endpoint, lwm2mVersion, peer, lifetimeSeconds, secondsLeft, ...counts };
}
