import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import { ContentFormat, type PeerId, ResponseCode } from '@motestack/coap';
import { decodeObjectLinks, type ObjectInventory } from '@motestack/codecs';
import type { Registration } from './registration.ts';
import { accepted, type Outcome, refused } from './registration-fault.ts';
import {
  type ParameterRules,
  parseRegisterParameters,
  parseUpdateParameters,
  type RegisterParameters,
} from './registration-parameters.ts';
import { rootPathSegments } from './root-path-segments.ts';

/** What a Register or an Update brings: all that a decision needs of the request. */
export interface RegistrationRequest {
  /** Who sent it. */
  readonly peer: PeerId;
  /** Who that is, as the handshake proved. */
  readonly identity?: string | undefined;
  /** The server's address that received it. */
  readonly localUrl: string;
  /** One text for each Uri-Query option. */
  readonly query: readonly string[];
  /** The Content-Format option. */
  readonly contentFormat: number | undefined;
  /** The object list in link format; empty where there is none. */
  readonly payload: Uint8Array;
}

/** A Register that can be read and may be accepted. */
export interface ReadRegister {
  /** Its parameters. */
  readonly parameters: RegisterParameters;
  /** Its object list. */
  readonly inventory: ObjectInventory;
}

/**
 * Reads a Register.
 *
 * @returns what it says, or what the device is told: 4.00, 4.09 (no object list), 4.12 or 4.15
 * @see LwM2M Core §6.2.1; LwM2M Transport §6.4.3, Table 6.7-2
 */
export function readRegister(request: RegistrationRequest, rules: ParameterRules): Outcome<ReadRegister> {
  const parameters = parseRegisterParameters(request.query, rules);
  if (!parameters.ok) return parameters;
  if (request.payload.length === 0) {
    // No profile is preconfigured here, so nothing can stand in for the list (LwM2M Core 1.2 §6.2.1: Profile ID; Table 6.7-2: 4.09).
    return refused(
      ResponseCode.Conflict,
      'the object list is missing, and no profile is known that could stand in for it',
    );
  }
  const inventory = readInventory(request, rules);
  if (!inventory.ok) return inventory;
  return accepted({ parameters: parameters.value, inventory: inventory.value });
}

/**
 * The registration that a Register makes.
 *
 * @param read what the device said
 * @param request who said it, and where
 * @param id a fresh location
 * @param nowEpochMs wall time, milliseconds since 1970
 * @see LwM2M Core §6.2.1
 */
export function decideRegister(
  { parameters, inventory }: ReadRegister,
  { peer, localUrl, identity }: Pick<RegistrationRequest, 'peer' | 'localUrl' | 'identity'>,
  id: string,
  nowEpochMs: number,
): Registration {
  const binding = parameters.binding ?? 'U';
  return {
    id,
    revision: 0,
    endpoint: parameters.endpoint,
    lwm2mVersion: parameters.lwm2mVersion,
    lifetimeSeconds: parameters.lifetimeSeconds,
    binding,
    queueMode: parameters.queueModeFlag || binding.includes('Q'),
    smsNumber: parameters.smsNumber,
    additionalParameters: parameters.additional,
    inventory,
    peer,
    ...(identity === undefined ? {} : { identity }),
    localUrl,
    registeredAtEpochMs: nowEpochMs,
    updatedAtEpochMs: nowEpochMs,
  };
}

/**
 * The registration that an Update makes of the present one.
 *
 * @param previous the registration at the location of the request
 * @param nowEpochMs wall time, milliseconds since 1970
 * @returns the next state, or what the device is told: 4.00, 4.04 or 4.15
 * @see LwM2M Core §6.2.2; LwM2M Transport §6.4.3
 */
