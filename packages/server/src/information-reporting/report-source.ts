import type { CoapRequestInit, CoapResponse } from '@motestack/coap';
import type { DeviceManagement, Target } from '../device-management/device-management.ts';
import type { Call } from '../device-management/device-requests.ts';
import type { ReportOptions } from './observation.ts';
import type { Sample } from './sample.ts';

/**
 * What an observation asks, and how its answers are read. It knows no device: after a new Register the same source is asked of
 * another registration, which may list other objects and formats.
 */
export interface ReportSource<Value> {
  /** What errors say about it. */
  readonly call: Call & { readonly path: string };
  /** What is observed: one path, or several. */
  readonly paths: readonly string[];
  /** What the caller wants. */
  readonly options: ReportOptions;
  /** The request without its Observe option. @throws {InvalidArgumentError} */
  request(management: DeviceManagement): CoapRequestInit;
  /** What is to be attached before: by a Write-Attributes. */
  readonly attributes: { readonly target: Target; readonly changes: object } | undefined;
  /** Reads an answer of 2.05, oldest sample first. @throws {LwM2mError} */
  samples(management: DeviceManagement, response: CoapResponse, receivedAt: Date): readonly Sample<Value>[];
}
