/** A pre-shared key and the name that the server knows it by (RFC 4279): security mode 0 of LwM2M. */
export interface PskCredentials {
  /** Tells this kind of credentials from the others. */
  readonly kind: 'psk';
  /** 1 to 128 bytes; text is UTF-8. */
  readonly identity: string | Uint8Array;
  /** 1 to 64 bytes; 16 or more are advised. */
  readonly key: Uint8Array;
  /** Cipher suites by their numbers in IANA's registry, the preferred first. Default: all that there are. */
  readonly cipherSuites?: readonly number[] | undefined;
}

/** A key of one's own, and the server's (RFC 7250): security mode 1 of LwM2M. */
export interface RawPublicKeyCredentials {
  /** Tells this kind of credentials from the others. */
  readonly kind: 'rawPublicKey';
  /** The private key: PEM, or DER of PKCS #8 (RFC 5958) or SEC 1 (RFC 5915). */
  readonly privateKey: string | Uint8Array;
  /** The server's public key: SubjectPublicKeyInfo in DER, or PEM of it. */
  readonly serverPublicKey: string | Uint8Array;
  /** Cipher suites by their numbers in IANA's registry, the preferred first. Default: all that there are. */
  readonly cipherSuites?: readonly number[] | undefined;
}

/** A certificate of one's own, and whom to believe (RFC 5280): security mode 2 of LwM2M. */
export interface X509Credentials {
  /** Tells this kind of credentials from the others. */
  readonly kind: 'x509';
  /** The private key: PEM, or DER of PKCS #8 (RFC 5958) or SEC 1 (RFC 5915). */
  readonly privateKey: string | Uint8Array;
  /** The certificate of that key, and those that lead to its root: PEM, which may hold several, or DER each. */
  readonly certificates: string | readonly Uint8Array[];
  /** The authorities that are believed: PEM, which may hold several, or DER each. */
  readonly trustedRoots?: string | readonly Uint8Array[] | undefined;
  /** A certificate that was given for this one server, in DER or PEM: what it stands for says `certificateUsage`. */
  readonly serverCertificate?: string | Uint8Array | undefined;
  /**
   * 0: an authority that has to be in the server's path; 1: the server's own, with a path to a root; 2: the root; 3, the
   * default: the server's own, and that is enough. 0 and 1 need `trustedRoots`.
   */
  readonly certificateUsage?: 0 | 1 | 2 | 3 | undefined;
  /** The name that the server's certificate has to be for. Default: the host of its URI. */
  readonly serverName?: string | undefined;
  /** Cipher suites by their numbers in IANA's registry, the preferred first. Default: all that there are. */
  readonly cipherSuites?: readonly number[] | undefined;
}

/** How a client shows who it is and knows its server: plain data, the same for every protocol beneath. */
export type ClientCredentials = PskCredentials | RawPublicKeyCredentials | X509Credentials;

/** What a server shows, and whose certificates it believes: plain data, the same for every protocol beneath. */
export interface ServerCredentials {
  /** The private key: PEM, or DER of PKCS #8 (RFC 5958) or SEC 1 (RFC 5915). */
  readonly privateKey: string | Uint8Array;
  /** The certificate of that key, and those that lead to its root: PEM or DER each. Default: the bare public key is shown. */
  readonly certificates?: string | readonly Uint8Array[] | undefined;
  /** The authorities whose devices are believed: PEM, which may hold several, or DER each. Default: none. */
  readonly trustedRoots?: string | readonly Uint8Array[] | undefined;
}
