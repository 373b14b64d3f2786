import type { ReadOptions } from '../registered-device.ts';
import type { AttributeChangesFor } from './attributes.ts';
import type { Sample } from './sample.ts';

/** What `observe` takes; `signal` makes the loop throw `AbortedError` (`TimeoutError` if its time was over) at any time, and the device is told. */
export interface ObserveOptions<Path> extends Omit<ReadOptions, 'bigint'> {
  /** Attached by a Write-Attributes of its own before the Observe (LwM2M Core §6.3.4). */
  readonly attributes?: AttributeChangesFor<Path> | undefined;
  /** How many samples may wait for a slow loop; the oldest is dropped and counted. Default 256. */
  readonly samplesBufferedMax?: number | undefined;
  /**
   * How the device learns that nobody listens any more: by a GET with Observe 1 (`request`, the default), or by a Reset in answer
   * to its next notification (`reset`).
   *
   * @see RFC 7641 §3.6; LwM2M Core §6.4.3
   */
  readonly cancelBy?: 'request' | 'reset' | undefined;
}

/**
 * What a device reports of one path, for one loop:
 *
 * ```ts
 * for await (const celsius of device.observe(Temperature.sensorValue)) …
 * ```
 *
 * The first step sends the request. The loop ends when the registration ends, the server closes or `cancel` is called, throws what
 * `read` would throw if the device refuses, and `break` cancels.
 */
export interface Observation<Value> extends AsyncIterable<Value> {
  /** The same with the times of measurement and receipt. Only one loop, over this or over the values, is possible. */
  readonly samples: AsyncIterable<Sample<Value>>;
  /** How many samples were dropped since the loop was slower than the device. */
  readonly dropped: number;
  /**
   * Ends the loop and tells the device.
   *
   * @returns when the device has confirmed; with `cancelBy: 'reset'`, at once
   */
  cancel(): Promise<void>;
}
