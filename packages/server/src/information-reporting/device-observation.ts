import {
  type AbortSignalLike,
  AbortSource,
  ConnectionLostError as CoapConnectionLostError,
  type CoapObservation,
  type CoapResponse,
  type ObserveCallbacks,
} from '@motestack/coap';
import { ConnectionLostError } from '../lwm2m-error.ts';
import type { Observation } from './observation.ts';
import type { ReportSource } from './report-source.ts';
import type { Sample } from './sample.ts';
import { SampleBuffer, type SampleBufferOptions } from './sample-buffer.ts';

/** The device that an observation is made at. After a new Register it may be another object. */
export interface ObservationHost {
  /**
   * Notes the observation, sends the requests and gives the endpoint's side of it.
   *
   * @param wanted given when the observation ends or begins anew: nothing more is sent then
   */
  open(
    observation: DeviceObservation<unknown>,
    callbacks: ObserveCallbacks,
    wanted: AbortSignalLike,
  ): Promise<CoapObservation>;
  /** Reads an answer or notification, oldest sample first. @throws {LwM2mError} if it is refused or cannot be used */
  samplesOf<Value>(source: ReportSource<Value>, response: CoapResponse): readonly Sample<Value>[];
  /** Tells the device that nobody listens any more. */
  cancel(observation: DeviceObservation<unknown>, coap: CoapObservation): Promise<void>;
  /** Takes back what `open` noted; called once, at the end. */
  release(observation: DeviceObservation<unknown>): void;
  /** The error for a device that answered and did not take the observation. */
  notObserved(source: ReportSource<unknown>): Error;
  /** The error for an observation that the endpoint gave up. */
  lost(source: ReportSource<unknown>, cause: Error): Error;
  /** Told of what is reported. */
  onSamples(source: ReportSource<unknown>, samples: readonly Sample<unknown>[]): void;
  /** Told of a cancellation that failed where nobody waits for it. */
  onCancelFailed(error: unknown): void;
}

/** One observation: buffers what comes for one loop, and tells both sides when the other has had enough. */
export class DeviceObservation<Value> implements Observation<Value> {
  /** What is asked. */
  readonly source: ReportSource<Value>;
  #host: ObservationHost;
  readonly #buffer: SampleBuffer<Sample<Value>>;
  #state: 'idle' | 'opening' | 'open' | 'ended' = 'idle';
  /** Given at the end and when another opening begins: what belongs to this one is late then. */
  #opening = new AbortSource();
  #coap: CoapObservation | undefined;
  #taken = false;
  /** Whether the device has once taken the observation. */
  #hasBegun = false;

  /**
   * @param source what is asked
   * @param host the device
   * @param buffering how many samples may wait
   */
  constructor(source: ReportSource<Value>, host: ObservationHost, buffering: SampleBufferOptions) {
    this.source = source;
    this.#host = host;
    this.#buffer = new SampleBuffer(buffering);
  }

  /** How many samples were dropped. */
  get dropped(): number {
    return this.#buffer.dropped;
  }

