import { defaultTransmissionParameters } from '../parameters.ts';

/** How a server answers requests to a group. */
export interface GroupParameters {
  /** The leisure: answers are spread over so long, by chance (RFC 7252 §8.2). */
  readonly leisureMs: number;
  /** How many requests may be with the handler, and how many answers may wait for their time. */
  readonly groupRequestsMax: number;
}

/** DEFAULT_LEISURE, and room for 256 requests. */
export const defaultGroupParameters: GroupParameters = {
  leisureMs: defaultTransmissionParameters.defaultLeisureMs,
  groupRequestsMax: 256,
};

/** What was counted at a group. */
export interface GroupCounters {
  /** Datagrams that no request to a group may be: Confirmable ones, responses, junk. */
  ignored: number;
  /** Answers that were not sent: errors and empty ones that nobody asked for, Resets. */
  suppressed: number;
  /** Requests or answers that were dropped, since `groupRequestsMax` was reached. */
  dropped: number;
}

/**
 * Fills in the defaults and checks what was given.
 *
 * @throws {RangeError} a leisure below 0, or room for nothing
 */
export function resolveGroupParameters(parameters: Partial<GroupParameters> = {}): GroupParameters {
  const resolved = { ...defaultGroupParameters, ...parameters };
  const { leisureMs, groupRequestsMax } = resolved;
  if (!(Number.isFinite(leisureMs) && leisureMs >= 0)) throw new RangeError('leisureMs is 0 or more');
  if (!Number.isInteger(groupRequestsMax) || groupRequestsMax < 1)
    throw new RangeError('groupRequestsMax is 1 or more');
  return resolved;
}
