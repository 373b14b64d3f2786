import type { PeerId } from '../effects.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest } from '../server/coap-request.ts';

/** What a route's handler is told. */
export interface RouteContext<Params = Readonly<Record<string, string | readonly string[]>>, Identity = undefined> {
  /** The request. */
  readonly request: CoapRequest;
  /** What the pattern took out of the path, not percent-encoded. */
  readonly params: Params;
  /** Who asks. */
  readonly peer: PeerId;
  /** Who that is, as `identityOf` of the router says; `undefined` where nobody knows. */
  readonly identity: Identity | undefined;
}

/** Answers requests to one pattern, at once or later. */
export type RouteHandler<Params, Identity = undefined> = (
  context: RouteContext<Params, Identity>,
) => CoapAnswer | Promise<CoapAnswer>;

/**
 * What `/.well-known/core` says about a resource.
 *
 * @see RFC 6690 §3, RFC 7252 §7.2.1
 */
export interface RouteAttributes {
  /** What it is, for people. */
  readonly title?: string;
  /** Resource types. */
  readonly rt?: string | readonly string[];
  /** Interface descriptions. */
  readonly if?: string | readonly string[];
  /** Content formats, by number. */
  readonly ct?: number | readonly number[];
  /** The estimated size in bytes, where it does not fit one datagram. */
  readonly sz?: number;
  /** Leaves the resource out. Default: no; patterns with parameters are left out anyway. */
  readonly hidden?: boolean;
}

/** What is said of a route besides its handler. */
export interface RouteOptions extends RouteAttributes {
  /**
   * Whether the handler is called with the first block of a longer body, and reads `request.body` as it comes. Only where
   * the endpoint is given the router's `streamRequestBody`. Default: no, `request.payload` is the whole.
   */
  readonly streamBody?: boolean;
}

/** A handler and the names of what its pattern takes, in their order. */
export interface Route<Identity> {
  readonly names: readonly string[];
  readonly handler: RouteHandler<never, Identity>;
  /** Whether it reads the body of a request as it comes. */
  readonly isStreamed: boolean;
}

/** What stands at a pattern. */
export interface RoutedResource<Identity> {
  /** By method code. */
  readonly routes: (Route<Identity> | undefined)[];
  readonly attributes: RouteAttributes & { readonly obs?: boolean };
}
