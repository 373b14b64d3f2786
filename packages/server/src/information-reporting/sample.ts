/** One value as it was reported. */
export interface Sample<Value> {
  /** The value. */
  readonly value: Value;
  /** When the device measured it, where it said so. */
  readonly time: Date | undefined;
  /** When it came in. */
  readonly receivedAt: Date;
}