export function decideUpdate(
  previous: Registration,
  request: RegistrationRequest,
  rules: ParameterRules,
  nowEpochMs: number,
): Outcome<Registration> {
  const moved = previous.peer !== request.peer || previous.localUrl !== request.localUrl;
  // Who proves to be the same is the same, wherever it is.
  if (moved && previous.identity === undefined && !rules.leniencies.addressChange) {
    // LwM2M Transport §6.4.3: with another address the device must register again, and 4.04 makes it do so (Core §6.2.2).
    return refused(ResponseCode.NotFound, 'the registration was made from another address');
  }
  const parsed = parseUpdateParameters(request.query, rules);
  if (!parsed.ok) return parsed;
  const { lifetimeSeconds, binding, queueModeFlag, smsNumber, additional } = parsed.value;
  const inventory: Outcome<ObjectInventory> =
    request.payload.length === 0 ? accepted(previous.inventory) : readInventory(request, rules, previous.inventory);
  if (!inventory.ok) return inventory;
  const additionalParameters = mergeParameters(previous.additionalParameters, additional);
  const { additionalParametersMax } = rules.limits;
  if (Object.keys(additionalParameters).length > additionalParametersMax) {
    return refused(ResponseCode.BadRequest, `more than ${additionalParametersMax} parameters are not known`);
  }
  return accepted({
    ...previous,
    revision: previous.revision + 1,
    lifetimeSeconds: lifetimeSeconds ?? previous.lifetimeSeconds,
    binding: binding ?? previous.binding,
    // The flag belongs to the binding: who says b anew says Q anew (LwM2M Core §6.2.1.2).
    queueMode: queueModeFlag || (binding === undefined ? previous.queueMode : binding.includes('Q')),
    smsNumber: smsNumber ?? previous.smsNumber,
    additionalParameters,
    // The list is complete, not a difference (LwM2M Core §6.2.2).
    inventory: keepRoot(inventory.value, previous.inventory),
    peer: request.peer,
    localUrl: request.localUrl,
    updatedAtEpochMs: nowEpochMs,
  });
}

function readInventory(
  { contentFormat, payload }: RegistrationRequest,
  rules: ParameterRules,
  previous?: ObjectInventory,
): Outcome<ObjectInventory> {
  const format = contentFormat ?? (rules.leniencies.missingContentFormat ? ContentFormat.LinkFormat : undefined);
  if (format !== ContentFormat.LinkFormat) {
    return refused(ResponseCode.UnsupportedContentFormat, 'the object list must be application/link-format (40)');
  }
  const limits = { nodesMax: rules.limits.objectLinksMax };
  try {
    const inventory = decodeObjectLinks(payload, limits);
    if (rootPathSegments(inventory.rootPath) === undefined) {
      return refused(
        ResponseCode.BadRequest,
        'the alternate path of the object list is none that a request can begin with',
      );
    }
    if (inventory.objects.length > 0) return accepted(inventory);
    const kept =
      previous === undefined || previous.rootPath === '/' ? inventory : underRoot(previous.rootPath, payload, limits);
    if (kept.objects.length > 0) return accepted(kept);
    return refused(ResponseCode.BadRequest, 'the object list names no object');
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return refused(ResponseCode.BadRequest, `the object list cannot be read: ${error.message}`);
  }
}

/** A list in an Update that has no root link, and whose links begin with the alternate path that the one at Register named. */
function underRoot(rootPath: string, payload: Uint8Array, limits: { nodesMax: number }): ObjectInventory {
  const root = encodeUtf8(`<${rootPath}>;rt="oma.lwm2m",`);
  const list = new Uint8Array(root.length + payload.length);
  list.set(root);
  list.set(payload, root.length);
  return decodeObjectLinks(list, { nodesMax: limits.nodesMax + 1 });
}

function mergeParameters(
  previous: Registration['additionalParameters'],
  said: Registration['additionalParameters'],
): Registration['additionalParameters'] {
  return Object.keys(said).length === 0 ? previous : { ...previous, ...said };
}

/** A list in an Update that has no root link keeps what the one at Register said of formats. */
function keepRoot(next: ObjectInventory, previous: ObjectInventory): ObjectInventory {
  if (next.contentFormats.length > 0) return next;
  return { ...next, contentFormats: previous.contentFormats };
}
