import { defaultTransmissionParameters } from '../parameters.ts';

/** What bounds a multicast client. */
export interface MulticastClientParameters {
  /** How long responses are waited for unless a request says otherwise: twice DEFAULT_LEISURE. */
  readonly durationMs: number;
  /** How many responses one request takes. */
  readonly responsesMax: number;
  /** How many requests may be under way. */
  readonly groupRequestsMax: number;
  /** The longest body that is fetched block by block. */
  readonly bodyBytesMax: number;
}

/** The defaults. */
export const defaultMulticastClientParameters: MulticastClientParameters = {
  durationMs: 2 * defaultTransmissionParameters.defaultLeisureMs,
  responsesMax: 1000,
  groupRequestsMax: 64,
  bodyBytesMax: 1024 * 1024,
};

/**
 * Fills in the defaults and checks what was given.
 *
 * @throws {RangeError} a parameter below 1
 */
export function resolveMulticastClientParameters(
  parameters: Partial<MulticastClientParameters> = {},
): MulticastClientParameters {
  const resolved = { ...defaultMulticastClientParameters, ...parameters };
  for (const [name, value] of Object.entries(resolved)) {
    if (!Number.isInteger(value) || value < 1) throw new RangeError(`${name} is an integer, 1 or more`);
  }
  return resolved;
}
