/** What a server is told by Register and kept informed of by Update. */
export interface RegistrationFacts {
  /** `lt`: seconds; 0 never expires. Always the value of `/1/x/1`. */
  readonly lifetimeSeconds: number;
  /** `b`: always the value of `/1/x/7`. */
  readonly bindingMode: string;
  /** The body: objects and object instances in link-format. */
  readonly objectLinks: string;
}

/** What an Update says: only the parameters that differ from what the server was told last. */
export type FactChanges = Partial<RegistrationFacts>;

/**
 * Compares what the server knows with what is true.
 *
 * @returns the parameters that changed; an object without members when none did
 * @see LwM2M Core 1.1.1 §6.2.2: an Update contains only the parameters that have changed
 */
export function changedFacts(known: RegistrationFacts, current: RegistrationFacts): FactChanges {
  return {
    ...(known.lifetimeSeconds === current.lifetimeSeconds ? {} : { lifetimeSeconds: current.lifetimeSeconds }),
    ...(known.bindingMode === current.bindingMode ? {} : { bindingMode: current.bindingMode }),
    ...(known.objectLinks === current.objectLinks ? {} : { objectLinks: current.objectLinks }),
  };
}

/** Says whether an Update has something to tell. */
export function factsDiffer(known: RegistrationFacts, current: RegistrationFacts): boolean {
  return Object.keys(changedFacts(known, current)).length > 0;
}
