/** What a server is told by Register and kept informed of by Update. */
export interface RegistrationFacts {
  /** `lt`: seconds; 0 never expires. Always the value of `/1/x/1`. */
  readonly lifetimeSeconds: number;
  /** `b`: always the value of `/1/x/7`, without the `Q` of LwM2M 1.0. */
  readonly bindingMode: string;
  /** `Q`, or the `Q` in `b` of LwM2M 1.0: the client sleeps, and requests have to wait for it. */
  readonly queueMode: boolean;
  /** `sms`: where the client takes messages; `undefined`: it does not. */
  readonly smsNumber?: string | undefined;
  /** `pid`, of 1.2: names what the server may know of the client already; `undefined`: nothing. */
  readonly profileId?: string | undefined;
  /** The body: objects and object instances in link-format. */
  readonly objectLinks: string;
}

/** What an Update says: only the parameters that differ from what the server was told last. */
export type FactChanges = Partial<RegistrationFacts>;

const NAMES = ['lifetimeSeconds', 'bindingMode', 'queueMode', 'smsNumber', 'profileId', 'objectLinks'] as const;

/**
 * Compares what the server knows with what is true. Binding and queue mode go together, as in Register.
 *
 * @returns the parameters that changed; an object without members when none did
 * @see LwM2M Core 1.1.1 §6.2.2: an Update contains only the parameters that have changed
 */
export function changedFacts(known: RegistrationFacts, current: RegistrationFacts): FactChanges {
  const changed = new Set<string>(NAMES.filter((name) => known[name] !== current[name]));
  if (changed.has('queueMode')) changed.add('bindingMode');
  return Object.fromEntries(NAMES.filter((name) => changed.has(name)).map((name) => [name, current[name]]));
}

/** Says whether an Update has something to tell. */
export function factsDiffer(known: RegistrationFacts, current: RegistrationFacts): boolean {
  return NAMES.some((name) => known[name] !== current[name]);
}
