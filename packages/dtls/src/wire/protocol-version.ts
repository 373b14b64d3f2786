/** Versions as they stand on the wire: the ones' complement of the number, so that a newer one is smaller (RFC 6347 §4.1). */
export const ProtocolVersion = {
  /** Only the framing of the first records, and the version in a HelloVerifyRequest (RFC 6347 §4.2.1). */
  Dtls10: 0xfeff,
  Dtls12: 0xfefd,
} as const;

/** One of {@link ProtocolVersion}. */
export type ProtocolVersion = (typeof ProtocolVersion)[keyof typeof ProtocolVersion];
