import { encodeUtf8 } from '@motestack/bytes';
import { ResponseCode } from '@motestack/coap';
import { parseProfileIds } from './profile-ids.ts';
import type { LwM2mVersion } from './registration.ts';
import { accepted, type Outcome, type RegistrationFault, refused } from './registration-fault.ts';
import type { RegistrationLeniencies } from './registration-leniencies.ts';
import type { RegistrationLimits } from './registration-limits.ts';

/** What the Uri-Query options of a Register or an Update say; `undefined` is for what they do not say. */
export interface RegistrationParameters {
  /** `ep` */
  readonly endpoint: string | undefined;
  /** `lt`, seconds */
  readonly lifetimeSeconds: number | undefined;
  /** `lwm2m` */
  readonly lwm2mVersion: LwM2mVersion | undefined;
  /** `b` as it was spelled */
  readonly binding: string | undefined;
  /** `Q` */
  readonly queueModeFlag: boolean;
  /** `sms` */
  readonly smsNumber: string | undefined;
  /** `pid`: the Profile IDs, in their order */
  readonly profileIds: readonly string[] | undefined;
  /** All others in their order; without `=` the value is `null`. */
  readonly additional: Readonly<Record<string, string | null>>;
}

/** What judges parameters. */
export interface ParameterRules {
  /** Bounds. */
  readonly limits: RegistrationLimits;
  /** What is let pass. */
  readonly leniencies: RegistrationLeniencies;
}

/**
 * Reads the parameters of a Register.
 *
 * @param query one text for each Uri-Query option
 * @param provedEndpoint the name that the sender's credentials are of, for a Register that says none
 * @returns the parameters (`endpoint`, `lifetimeSeconds` and `lwm2mVersion` are there), or what the device is told: 4.00, or 4.12
 *   for a version of the enabler that is not spoken
 * @see LwM2M Core §6.2.1; LwM2M Transport §6.4.3, Table 6.7-2
 */
export function parseRegisterParameters(
  query: readonly string[],
  rules: ParameterRules,
  provedEndpoint?: string,
): Outcome<RegisterParameters> {
  const parsed = parseParameters(query, rules);
  if (!parsed.ok) return parsed;
  const { lwm2mVersion, queueModeFlag } = parsed.value;
  const lifetimeSeconds = parsed.value.lifetimeSeconds ?? lifetimeWhereMissing(rules);
  // LwM2M Core §6.2.1: a device whose credentials say its name may leave it out.
  const endpoint = parsed.value.endpoint ?? provedEndpoint;
  if (lwm2mVersion === undefined) return badRequest('the parameter lwm2m is missing');
  if (lifetimeSeconds === undefined) return badRequest('the parameter lt is missing');
  if (endpoint === undefined) return badRequest('the parameter ep is missing');
  // 1.0 says queue mode in b; the flag came with 1.1 (LwM2M Core §6.2.1).
  if (queueModeFlag && lwm2mVersion === '1.0') return badRequest('the parameter Q is not of LwM2M 1.0');
  return accepted({ ...parsed.value, endpoint, lifetimeSeconds, lwm2mVersion });
}

/** The parameters of a Register: those that it must have are there. */
export interface RegisterParameters extends RegistrationParameters {
  /** `ep` */
  readonly endpoint: string;
  /** `lt`, seconds */
  readonly lifetimeSeconds: number;
  /** `lwm2m` */
  readonly lwm2mVersion: LwM2mVersion;
}

/**
 * Reads the parameters of an Update, which says only what changed.
 *
 * @param query one text for each Uri-Query option
 * @returns the parameters, or what the device is told: 4.00
 * @see LwM2M Core §6.2.2
 */
export function parseUpdateParameters(
  query: readonly string[],
  rules: ParameterRules,
): Outcome<RegistrationParameters> {
  const parsed = parseParameters(query, rules);
  if (!parsed.ok) return parsed;
  // The endpoint name and the version hold for the whole registration (LwM2M Core §6.2.2 lists what an Update may say).
  if (parsed.value.endpoint !== undefined) return badRequest('ep is no parameter of an Update');
  if (parsed.value.lwm2mVersion !== undefined) return badRequest('lwm2m is no parameter of an Update');
  return parsed;
}

/** The lifetime of a device that says none: that of a Server object which nobody changed (LwM2M Core Appendix E.2, resource 1). */
const LIFETIME_SECONDS = 86_400;

function lifetimeWhereMissing({ leniencies }: ParameterRules): number | undefined {
  return leniencies.missingLifetime ? LIFETIME_SECONDS : undefined;
}

interface Draft {
  endpoint: string | undefined;
  lifetimeSeconds: number | undefined;
  lwm2mVersion: LwM2mVersion | undefined;
  binding: string | undefined;
  queueModeFlag: boolean;
  smsNumber: string | undefined;
  profileIds: readonly string[] | undefined;
  additional: Record<string, string | null>;
}

