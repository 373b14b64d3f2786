import { encodeUtf8 } from '@motestack/bytes';
import type { CoapRequestInit } from '@motestack/coap';
import { ContentFormat } from '@motestack/codecs';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import type { FactChanges, RegistrationFacts } from './registration-facts.ts';

/** Who registers. */
export interface RegistrationIdentity {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** The version of the enabler that the client speaks. */
  readonly lwm2mVersion: LwM2mVersion;
}

/**
 * The request of a Register.
 *
 * @see LwM2M Core 1.1.1 §6.2.1, Transport 1.1.1 §6.4.3
 */
export function registerRequest(
  { endpoint, lwm2mVersion }: RegistrationIdentity,
  facts: RegistrationFacts,
): CoapRequestInit {
  return {
    method: 'POST',
    path: ['rd'],
    query: [`ep=${endpoint}`, `lwm2m=${lwm2mVersion}`, `lt=${facts.lifetimeSeconds}`, `b=${facts.bindingMode}`],
    contentFormat: ContentFormat.LinkFormat,
    payload: encodeUtf8(facts.objectLinks),
  };
}

/**
 * Whether a location can be asked for: one that says nothing is that of every other resource as well, and `.` and `..` are no
 * segments.
 *
 * @param segments the Location-Path that answered the Register
 * @see RFC 7252 §5.10.7; LwM2M Transport 1.1.1 §6.4.3
 */
export function isUsableLocation(segments: readonly string[]): boolean {
  return segments.some((segment) => segment !== '') && !segments.some((segment) => segment === '.' || segment === '..');
}

/**
 * The request of an Update: only what changed; without changes it renews the lifetime.
 *
 * @param location the segments of the Location-Path that answered the Register, as they came
 * @see LwM2M Core 1.1.1 §6.2.2, Transport 1.1.1 §6.4.3
 */
export function updateRequest(location: readonly string[], changes: FactChanges): CoapRequestInit {
  const { lifetimeSeconds, bindingMode, objectLinks } = changes;
  const query = [
    ...(lifetimeSeconds === undefined ? [] : [`lt=${lifetimeSeconds}`]),
    ...(bindingMode === undefined ? [] : [`b=${bindingMode}`]),
  ];
  const body =
    objectLinks === undefined ? {} : { contentFormat: ContentFormat.LinkFormat, payload: encodeUtf8(objectLinks) };
  return { method: 'POST', path: location, query, ...body };
}

/**
 * The request of a De-register.
 *
 * @see LwM2M Core 1.1.1 §6.2.3, Transport 1.1.1 §6.4.3
 */
export function deregisterRequest(location: readonly string[]): CoapRequestInit {
  return { method: 'DELETE', path: location };
}
