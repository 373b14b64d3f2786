import type { ReadOptions } from '../registered-device.ts';
import type { AttributeChangesFor, CompositeAttributes } from './attributes.ts';
import type { Sample } from './sample.ts';
import type { SlowReaderPolicy } from './sample-buffer.ts';

/** What every observation takes; `signal` makes the loop throw `AbortedError` (`TimeoutError` if its time was over) at any time, and the device is told. */
export interface ReportOptions extends Omit<ReadOptions, 'bigint'> {
  /** How many samples may wait for a slow loop. Default 256. */
  readonly samplesBufferedMax?: number | undefined;
  /**
   * What becomes of samples when the loop is slower than the device. `keep-up-to` (default): up to `samplesBufferedMax` wait, and one
   * more makes the oldest give way. `keep-newest`: only the newest state waits; of a notification with a history every record is
   * kept, up to `samplesBufferedMax`. `fail`: one more than `samplesBufferedMax` ends the loop with `LimitReachedError`. What is
   * dropped is counted.
   */
  readonly slowReader?: SlowReaderPolicy | undefined;
  /**
   * How the device learns that nobody listens any more: by a request with Observe 1 (`request`, the default), or by a Reset in
   * answer to its next notification (`reset`).
   *
   * @see RFC 7641 §3.6; LwM2M Core §6.4.3
   */
  readonly cancelBy?: 'request' | 'reset' | undefined;
}

/** What `observe` takes. */
export interface ObserveOptions<Path> extends ReportOptions {
  /** When the device is to notify (LwM2M Core §5.1.2). */
  readonly attributes?: AttributeChangesFor<Path> | undefined;
  /**
   * How the attributes get there. `write` (default): by a Write-Attributes before the Observe, and they stay (LwM2M Core §6.3.4).
   * `observe`: with the Observe itself; they count for this observation alone, in place of all that is attached. That is of 1.2,
   * and older devices refuse it (LwM2M Core 1.2 §6.4.1).
   */
  readonly attributesBy?: 'write' | 'observe' | undefined;
}

/** What `observeComposite` takes. */
export interface ObserveCompositeOptions extends ReportOptions {
  /** When the device is to notify; they go with the Observe-Composite itself (LwM2M Core 1.2 §6.4.1). */
  readonly attributes?: CompositeAttributes | undefined;
}

/**
 * What a device reports, for one loop:
 *
 * ```ts
 * for await (const celsius of device.observe(Temperature.sensorValue)) …
 * ```
 *
 * The first step sends the request. The loop ends when the registration ends, the server closes or `cancel` is called, throws what
 * `read` would throw if the device refuses, and `break` cancels. With the server's `whenReplaced: 'observe-again'` it goes on when
 * the device registers anew.
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