  /** The samples, for one loop. */
  get samples(): AsyncIterable<Sample<Value>> {
    return { [Symbol.asyncIterator]: () => this.#iterator((sample) => sample) };
  }

  /** The values, for one loop. */
  [Symbol.asyncIterator](): AsyncIterator<Value, undefined> {
    return this.#iterator((sample) => sample.value);
  }

  /** Ends the loop and tells the device. */
  async cancel(): Promise<void> {
    const coap = this.#finish();
    this.#buffer.clear();
    if (coap !== undefined) await this.#host.cancel(this, coap);
  }

  /** The caller has had enough: the loop throws, and the device is told on the side. */
  fail(error: unknown): void {
    this.#cancelOnTheSide(this.#finish(error));
  }

  /** The registration ended or the server closes: the loop gets what waits and ends. The device's next notification gets a Reset. */
  end(): void {
    this.#finish()?.forget();
  }

  /** The device moved: what it would send under the old relation is refused, and a new one is made. */
  reopen(): void {
    if (this.#state !== 'open' && this.#state !== 'opening') return;
    const old = this.#coap;
    this.#open();
    old?.forget();
  }

  /** The device registered anew and forgot what was observed: nothing is expected until `reopen`. @returns whether it is observed */
  suspend(next: ObservationHost): boolean {
    if (this.#state !== 'open' && this.#state !== 'opening') return false;
    const old = this.#coap;
    this.#state = 'opening';
    this.#coap = undefined;
    this.#opening.abort('the device registered anew');
    this.#opening = new AbortSource();
    this.#host.release(this);
    this.#host = next;
    old?.forget();
    return true;
  }

  #iterator<Item>(itemOf: (sample: Sample<Value>) => Item): AsyncIterator<Item, undefined> {
    if (this.#taken) throw new TypeError('an observation is for one loop: observe again for another');
    this.#taken = true;
    return {
      next: async () => {
        if (this.#state === 'idle') this.#open();
        const { done, value } = await this.#buffer.next();
        return done === true ? { done, value: undefined } : { done: false, value: itemOf(value) };
      },
      return: async () => {
        // The loop is left at once; the device is told on the side, since it may be slow or gone.
        this.cancel().catch((error: unknown) => this.#host.onCancelFailed(error));
        return { done: true, value: undefined };
      },
    };
  }

  #open(): void {
    this.#state = 'opening';
    this.#coap = undefined;
    this.#opening.abort('begins anew');
    this.#opening = new AbortSource();
    this.#opened(this.#opening.signal).catch((error: unknown) => {
      if (!this.#hasBegun || !ConnectionLostError.is(error)) this.#finish(error);
    });
  }

  /** A connection took its observers with it (RFC 8323 §7.4): when the device is back by another, `reopen` is called. */
  #coapEnded(error: Error | undefined): void {
    if (CoapConnectionLostError.is(error)) {
      this.#coap = undefined;
      this.#state = 'opening';
    } else this.#finish(error === undefined ? undefined : this.#host.lost(this.source, error));
  }

  async #opened(wanted: AbortSignalLike): Promise<void> {
    // What comes before the first answer is newer than it (RFC 7641 §3.4 orders them) and waits for it.
    let early: (() => void)[] | undefined = [];
    const later = (act: () => void): void => {
      if (wanted.aborted) return;
      if (early === undefined) act();
      else early.push(act);
    };
    let coap: CoapObservation;
    try {
      const callbacks: ObserveCallbacks = {
        onNotification: (response) => later(() => this.#take(response)),
        onEnd: (error) => later(() => this.#coapEnded(error)),
      };
      coap = await this.#host.open(this, callbacks, wanted);
    } catch (error) {
      if (!wanted.aborted) throw error;
      return;
    }
    if (wanted.aborted) {
      coap.forget();
      return;
    }
    this.#coap = coap;
    this.#state = 'open';
    this.#hasBegun = true;
    this.#take(coap.response);
    if (!coap.established) this.#finish(this.#host.notObserved(this.source));
    const waiting = early;
    early = undefined;
    for (const act of waiting) act();
  }

  #take(response: CoapResponse): void {
    if (this.#state === 'ended') return;
    let samples: readonly Sample<Value>[];
    try {
      samples = this.#host.samplesOf(this.source, response);
    } catch (error) {
      this.#finish(error)?.forget();
      return;
    }
    const isHistory = samples.length > 1;
    const isFull = samples.some((sample) => !this.#buffer.push(sample, isHistory));
    this.#host.onSamples(this.source, samples);
    if (isFull) this.#cancelOnTheSide(this.#finish());
  }

  #cancelOnTheSide(coap: CoapObservation | undefined): void {
    if (coap === undefined) return;
    this.#host.cancel(this, coap).catch((failed: unknown) => this.#host.onCancelFailed(failed));
  }

  /** Ends once. @returns the endpoint's side, if somebody still has to tell the device */
  #finish(error?: unknown): CoapObservation | undefined {
    if (this.#state === 'ended') return undefined;
    const coap = this.#state === 'open' && this.#coap?.established === true ? this.#coap : undefined;
    const wasIdle = this.#state === 'idle';
    this.#state = 'ended';
    this.#coap = undefined;
    this.#buffer.end(error);
    if (!wasIdle) this.#host.release(this);
    this.#opening.abort(error);
    return coap;
  }
}
