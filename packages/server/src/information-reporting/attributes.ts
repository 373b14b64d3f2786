/** Attributes that any path may have. A name with the value `undefined` is unset. */
export interface Attributes {
  /** Seconds between two notifications, at least. */
  readonly pmin?: number | undefined;
  /** Seconds between two notifications, at most. */
  readonly pmax?: number | undefined;
  /** Seconds between two looks at the value, at least. */
  readonly epmin?: number | undefined;
  /** Seconds between two looks at the value, at most. */
  readonly epmax?: number | undefined;
  /** Whether notifications are Confirmable (1.2). */
  readonly con?: boolean | undefined;
  /** How many values the device keeps while the server cannot be reached (1.2). */
  readonly hqmax?: number | undefined;
}

/** Attributes that a number may have too. */
export interface NumericAttributes extends Attributes {
  /** Notify when the value crosses this. */
  readonly gt?: number | undefined;
  /** Notify when the value crosses this. */
  readonly lt?: number | undefined;
  /** Notify when the value differs by so much from the last one notified. */
  readonly st?: number | undefined;
}

/** Attributes that a Boolean may have too. */
export interface BooleanAttributes extends Attributes {
  /** `true`: notify when the value becomes true; `false`: when it becomes false (1.2). */
  readonly edge?: boolean | undefined;
}

/** Attributes of an observation of several paths (1.2). */
export type CompositeAttributes = Omit<Attributes, 'hqmax'>;

/**
 * The attributes that go with a path: thresholds for numbers, an edge for Booleans, both for a path as text, whose type nobody
 * knows.
 *
 * @see LwM2M Core §5.1.2
 */
export type AttributeChangesFor<Path> = Path extends string
  ? NumericAttributes & BooleanAttributes
  : Path extends { readonly '~read': number }
    ? NumericAttributes
    : Path extends { readonly '~read': boolean }
      ? BooleanAttributes
      : Attributes;
