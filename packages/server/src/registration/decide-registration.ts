import { DecodeError, encodeUtf8 } from '@motestack/bytes';
import { ContentFormat, type PeerId, ResponseCode } from '@motestack/coap';
import { decodeObjectLinks, type ObjectInventory } from '@motestack/codecs';
import { compactText } from '../compact-text.ts';
import { parseBinding } from './binding.ts';
import type { InventoryPool } from './inventory-pool.ts';
import type { ApplicationData, Registration } from './registration.ts';
import { accepted, type Outcome, type RegistrationFault, refused } from './registration-fault.ts';
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
  /** Its object list; `undefined`: it has none, and a profile has to stand in for it. */
  readonly inventory: ObjectInventory | undefined;
}

/** What judges a registration request, beside the request. */
export interface RegistrationRules extends ParameterRules {
  /** Lists that were read before. */
  readonly inventories: InventoryPool;
}

/**
 * Reads a Register.
 *
 * @param provedEndpoint the name that the sender's credentials are of
 * @returns what it says, or what the device is told: 4.00, 4.12 or 4.15
 * @see LwM2M Core §6.2.1; LwM2M Transport §6.4.3, Table 6.7-2
 */
export function readRegister(
  request: RegistrationRequest,
  rules: RegistrationRules,
  provedEndpoint?: string,
): Outcome<ReadRegister> {
  const parameters = parseRegisterParameters(request.query, rules, provedEndpoint);
  if (!parameters.ok) return parameters;
  if (request.payload.length === 0) return accepted({ parameters: parameters.value, inventory: undefined });
  const inventory = readInventory(request, rules);
  if (!inventory.ok) return inventory;
  return accepted({ parameters: parameters.value, inventory: inventory.value });
}

/** What a device is told that lists nothing and names no known profile (LwM2M Core 1.2 §6.2.1; Transport Table 6.7-2: 4.09). */
export const missingInventory: RegistrationFault = {
  code: ResponseCode.Conflict,
  reason: 'the object list is missing, and no profile is known that could stand in for it',
};

/** What a registration is made of. */
export interface RegistrationMaterial {
  /** What the device said. */
  readonly parameters: RegisterParameters;
  /** Its objects. */
  readonly inventory: ObjectInventory;
  /** Who said it, and where. */
  readonly from: Pick<RegistrationRequest, 'peer' | 'localUrl' | 'identity'>;
  /** What the authorizer attaches. */
  readonly applicationData: ApplicationData | undefined;
  /** A fresh location. */
  readonly id: string;
  /** Wall time, milliseconds since 1970. */
  readonly nowEpochMs: number;
}

/**
 * The registration that a Register makes.
 *
 * @see LwM2M Core §6.2.1
 */
export function decideRegister(material: RegistrationMaterial): Registration {
  const { parameters, inventory, from, applicationData, id, nowEpochMs } = material;
  const { peer, localUrl, identity } = from;
  const { profileIds, smsNumber } = parameters;
  const binding = parameters.binding ?? 'U';
  return {
    id,
    revision: 0,
    endpoint: compactText(parameters.endpoint),
    lwm2mVersion: parameters.lwm2mVersion,
    lifetimeSeconds: parameters.lifetimeSeconds,
    binding,
    queueMode: parameters.queueModeFlag || parseBinding(binding).queueMode,
    ...(smsNumber === undefined ? {} : { smsNumber }),
    ...(profileIds === undefined ? {} : { profileIds }),
    additionalParameters: hasNone(parameters.additional) ? NO_PARAMETERS : parameters.additional,
    inventory,
    peer: compactText(peer),
    ...(identity === undefined ? {} : { identity }),
    ...(applicationData === undefined ? {} : { applicationData }),
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
  rules: RegistrationRules,
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
  const { lifetimeSeconds, binding, queueModeFlag, smsNumber, profileIds, additional } = parsed.value;
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
    queueMode: queueModeFlag || (binding === undefined ? previous.queueMode : parseBinding(binding).queueMode),
    ...(smsNumber === undefined ? {} : { smsNumber }),
    ...(profileIds === undefined ? {} : { profileIds }),
    additionalParameters,
    // The list is complete, not a difference (LwM2M Core §6.2.2).
    inventory: keepRoot(inventory.value, previous.inventory),
    peer: previous.peer === request.peer ? previous.peer : compactText(request.peer),
    localUrl: request.localUrl,
    updatedAtEpochMs: nowEpochMs,
  });
}

function readInventory(
  { contentFormat, payload }: RegistrationRequest,
  rules: RegistrationRules,
  previous?: ObjectInventory,
): Outcome<ObjectInventory> {
  const format = contentFormat ?? (rules.leniencies.missingContentFormat ? ContentFormat.LinkFormat : undefined);
  if (format !== ContentFormat.LinkFormat) {
    return refused(ResponseCode.UnsupportedContentFormat, 'the object list must be application/link-format (40)');
  }
  const limits = { nodesMax: rules.limits.objectLinksMax };
  try {
    const inventory = rules.inventories.read(payload, (bytes) => decodeObjectLinks(bytes, limits));
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
  return hasNone(said) ? previous : { ...previous, ...said };
}

/** What most devices say: one for all of them. */
const NO_PARAMETERS: Registration['additionalParameters'] = Object.freeze({});

function hasNone(parameters: Registration['additionalParameters']): boolean {
  return Object.keys(parameters).length === 0;
}

/** A list in an Update that has no root link keeps what the one at Register said of formats. */
function keepRoot(next: ObjectInventory, previous: ObjectInventory): ObjectInventory {
  if (next.contentFormats.length > 0) return next;
  return { ...next, contentFormats: previous.contentFormats };
}
