/** What a device may make the server keep. Each limit is tested at its value and one past it. */
export interface RegistrationLimits {
  /** Registrations at one time; one more device is told 5.03. Default 100,000. */
  readonly registrationsMax: number;
  /** Links in the object list of one registration; more are told 4.00. Default 1,000. */
  readonly objectLinksMax: number;
  /** Shortest lifetime that is accepted, seconds; a lifetime of 0 (without end) is not measured by it. Default 1. */
  readonly lifetimeSecondsMin: number;
  /** Longest lifetime that is accepted, seconds. Default 4,294,967,295. */
  readonly lifetimeSecondsMax: number;
  /** Seconds that a registration outlives its lifetime without an Update: networks are slow, and clocks differ. Default 0. */
  readonly lifetimeGraceSeconds: number;
  /** UTF-8 bytes of an Endpoint Client Name. Default 252, all that one Uri-Query option holds behind `ep=`. */
  readonly endpointBytesMax: number;
  /** Parameters of a registration that no version of the enabler defines; more are told 4.00. Default 16. */
  readonly additionalParametersMax: number;
  /** Registration requests of one endpoint name that wait for each other; one more is told 5.03. Default 8. */
  readonly registrationRequestsWaitingMax: number;
}

/** The limits that hold where the options say nothing. */
export const defaultRegistrationLimits: RegistrationLimits = {
  registrationsMax: 100_000,
  objectLinksMax: 1_000,
  lifetimeSecondsMin: 1,
  lifetimeSecondsMax: 0xffff_ffff,
  lifetimeGraceSeconds: 0,
  endpointBytesMax: 252,
  additionalParametersMax: 16,
  registrationRequestsWaitingMax: 8,
};

/**
 * Fills what is not said with the defaults.
 *
 * @throws {RangeError} for a limit that is not a positive integer (`lifetimeGraceSeconds` may be 0)
 */
export function resolveRegistrationLimits(limits: Partial<RegistrationLimits> = {}): RegistrationLimits {
  const said = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of said) {
    const least = name === 'lifetimeGraceSeconds' ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new RangeError(
        `${name} is not ${least === 0 ? 'an integer of 0 or more' : 'a positive integer'}: ${value}`,
      );
    }
  }
  return { ...defaultRegistrationLimits, ...Object.fromEntries(said) };
}
