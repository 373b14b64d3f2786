import {
  type AbortSignalLike,
  type CoapObservation,
  type CoapResponse,
  type ObserveCallbacks,
  ResponseCode,
} from '@motestack/coap';
import type { DeviceManagement } from '../device-management/device-management.ts';
import type { DeviceRequests } from '../device-management/device-requests.ts';
import {
  DeviceGoneError,
  InvalidArgumentError,
  LimitReachedError,
  NotObservedError,
  TimeoutError,
} from '../lwm2m-error.ts';
import type { RegistrationStore, StoredObservation } from '../registration/registration-store.ts';
import { DeviceObservation, type ObservationHost } from './device-observation.ts';
import type { ReportSource } from './report-source.ts';
import type { Sample } from './sample.ts';

/** What the observations of one device stand on. */
export interface DeviceObservationsOptions {
  /** Sends. */
  readonly requests: DeviceRequests;
  /** Makes requests and reads answers. */
  readonly management: DeviceManagement;
  /** Keeps what is observed. */
  readonly store: RegistrationStore;
  /** The registration that they belong to. */
  readonly registrationId: string;
  /** How many there may be at one time. */
  readonly observationsMax: number;
  /** Milliseconds that a request may take unless its options say otherwise. */
  readonly requestTimeoutMs: number;
  /** Wall time. */
  readonly epochMs: () => number;
  /** Told of what is reported. */
  readonly onSamples: (source: ReportSource<unknown>, samples: readonly Sample<unknown>[]) => void;
  /** Told of what failed where nobody waits. */
  readonly onBackgroundError: (error: unknown) => void;
}

/** How many samples wait for a slow loop unless options say otherwise. */
const SAMPLES_BUFFERED_MAX = 256;

/** The observations of one device under one registration. */
export class DeviceObservations implements ObservationHost {
  readonly #options: DeviceObservationsOptions;
  /** With what takes each one's listener off the caller's signal, and its name in the store. */
  readonly #observations = new Map<DeviceObservation<unknown>, Noted>();
  #made = 0;

  /** @param options what they stand on */
  constructor(options: DeviceObservationsOptions) {
    this.#options = options;
  }

  /** How many are open. */
  get size(): number {
    return this.#observations.size;
  }

