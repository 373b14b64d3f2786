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
 * @param listed whether the objects are listed: a server that knows the Profile ID needs no list
 * @see LwM2M Core 1.1.1 §6.2.1, Transport 1.1.1 §6.4.3; Core 1.2 §6.2.1 (`pid`)
 */
export function registerRequest(
  { endpoint, lwm2mVersion }: RegistrationIdentity,
  facts: RegistrationFacts,
  listed = true,
): CoapRequestInit {
  const query = [`ep=${endpoint}`, `lwm2m=${lwm2mVersion}`, ...parameters(facts, lwm2mVersion)];
  return { method: 'POST', path: ['rd'], query, ...(listed ? bodyOf(facts.objectLinks) : {}) };
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
export function updateRequest(
  location: readonly string[],
  changes: FactChanges,
  lwm2mVersion: LwM2mVersion = '1.1',
): CoapRequestInit {
  const body = changes.objectLinks === undefined ? {} : bodyOf(changes.objectLinks);
  return { method: 'POST', path: location, query: parameters(changes, lwm2mVersion), ...body };
}

/**
 * The request of a De-register.
 *
 * @see LwM2M Core 1.1.1 §6.2.3, Transport 1.1.1 §6.4.3
 */
export function deregisterRequest(location: readonly string[]): CoapRequestInit {
  return { method: 'DELETE', path: location };
}

/** The queue mode of 1.0 is a letter of the binding; since 1.1 it is a parameter without a value (Core 1.1.1 §6.2.1). */
function parameters(facts: FactChanges, lwm2mVersion: LwM2mVersion): readonly string[] {
  const { lifetimeSeconds, bindingMode, queueMode = false, smsNumber, profileId } = facts;
  const letters = lwm2mVersion === '1.0' && queueMode ? withQueue(bindingMode ?? 'U') : bindingMode;
  return [
    ...(lifetimeSeconds === undefined ? [] : [`lt=${lifetimeSeconds}`]),
    ...(letters === undefined ? [] : [`b=${letters}`]),
    ...(queueMode && lwm2mVersion !== '1.0' ? ['Q'] : []),
    ...(smsNumber === undefined ? [] : [`sms=${smsNumber}`]),
    ...(profileId === undefined ? [] : [`pid=${profileId}`]),
  ];
}

/** `UQ`, `SQ` and `UQS` (Core 1.0 §5.3.1.1). */
function withQueue(bindingMode: string): string {
  return `${bindingMode.slice(0, 1)}Q${bindingMode.slice(1)}`;
}

function bodyOf(objectLinks: string): Pick<CoapRequestInit, 'contentFormat' | 'payload'> {
  return { contentFormat: ContentFormat.LinkFormat, payload: encodeUtf8(objectLinks) };
}
