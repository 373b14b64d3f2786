/** Attributes that any path may have. */
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

/**
 * The attributes that go with a path: thresholds for numbers, and for a path as text, whose type nobody knows.
 *
 * @see LwM2M Core §5.1.2
 */
export type AttributeChangesFor<Path> = Path extends string
  ? NumericAttributes
  : Path extends { readonly '~read': number }
    ? NumericAttributes
    : Attributes;
