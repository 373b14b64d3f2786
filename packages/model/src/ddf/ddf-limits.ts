/** What a definition file may grow to. */
export interface DdfLimits {
  /** Characters (UTF-16 units) of the file. */
  readonly charactersMax: number;
  /** Elements within each other; a definition needs 5. */
  readonly depthMax: number;
  /** Elements of the file; a resource needs 9. */
  readonly elementsMax: number;
  /** Attributes of one element. */
  readonly attributesMax: number;
}

/** The limits without others. */
export const defaultDdfLimits: DdfLimits = {
  charactersMax: 1_048_576,
  depthMax: 16,
  elementsMax: 50_000,
  attributesMax: 16,
};

/**
 * Fills in the defaults.
 *
 * @throws {RangeError} for a limit that is no positive integer
 */
export function resolveDdfLimits(limits: Partial<DdfLimits>): DdfLimits {
  const resolved = { ...defaultDdfLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(Number.isSafeInteger(value) && value > 0)) throw new RangeError(`${name} cannot be ${value}`);
  }
  return resolved;
}
