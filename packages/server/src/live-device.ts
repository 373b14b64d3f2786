import {
  type AbortSignalLike,
  type CoapObservation,
  type CoapResponse,
  type ObserveCallbacks,
  type PeerId,
  ResponseCode,
} from '@motestack/coap';
import type { DiscoveredNode } from '@motestack/codecs';
import type { ExecuteArguments, ObjectInstance, ObjectLookup, ObjectMembers, ValueOf } from '@motestack/model';
import { DeviceManagement, type ResolvedCall, type Target } from './device-management/device-management.ts';
import {
  type DeviceAddress,
  DeviceRequests,
  type FlightEnd,
  type RequestListener,
} from './device-management/device-requests.ts';
import { DeviceSignal } from './device-signal.ts';
import type { AttributeChangesFor } from './information-reporting/attributes.ts';
import { DeviceObservation } from './information-reporting/device-observation.ts';
import type { Observation, ObserveOptions } from './information-reporting/observation.ts';
import { samplesOf } from './information-reporting/samples-of.ts';
import {
  DeviceGoneError,
  InvalidArgumentError,
  LimitReachedError,
  ListenerError,
  NotObservedError,
  TimeoutError,
} from './lwm2m-error.ts';
import type {
  CreateOptions,
  ExecutablePath,
  FormatOptions,
  InstancePath,
  ReadablePath,
  ReadOptions,
  ReadResult,
  RegisteredDevice,
  RequestOptions,
  WritablePath,
  WriteValue,
} from './registered-device.ts';
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
  /** Told of each request. */
  readonly onRequest: RequestListener;
  /** Told of what failed where nobody waits. */
  readonly onBackgroundError: (error: unknown, device: RegisteredDevice) => void;
}

/** How many samples wait for a slow loop unless options say otherwise. */
const SAMPLES_BUFFERED_MAX = 256;

/** A registered device as the server drives it: {@link RegisteredDevice} for users, and what the server tells it. */
export class LiveDevice implements RegisteredDevice {
  readonly #context: DeviceContext;
  readonly #requests: DeviceRequests;
  readonly #management: DeviceManagement;
  readonly #observations = new Set<DeviceObservation<unknown>>();
  readonly #signal = new DeviceSignal();
  #registration: Registration;
  #lookup: ObjectLookup;
  #observationsMade = 0;

