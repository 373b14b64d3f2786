/** Where the server takes more than the specification asks for, since deployed devices need it. */
export interface RegistrationLeniencies {
  /**
   * Keeps parameters that no version of the enabler defines, instead of answering 4.00. Default true.
   *
   * @see LwM2M Transport §6.7, Table 6.7-2 lists "unknown parameter" among the causes of 4.00; deployed devices add their own
   */
  readonly unknownParameters: boolean;
  /**
   * Follows a device whose address changed to the sender of its Update, instead of answering 4.04. Default true.
   *
   * @see LwM2M Transport §6.4.3: without security a device whose address changed must register again, but behind a NAT it cannot know
   */
  readonly addressChange: boolean;
  /**
   * Reads a payload without Content-Format as link format, instead of answering 4.15. Default true.
   *
   * @see LwM2M Core §6.2.1: the format must be application/link-format; RFC 7252 §5.5.1 leaves a missing one open
   */
  readonly missingContentFormat: boolean;
  /**
   * Takes a Register without `lt` for one of 86,400 seconds, instead of answering 4.00. Default true.
   *
   * @see LwM2M Core §6.2.1: the parameter is mandatory; LwM2M 1.0 had 86,400 as its default, and deployed devices rely on it
   */
  readonly missingLifetime: boolean;
}

/** The leniencies that hold where the options say nothing. */
export const defaultRegistrationLeniencies: RegistrationLeniencies = {
  unknownParameters: true,
  addressChange: true,
  missingContentFormat: true,
  missingLifetime: true,
};
