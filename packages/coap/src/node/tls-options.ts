/** A key, certificate or list of certificates: PEM as text or bytes, or DER as bytes (of keys PKCS #8 or SEC 1). */
export type TlsMaterial = string | Uint8Array;

/** What one side shows of itself in a TLS handshake. */
export interface TlsIdentity {
  /** The certificate, with what leads to its root. */
  readonly certificate: TlsMaterial | readonly TlsMaterial[];
  /** Its private key. */
  readonly privateKey: TlsMaterial;
  /** What opens the private key, where it is locked. */
  readonly passphrase?: string | undefined;
}

/** What either side of TLS may say. */
export interface TlsCommonOptions {
  /** The roots that are trusted instead of those of the system. */
  readonly trustedRoots?: TlsMaterial | readonly TlsMaterial[] | undefined;
  /** Whether a root may be a certificate that somebody else issued. Default false. */
  readonly allowPartialTrustChain?: boolean | undefined;
  /** The least version. Default: 1.2. */
  readonly versionMin?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  /** The cipher suites, as OpenSSL writes them. Default: those of the platform; with pre-shared keys those of RFC 7925. */
  readonly cipherSuites?: string | undefined;
}

/** How a client takes part in TLS. */
export interface TlsClientOptions extends TlsCommonOptions {
  /** Shown if the server asks for it. */
  readonly identity?: TlsIdentity | undefined;
  /** A key that both sides know, instead of certificates (RFC 4279). */
  readonly preSharedKey?: { readonly identity: string; readonly key: Uint8Array } | undefined;
  /** The name that the server is asked for (SNI) and has to prove. Default: the host of the URL, if it is a name. */
  readonly serverName?: string | undefined;
  /**
   * Whether the server must negotiate `coap` by ALPN. Default: on every port but 5684, where RFC 8323 §8.2 lets it go
   * without. libcoap 4.3.1 does not with pre-shared keys.
   */
  readonly requiresAlpn?: boolean | undefined;
  /**
   * A certificate, in DER, that has to be the server's own, or anywhere in its path, beside all that is checked anyway: the
   * certificate usages 0, 1 and 3 of RFC 6698 §2.1.1.
   */
  readonly pinned?: { readonly certificate: Uint8Array; readonly place: 'own' | 'path' } | undefined;
  /** Takes any server for the right one: for tests alone. */
  readonly dangerouslyAcceptAnyServer?: boolean | undefined;
}

/** How a server takes part in TLS. */
export interface TlsServerOptions extends TlsCommonOptions {
  /** Shown to clients. */
  readonly identity?: TlsIdentity | undefined;
  /** Shown to clients that ask for one of these names (SNI); `*.example.com` stands for one level. */
  readonly identities?: Readonly<Record<string, TlsIdentity>> | undefined;
  /** Finds the key of an identity, instead of certificates (RFC 4279); `undefined`: nobody of that name. */
  readonly preSharedKey?: ((identity: string) => Uint8Array | undefined) | undefined;
  /** Whether clients are asked for a certificate, and refused without one that leads to a trusted root. Default: none. */
  readonly clientCertificates?: 'none' | 'required' | undefined;
  /**
   * Whether clients must negotiate `coap` by ALPN. Default: on every port but 5684, where RFC 8323 §8.2 lets them go
   * without. libcoap 4.3.1 does not with pre-shared keys.
   */
  readonly requiresAlpn?: boolean | undefined;
}
