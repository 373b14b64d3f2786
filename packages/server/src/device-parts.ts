import type { ObjectLookup } from '@motestack/model';
import { CompositeOperations } from './device-management/composite-operations.ts';
import { DeviceManagement } from './device-management/device-management.ts';
import { type DeviceAddress, DeviceRequests, type RequestListener } from './device-management/device-requests.ts';
import { OpaqueStreams } from './device-management/opaque-streams.ts';
import { DeviceObservations } from './information-reporting/device-observations.ts';
import type { ReportSource } from './information-reporting/report-source.ts';
import type { Sample } from './information-reporting/sample.ts';
import type { StandingObservations } from './information-reporting/standing-observations.ts';
import { LiveDeviceQueue } from './queue/live-device-queue.ts';
import type { QueueMode } from './queue/queue-mode.ts';
import type { RegisteredDevice } from './registered-device.ts';
import type { Registration } from './registration/registration.ts';
import type { RegistrationStore } from './registration/registration-store.ts';

/** What a device needs of its server. */
export interface DeviceContext {
  /** The endpoint and address for a registration. */
  addressOf(registration: Registration): DeviceAddress;
  /** The definitions for a registration. */
  lookupFor(registration: Registration): ObjectLookup;
  /** Registrations and observations. */
  readonly store: RegistrationStore;
  /** Milliseconds. */
  readonly requestTimeoutMs: number;
  /** Observations of one device at one time. */
  readonly observationsMax: number;
  /** Wall time. */
  readonly epochMs: () => number;
  /** Who is awake, and what waits. */
  readonly queueMode: QueueMode;
  /** Told that a device was heard, beyond its registration. */
  readonly onHeard: (registration: Registration) => void;
  /** Told that a device did not answer. */
  readonly onUnheard: (registration: Registration) => void;
  /** Observations without a loop. */
  readonly standing: StandingObservations;
  /** Told of each request. */
  readonly onRequest: RequestListener;
  /** Told of what is reported. */
  readonly onSamples: (
    device: RegisteredDevice,
    source: ReportSource<unknown>,
    samples: readonly Sample<unknown>[],
  ) => void;
  /** Told of what failed where nobody waits. */
  readonly onBackgroundError: (error: unknown, device: RegisteredDevice) => void;
}

/** What a part asks its device for. */
export interface DeviceFacts {
  /** The device, as users see it. */
  readonly device: RegisteredDevice;
  /** The present state of the registration. */
  readonly registration: () => Registration;
  /** The definitions that count for it. */
  readonly lookup: () => ObjectLookup;
}

/** What asks and observes one device. Most devices are quiet most of the time: it is made when the first request is. */
export class DeviceParts {
  /** Sends. */
  readonly requests: DeviceRequests;
  /** Operations on one path. */
  readonly management: DeviceManagement;
  /** Operations on several paths. */
  readonly composite: CompositeOperations;
  /** Long opaque values. */
  readonly streams: OpaqueStreams;
  /** Commands. */
  readonly queue: LiveDeviceQueue;
  /** What is observed. */
  readonly observations: DeviceObservations;
  /** How many pieces of work go on that need these parts. */
  uses = 0;

  /** Whether nothing goes on any more. */
  get isIdle(): boolean {
    return this.uses === 0 && this.requests.inFlight === 0 && this.observations.size === 0;
  }

  /**
   * @param facts the device
   * @param context the server
   */
  constructor(facts: DeviceFacts, context: DeviceContext) {
    const { device, registration, lookup } = facts;
    const { store, requestTimeoutMs, observationsMax, epochMs, queueMode } = context;
    const { endpoint, id } = registration();
    this.requests = new DeviceRequests(endpoint, () => context.addressOf(registration()), context.onRequest, {
      gate: () => queueMode.gateOf(registration()),
      onHeard: () => context.onHeard(registration()),
      onUnheard: () => context.onUnheard(registration()),
    });
    const requests = this.requests;
    this.management = new DeviceManagement({ requests, registration, lookup, requestTimeoutMs, epochMs });
    this.composite = new CompositeOperations(this.management);
    this.streams = new OpaqueStreams(this.management, requests);
    this.queue = new LiveDeviceQueue({ management: this.management, requests, registration, queueMode, epochMs });
    this.observations = new DeviceObservations({
      requests,
      management: this.management,
      store,
      registrationId: id,
      observationsMax,
      requestTimeoutMs,
      epochMs,
      onSamples: (source, samples) => context.onSamples(device, source, samples),
      onBackgroundError: (error) => context.onBackgroundError(error, device),
    });
  }
}
