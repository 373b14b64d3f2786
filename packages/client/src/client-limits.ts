/** What servers can make grow in a client; one past a limit is refused, and the client goes on. */
export interface ClientLimits {
  /** Observations of one server; further ones are answered without being established (RFC 7641 §4.1). */
  readonly observationsMax: number;
  /** Instances of one object after a Create; further ones are answered with 5.03. */
  readonly objectInstancesMax: number;
  /** Resource instances of one resource after a Write; more are answered with 4.00. */
  readonly resourceInstancesMax: number;
  /** Requests that wait for the registration to be acknowledged; further ones are answered with 5.03. */
  readonly heldRequestsMax: number;
  /** Paths of one composite operation; more are answered with 4.00. */
  readonly compositePathsMax: number;
  /** Notifications that one observation keeps while the client is offline, where `hqmax` does not say less; older ones go. */
  readonly storedNotificationsMax: number;
  /** Values that a Send which is tried again keeps; older ones go. */
  readonly sendHistoryMax: number;
}

/** The limits unless others are given. */
export const defaultClientLimits: ClientLimits = {
  observationsMax: 128,
  objectInstancesMax: 256,
  resourceInstancesMax: 256,
  heldRequestsMax: 8,
  compositePathsMax: 64,
  storedNotificationsMax: 64,
  sendHistoryMax: 256,
};

/**
 * Fills in defaults and checks.
 *
 * @throws {RangeError} for a limit that is no integer of 0 or more
 */
export function resolveClientLimits(limits: Partial<ClientLimits> = {}): ClientLimits {
  const resolved = { ...defaultClientLimits, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (!(Number.isInteger(value) && value >= 0))
      throw new RangeError(`limits.${name} is ${value}, but must be an integer of 0 or more`);
  }
  return resolved;
}
