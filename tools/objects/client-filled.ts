/**
 * Mandatory resources that the client library implements itself: `instance()` takes them, but does not ask for them. They stay
 * mandatory in the facts.
 */
export const CLIENT_FILLED: Readonly<Record<number, readonly number[]>> = {
  // Server: short server id, lifetime, notification storing, binding and the registration update trigger belong to the
  // registration, which the client keeps (LwM2M Core 1.2 §6.2, Appendix E.2).
  1: [0, 1, 6, 7, 8],
  // Device: Error Code and Supported Binding and Modes (LwM2M Core 1.2 Appendix E.4).
  3: [11, 16],
};
