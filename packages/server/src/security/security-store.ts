import type { Awaitable } from '../awaitable.ts';

/** How a device proves that it is the one of its endpoint name. */
export type DeviceCredentials =
  /** By a pre-shared key. */
  | {
      readonly kind: 'psk';
      /** What the device calls the key, 1 to 128 bytes; text is UTF-8. */
      readonly identity: string | Uint8Array;
      /** 1 to 64 bytes; 16 or more are advised. */
      readonly key: Uint8Array;
    }
  /** By the private half of a key: SubjectPublicKeyInfo in DER (RFC 7250). */
  | { readonly kind: 'rawPublicKey'; readonly publicKey: Uint8Array }
  /** By a certificate that leads to a root which the server believes. */
  | {
      readonly kind: 'x509';
      /** The common name of the certificate's subject. Default: the endpoint name. */
      readonly commonName?: string | undefined;
    };

/** The credentials of one endpoint name. */
export interface DeviceSecurity {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** What it proves that name by. */
  readonly credentials: DeviceCredentials;
}

/**
 * Knows which device proves its name by what. Asked in handshakes and at each Register; it may answer later. One endpoint
 * name has one kind of credentials, and no two names share a pre-shared key's identity, a public key or a common name.
 *
 * @see LwM2M Transport 1.1 §5.2, Endpoint Client Name: the name must be compared with the identity of the handshake
 */
export interface SecurityStore {
  /** What an endpoint name is proved by; `undefined`: it may register without proof. */
  findByEndpoint(endpoint: string): Awaitable<DeviceSecurity | undefined>;
  /** Whose pre-shared key has this identity. */
  findByPskIdentity(identity: Uint8Array): Awaitable<DeviceSecurity | undefined>;
  /**
   * The same, at once: TLS asks for a pre-shared key in the middle of a handshake and cannot wait. Without it the store
   * serves no `coaps+tcp` and `coaps+ws`; one that has no pre-shared keys for TLS returns `undefined`.
   */
  findByPskIdentityNow?(identity: Uint8Array): DeviceSecurity | undefined;
  /** Whose public key this is: SubjectPublicKeyInfo in DER. */
  findByPublicKey(publicKey: Uint8Array): Awaitable<DeviceSecurity | undefined>;
}