function parseParameters(query: readonly string[], rules: ParameterRules): Outcome<RegistrationParameters> {
  const draft: Draft = {
    endpoint: undefined,
    lifetimeSeconds: undefined,
    lwm2mVersion: undefined,
    binding: undefined,
    queueModeFlag: false,
    smsNumber: undefined,
    profileIds: undefined,
    additional: Object.create(null) as Record<string, string | null>,
  };
  const seen = new Set<string>();
  for (const text of query) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? text : text.slice(0, equals);
    if (seen.has(name)) return badRequest(`the parameter ${shown(name)} came twice`);
    seen.add(name);
    const fault = take(draft, name, equals < 0 ? null : text.slice(equals + 1), rules);
    if (fault !== undefined) return { ok: false, fault };
  }
  return accepted(draft);
}

/** Takes one parameter into the draft, or says why not. */
function take(draft: Draft, name: string, value: string | null, rules: ParameterRules): RegistrationFault | undefined {
  switch (name) {
    case 'ep':
      return takeEndpoint(draft, value, rules.limits);
    case 'lt':
      return takeLifetime(draft, value, rules.limits);
    case 'lwm2m':
      return takeVersion(draft, value);
    case 'b':
      // Letters that this version does not know are bindings of another one, and no reason to turn a device away.
      if (value === null || !/^[A-Z]{1,16}$/.test(value)) return fault('b is not a row of capital letters');
      draft.binding = value;
      return undefined;
    case 'Q':
      if (value !== null) return fault('Q has no value');
      draft.queueModeFlag = true;
      return undefined;
    case 'sms':
      // An MSISDN has 15 digits at most and no plus sign here (LwM2M Transport §6.4.3).
      if (value === null || !/^[0-9]{1,15}$/.test(value)) return fault('sms is not an MSISDN');
      draft.smsNumber = value;
      return undefined;
    case 'pid':
      draft.profileIds = value === null ? undefined : parseProfileIds(value);
      return draft.profileIds === undefined ? fault('pid is no Profile ID') : undefined;
    default:
      return takeAdditional(draft, name, value, rules);
  }
}

function takeEndpoint(draft: Draft, value: string | null, limits: RegistrationLimits): RegistrationFault | undefined {
  if (value === null || value === '') return fault('ep is empty');
  if (hasControlCharacter(value)) return fault('ep holds a control character');
  if (encodeUtf8(value).length > limits.endpointBytesMax)
    return fault(`ep is longer than ${limits.endpointBytesMax} bytes`);
  draft.endpoint = value;
  return undefined;
}

function takeLifetime(draft: Draft, value: string | null, limits: RegistrationLimits): RegistrationFault | undefined {
  if (value === null || !/^[0-9]{1,15}$/.test(value)) return fault('lt is not a number of seconds');
  const seconds = Number(value);
  const { lifetimeSecondsMin, lifetimeSecondsMax } = limits;
  if (seconds !== 0 && (seconds < lifetimeSecondsMin || seconds > lifetimeSecondsMax)) {
    return fault(`lt is not within ${lifetimeSecondsMin} to ${lifetimeSecondsMax}`);
  }
  draft.lifetimeSeconds = seconds;
  return undefined;
}

function takeVersion(draft: Draft, value: string | null): RegistrationFault | undefined {
  if (value === null || !/^[0-9]+\.[0-9]+$/.test(value)) return fault('lwm2m is not a version');
  if (value !== '1.0' && value !== '1.1' && value !== '1.2') {
    // LwM2M Core §6.2.1: a server refuses a version that it does not support; the code is 4.12 (Transport Table 6.7-2).
    return { code: ResponseCode.PreconditionFailed, reason: 'this server speaks LwM2M 1.0, 1.1 and 1.2' };
  }
  draft.lwm2mVersion = value;
  return undefined;
}

function takeAdditional(
  draft: Draft,
  name: string,
  value: string | null,
  { limits, leniencies }: ParameterRules,
): RegistrationFault | undefined {
  if (name === '' || hasControlCharacter(name)) return fault('a parameter has no name');
  if (!leniencies.unknownParameters) return fault(`the parameter ${shown(name)} is not known`);
  if (Object.keys(draft.additional).length >= limits.additionalParametersMax) {
    return fault(`more than ${limits.additionalParametersMax} parameters are not known`);
  }
  draft.additional[name] = value;
  return undefined;
}

function fault(reason: string): RegistrationFault {
  return { code: ResponseCode.BadRequest, reason };
}

function badRequest(reason: string): Outcome<never> {
  return refused(ResponseCode.BadRequest, reason);
}

/** A name from outside as a diagnostic shows it: short, and without characters that change a terminal. */
function shown(name: string): string {
  return JSON.stringify(name.slice(0, 16));
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x7f) return true;
  }
  return false;
}
