import type { RequestOptions } from './coap-request-init.ts';
import type { CoapResponse } from './coap-response.ts';

/** Who is told of an observation. */
export interface ObserveCallbacks {
  /**
   * A notification, newer than all before it: reordered ones never come here (RFC 7641 §3.4). The last may have an
   * error code.
   */
  onNotification(response: CoapResponse): void;
  /**
   * The observation ended; called once for each that was established.
   *
   * @param error why; `undefined` where the peer ended it with its last notification, or `cancel` or `forget` did
   */
  onEnd(error: Error | undefined): void;
}

/** Something that we observe. */
export interface CoapObservation {
  /** The first answer. */
  readonly response: CoapResponse;
  /** `false` when the peer did not take the observation: no Observe option in the answer, or not 2.xx. */
  readonly established: boolean;
  /** The token of the request and of all notifications. */
  readonly token: Uint8Array;
  /**
   * Ends the observation with a GET with Observe 1, the same token and options. No notification is told from the call
   * on. The second call gives the same promise.
   *
   * @throws as `CoapEndpoint.request` does
   * @see RFC 7641 §3.6
   */
  cancel(options?: RequestOptions): Promise<CoapResponse>;
  /** Forgets it: the next notification is answered with a Reset. */
  forget(): void;
}
