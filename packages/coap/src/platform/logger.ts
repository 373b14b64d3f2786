/**
 * Takes what an operator may want to read, in pino's shape. Without one nothing is written. Keys, identities and
 * payloads never appear in it.
 */
export interface Logger {
  /** What is normal and frequent. */
  debug?(fields: object, message: string): void;
  /** What is normal and rare. */
  info?(fields: object, message: string): void;
  /** What should not happen, and was dealt with. */
  warn?(fields: object, message: string): void;
  /** What failed, such as a handler that threw. */
  error?(fields: object, message: string): void;
}