  /**
   * @param registration its first state
   * @param context the server
   */
  constructor(registration: Registration, context: DeviceContext) {
    this.#context = context;
    this.#registration = registration;
    this.#lookup = context.lookupFor(registration);
    this.#requests = new DeviceRequests(
      registration.endpoint,
      () => context.addressOf(this.#registration),
      context.onRequest,
    );
    this.#management = new DeviceManagement({
      requests: this.#requests,
      registration: () => this.#registration,
      lookup: () => this.#lookup,
      requestTimeoutMs: context.requestTimeoutMs,
      epochMs: context.epochMs,
    });
  }

  /** The Endpoint Client Name. */
  get endpoint(): string {
    return this.#registration.endpoint;
  }

  /** The version of the enabler. */
  get lwm2mVersion(): Registration['lwm2mVersion'] {
    return this.#registration.lwm2mVersion;
  }

  /** Where the device is. */
  get peer(): PeerId {
    return this.#registration.peer;
  }

  /** The present state of the registration. */
  get registration(): Registration {
    return this.#registration;
  }

  /** Given when the registration ends. */
  get signal(): AbortSignalLike {
    return this.#signal;
  }

  /** How many requests wait for an answer. */
  get requestsInFlight(): number {
    return this.#requests.inFlight;
  }

  /** How many observations are open. */
  get observations(): number {
    return this.#observations.size;
  }

  /** How many samples the open observations dropped. */
  get samplesDropped(): number {
    let dropped = 0;
    for (const observation of this.#observations) dropped += observation.dropped;
    return dropped;
  }

  /** See {@link RegisteredDevice.instances}. */
  instances<R, M extends keyof R>(object: ObjectMembers<R, M>): readonly ObjectInstance<R>[] {
    const { id } = object.definition;
    const ids = this.#registration.inventory.objects
      .filter(({ objectId }) => objectId === id)
      .flatMap((own) => own.instances);
    return [...new Set(ids)].sort((a, b) => a - b).map((objectInstanceId) => object.at(objectInstanceId));
  }

  /** See {@link RegisteredDevice.read}. */
  async read<const P extends ReadablePath, const O extends ReadOptions>(
    path: P,
    options?: O,
  ): Promise<ReadResult<P, O>> {
    return (await this.#management.read(path, options ?? {}, new Error('called from'))) as ReadResult<P, O>;
  }

  /** See {@link RegisteredDevice.write}. */
  async write<const P extends WritablePath>(path: P, value: WriteValue<P>, options: FormatOptions = {}): Promise<void> {
    await this.#management.write(path, value, { ...options, replace: false }, new Error('called from'));
  }

  /** See {@link RegisteredDevice.replace}. */
  async replace<const P extends WritablePath>(
    path: P,
    value: WriteValue<P>,
    options: FormatOptions = {},
  ): Promise<void> {
    await this.#management.write(path, value, { ...options, replace: true }, new Error('called from'));
  }

  /** See {@link RegisteredDevice.execute}. */
  async execute(resource: ExecutablePath, args: ExecuteArguments = {}, options: RequestOptions = {}): Promise<void> {
    await this.#management.execute(resource, args, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.create}. */
  async create<R, M extends keyof R>(
    object: ObjectMembers<R, M>,
    values: { readonly [N in keyof R]?: ValueOf<R[N]> },
    options: CreateOptions = {},
  ): Promise<ObjectInstance<R>> {
    return object.at(await this.#management.create(object, values, options, new Error('called from')));
  }

  /** See {@link RegisteredDevice.delete}. */
  async delete(instance: InstancePath, options: RequestOptions = {}): Promise<void> {
    await this.#management.delete(instance, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.discover}. */
  async discover(path: Target, options: RequestOptions = {}): Promise<readonly DiscoveredNode[]> {
    return await this.#management.discover(path, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.writeAttributes}. */
  async writeAttributes<const P extends ReadablePath>(
    path: P,
    attributes: AttributeChangesFor<P>,
    options: RequestOptions = {},
  ): Promise<void> {
    await this.#management.writeAttributes(path, attributes, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.observe}. */
  observe<const P extends ReadablePath>(path: P, options: ObserveOptions<P> = {}): Observation<ReadResult<P>> {
    const { samplesBufferedMax = SAMPLES_BUFFERED_MAX } = options;
    const calledFrom = new Error('called from');
    const call = this.#management.resolve('Observe', path, calledFrom);
    if (!Number.isSafeInteger(samplesBufferedMax) || samplesBufferedMax < 1) {
      throw new InvalidArgumentError('samplesBufferedMax is a positive integer', this.#requests.detail(call));
    }
    const { signal } = options;
    const stored = this.#storedObservation(call.path);
    const onAbort = (): void => observation.fail(this.#requests.aborted(call, signal?.reason));
    const observation: DeviceObservation<ReadResult<P>> = new DeviceObservation<ReadResult<P>>(
      {
        open: (callbacks, wanted) => {
          signal?.addEventListener('abort', onAbort);
          return this.#open(call, { path, options, stored, observation, wanted }, callbacks);
        },
        samplesOf: (response) => this.#samplesOf<ReadResult<P>>(call, response, typeof path === 'string'),
        cancel: (coap) => this.#cancel(call, coap, options),
        release: () => {
          signal?.removeEventListener('abort', onAbort);
          this.#release(observation, stored);
        },
        notObserved: () =>
          new NotObservedError(
            'the device answered once and did not take the observation',
            this.#requests.detail(call),
          ),
        lost: (cause) => new TimeoutError('the observation was lost', this.#requests.detail(call, cause)),
        onCancelFailed: (error) => this.#context.onBackgroundError(error, this),
      },
      samplesBufferedMax,
    );
    return observation;
  }

  /** The device updated its registration; from another address, what waits for the old one ends, and observations begin anew. */
  update(registration: Registration): void {
    const previous = this.#registration;
    this.#registration = registration;
    if (registration.inventory !== previous.inventory) this.#lookup = this.#context.lookupFor(registration);
    if (registration.peer === previous.peer && registration.localUrl === previous.localUrl) return;
    this.#requests.end('address-changed');
    for (const observation of this.#observations) observation.reopen();
  }

  /** The registration ended, or the server closes. */
  end(reason: FlightEnd): void {
    // Requests first, so that those of an observation say why they end; its loop ends before it hears of that.
    this.#requests.end(reason);
    for (const observation of [...this.#observations]) observation.end();
    const detail = { operation: 'Event', endpoint: this.endpoint, path: undefined, event: 'abort' } as const;
    this.#signal.give(reason, (cause) => {
      this.#context.onBackgroundError(new ListenerError({ ...detail, cause }), this);
    });
  }

  async #open(call: ResolvedCall, opening: Opening, callbacks: ObserveCallbacks): Promise<CoapObservation> {
    const { path, options, stored, observation, wanted } = opening;
    if (!this.#observations.has(observation) && this.#observations.size >= this.#context.observationsMax) {
      throw new LimitReachedError({ ...this.#requests.detail(call), limit: 'observationsMax' });
    }
    this.#observations.add(observation);
    const { attributes, timeoutMs = this.#context.requestTimeoutMs } = options;
    if (options.signal?.aborted === true) throw this.#requests.aborted(call, options.signal.reason);
    if (attributes !== undefined) {
      await this.#management.writeAttributes(path, attributes, { signal: wanted, timeoutMs }, call.calledFrom);
    }
    const init = this.#management.readRequest(call, options);
    // The store knows of it before the request leaves, since a notification may come before the answer.
    if (!(await this.#context.store.addObservation({ ...stored, contentFormat: init.accept }))) {
      throw new DeviceGoneError('the registration ended', this.#requests.detail(call));
    }
    // One that ended meanwhile was taken out of the store before it was in.
    if (!this.#observations.has(observation)) await this.#context.store.removeObservation(stored);
    return await this.#requests.run(call, { signal: wanted, timeoutMs }, (coap, peer, flight) =>
      coap.observe(peer, init, callbacks, flight),
    );
  }

  #samplesOf<Value>(call: ResolvedCall, response: CoapResponse, bigint: boolean): ReturnType<typeof samplesOf<Value>> {
    this.#requests.assertSuccess(call, response, ResponseCode.Content);
    const nodes = this.#management.decode(call, response);
    const receivedAt = new Date(this.#context.epochMs());
    return this.#management.guardAnswer(call, () => samplesOf<Value>(nodes, { ...call, bigint, receivedAt }));
  }

  async #cancel(call: ResolvedCall, coap: CoapObservation, options: ObserveOptions<ReadablePath>): Promise<void> {
    if (options.cancelBy === 'reset') return coap.forget();
    const cancellation = { ...call, operation: 'Cancel Observation' } as const;
    const { timeoutMs = this.#context.requestTimeoutMs } = options;
    const response = await this.#requests.run(cancellation, { timeoutMs }, (_coap, _peer, flight) =>
      coap.cancel(flight),
    );
    this.#requests.assertSuccess(cancellation, response);
  }

  #release(observation: DeviceObservation<unknown>, stored: StoredKey): void {
    this.#observations.delete(observation);
    const remove = async (): Promise<void> => await this.#context.store.removeObservation(stored);
    remove().catch((error: unknown) => this.#context.onBackgroundError(error, this));
  }

  #storedObservation(path: string): StoredKey & { path: string; contentFormat: undefined; sinceEpochMs: number } {
    this.#observationsMade += 1;
    const { id } = this.#registration;
    const sinceEpochMs = this.#context.epochMs();
    return { id: String(this.#observationsMade), registrationId: id, path, contentFormat: undefined, sinceEpochMs };
  }
}

interface StoredKey {
  readonly id: string;
  readonly registrationId: string;
}

interface Opening {
  readonly path: ReadablePath;
  readonly options: ObserveOptions<ReadablePath>;
  readonly stored: StoredKey & { readonly path: string; readonly sinceEpochMs: number };
  readonly observation: DeviceObservation<unknown>;
  /** Given when nobody waits for this opening any more. */
  readonly wanted: AbortSignalLike;
}