  /** How many samples the open ones dropped. */
  get samplesDropped(): number {
    let dropped = 0;
    for (const observation of this.#observations.keys()) dropped += observation.dropped;
    return dropped;
  }

  /** Makes an observation; nothing is sent before its loop begins. @throws {InvalidArgumentError} */
  observe<Value>(source: ReportSource<Value>): DeviceObservation<Value> {
    const { samplesBufferedMax: max = SAMPLES_BUFFERED_MAX, slowReader: policy = 'keep-up-to' } = source.options;
    const detail = this.#options.requests.detail(source.call);
    if (!Number.isSafeInteger(max) || max < 1) {
      throw new InvalidArgumentError('samplesBufferedMax is a positive integer', detail);
    }
    const overflow = (): Error => new LimitReachedError({ ...detail, limit: 'samplesBufferedMax' });
    return new DeviceObservation<Value>(source, this, { max, policy, overflow });
  }

  /** The device moved: all begin anew. */
  reopenAll(): void {
    for (const observation of [...this.#observations.keys()]) observation.reopen();
  }

  /** All end. */
  end(): void {
    for (const observation of [...this.#observations.keys()]) observation.end();
  }

  /** All go over to another registration of the device; `reopenAll` there makes them begin. */
  moveTo(next: DeviceObservations): void {
    for (const observation of [...this.#observations.keys()]) {
      if (observation.suspend(next)) next.#observations.set(observation, { id: undefined, release: undefined });
    }
  }

  /** See {@link ObservationHost.open}. */
  async open(
    observation: DeviceObservation<unknown>,
    callbacks: ObserveCallbacks,
    wanted: AbortSignalLike,
  ): Promise<CoapObservation> {
    const { requests, management, store, observationsMax, requestTimeoutMs } = this.#options;
    const { source } = observation;
    const { call } = source;
    if (!this.#observations.has(observation) && this.#observations.size >= observationsMax) {
      throw new LimitReachedError({ ...requests.detail(call), limit: 'observationsMax' });
    }
    const { signal, timeoutMs = requestTimeoutMs } = source.options;
    const noted = this.#note(observation, signal);
    if (signal?.aborted === true) throw requests.aborted(call, signal.reason);
    const { attributes } = source;
    if (attributes !== undefined) {
      const { target, changes } = attributes;
      await management.writeAttributes(target, changes, { signal: wanted, timeoutMs }, call.calledFrom);
    }
    const init = source.request(management);
    // The store knows of it before the request leaves, since a notification may come before the answer.
    const stored = this.#stored(noted, source, init.accept);
    const added = store.addObservation(stored);
    if (!(added instanceof Promise ? await added : added)) {
      throw new DeviceGoneError('the registration ended', requests.detail(call));
    }
    // One that ended meanwhile was taken out of the store before it was in.
    if (!this.#observations.has(observation)) await store.removeObservation(stored);
    const onNotification: ObserveCallbacks['onNotification'] = (response) => {
      requests.heard();
      callbacks.onNotification(response);
    };
    return await requests.run(call, { ...source.options, signal: wanted, timeoutMs }, (coap, peer, flight) =>
      coap.observe(peer, init, { ...callbacks, onNotification }, flight),
    );
  }

  /** See {@link ObservationHost.samplesOf}. */
  samplesOf<Value>(source: ReportSource<Value>, response: CoapResponse): readonly Sample<Value>[] {
    const { requests, management, epochMs } = this.#options;
    requests.assertSuccess(source.call, response, ResponseCode.Content);
    return source.samples(management, response, new Date(epochMs()));
  }

  /** See {@link ObservationHost.cancel}. */
  async cancel({ source }: DeviceObservation<unknown>, coap: CoapObservation): Promise<void> {
    const { requests, requestTimeoutMs } = this.#options;
    const { cancelBy, timeoutMs = requestTimeoutMs } = source.options;
    if (cancelBy === 'reset') return coap.forget();
    const cancellation = { ...source.call, operation: 'Cancel Observation' } as const;
    const response = await requests.run(cancellation, { timeoutMs }, (_coap, _peer, flight) => coap.cancel(flight));
    requests.assertSuccess(cancellation, response);
  }

  /** See {@link ObservationHost.release}. */
  release(observation: DeviceObservation<unknown>): void {
    const noted = this.#observations.get(observation);
    this.#observations.delete(observation);
    noted?.release?.();
    if (noted?.id === undefined) return;
    const { store, registrationId, onBackgroundError } = this.#options;
    const stored = { id: noted.id, registrationId };
    const remove = async (): Promise<void> => await store.removeObservation(stored);
    remove().catch(onBackgroundError);
  }

  /** See {@link ObservationHost.notObserved}. */
  notObserved({ call }: ReportSource<unknown>): Error {
    const what = 'the device answered once and did not take the observation';
    return new NotObservedError(what, this.#options.requests.detail(call));
  }

  /** See {@link ObservationHost.lost}. */
  lost({ call }: ReportSource<unknown>, cause: Error): Error {
    return new TimeoutError('the observation was lost', this.#options.requests.detail(call, cause));
  }

  /** See {@link ObservationHost.onSamples}. */
  onSamples(source: ReportSource<unknown>, samples: readonly Sample<unknown>[]): void {
    this.#options.onSamples(source, samples);
  }

  /** See {@link ObservationHost.onCancelFailed}. */
  onCancelFailed(error: unknown): void {
    this.#options.onBackgroundError(error);
  }

  #note(observation: DeviceObservation<unknown>, signal: AbortSignalLike | undefined): Noted {
    const known = this.#observations.get(observation);
    if (known !== undefined && (known.release !== undefined || signal === undefined)) return known;
    const onAbort = (): void => {
      observation.fail(this.#options.requests.aborted(observation.source.call, signal?.reason));
    };
    signal?.addEventListener('abort', onAbort);
    const noted: Noted = {
      id: undefined,
      release: signal === undefined ? undefined : () => signal.removeEventListener('abort', onAbort),
    };
    this.#observations.set(observation, noted);
    return noted;
  }

  #stored(noted: Noted, { call }: ReportSource<unknown>, contentFormat: number | undefined): StoredObservation {
    if (noted.id === undefined) {
      this.#made += 1;
      noted.id = String(this.#made);
    }
    const { registrationId, epochMs } = this.#options;
    return { id: noted.id, registrationId, path: call.path, contentFormat, sinceEpochMs: epochMs() };
  }
}

interface Noted {
  /** The name in the store, once it is there. */
  id: string | undefined;
  readonly release: (() => void) | undefined;
}
