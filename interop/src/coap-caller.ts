import type { CoapRequestInit } from '@motestack/coap/node';

/** A response, in the same words whoever got it. */
export interface CallerAnswer {
  /** `2.05` */
  readonly code: string;
  /** `CON`, `NON` or `ACK`, where the client tells it. */
  readonly type: string | undefined;
  readonly contentFormat: number | undefined;
  readonly observe: number | undefined;
  readonly locationPath: readonly string[];
  readonly locationQuery: readonly string[];
  readonly maxAgeSeconds: number | undefined;
  /** Hex. */
  readonly eTag: string | undefined;
  readonly payload: Uint8Array;
}

/** An observation that was taken. */
export interface CallerObservation {
  readonly first: CallerAnswer;
  /** The next notification; one that came already counts. */
  next(): Promise<CallerAnswer>;
  /** Ends it, in the way of that client: Observe 1 or a Reset. */
  cancel(): Promise<void>;
  /** Forgets it: the next notification gets a Reset. */
  forget(): Promise<void>;
}

/** A request whose body is whole, so that it can be told to a peer. */
export interface CallerRequest extends CoapRequestInit {
  readonly payload?: Uint8Array;
}

/** A CoAP client, ours or a peer's, so that one case is run in both roles. */
export interface CoapCaller {
  request(init: CallerRequest): Promise<CallerAnswer>;
  observe(init: CallerRequest): Promise<CallerObservation>;
}

/** A case that any client can run at any server that has the resources. */
export interface CoapCase {
  readonly name: string;
  readonly run: (caller: CoapCaller) => Promise<void>;
}
