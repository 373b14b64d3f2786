import { encodeUtf8, toHex } from '@motestack/bytes';
import type { DeviceCredentials, DeviceSecurity, SecurityStore } from './security-store.ts';

/** The longest identity of a pre-shared key, in bytes: what every implementation has to take (RFC 4279 §5.3). */
export const PSK_IDENTITY_BYTES_MAX = 128;
/** The longest pre-shared key, in bytes: what every implementation has to take (RFC 4279 §5.3). */
export const PSK_KEY_BYTES_MAX = 64;

/**
 * Keeps credentials in memory.
 *
 * @example
 * const security = new InMemorySecurityStore([
 *   { endpoint: 'urn:dev:ops:1', credentials: { kind: 'psk', identity: 'device-1', key: fromHex('…') } },
 * ]);
 */
export class InMemorySecurityStore implements SecurityStore {
  readonly #byEndpoint = new Map<string, DeviceSecurity>();
  /** By what the device shows, as text. */
  readonly #byProof = new Map<string, DeviceSecurity>();

  /**
   * @throws {RangeError} credentials out of their bounds
   * @throws {TypeError} credentials that two endpoint names share
   */
  constructor(devices: Iterable<DeviceSecurity> = []) {
    for (const device of devices) this.set(device);
  }

  /** How many endpoint names have credentials. */
  get size(): number {
    return this.#byEndpoint.size;
  }

  /**
   * Gives an endpoint name credentials, instead of those that it had.
   *
   * @throws {RangeError} credentials out of their bounds
   * @throws {TypeError} credentials that another endpoint name has
   */
  set(device: DeviceSecurity): void {
    assertCredentials(device.credentials);
    const kept: DeviceSecurity = { endpoint: device.endpoint, credentials: copyOf(device.credentials) };
    const proof = proofOf(kept);
    const other = this.#byProof.get(proof);
    if (other !== undefined && other.endpoint !== kept.endpoint) {
      throw new TypeError(`${kept.endpoint} and ${other.endpoint} would have the same credentials`);
    }
    this.remove(kept.endpoint);
    this.#byEndpoint.set(kept.endpoint, kept);
    this.#byProof.set(proof, kept);
  }

  /** Takes an endpoint name's credentials away. @returns whether it had any */
  remove(endpoint: string): boolean {
    const device = this.#byEndpoint.get(endpoint);
    if (device === undefined) return false;
    this.#byProof.delete(proofOf(device));
    return this.#byEndpoint.delete(endpoint);
  }

  /** All that is kept, keys included. */
  devices(): Iterable<DeviceSecurity> {
    return this.#byEndpoint.values();
  }

  findByEndpoint(endpoint: string): DeviceSecurity | undefined {
    return this.#byEndpoint.get(endpoint);
  }

  findByPskIdentity(identity: Uint8Array): DeviceSecurity | undefined {
    return this.#byProof.get(`psk:${toHex(identity)}`);
  }

  findByPskIdentityNow(identity: Uint8Array): DeviceSecurity | undefined {
    return this.findByPskIdentity(identity);
  }

  findByPublicKey(publicKey: Uint8Array): DeviceSecurity | undefined {
    return this.#byProof.get(`rawPublicKey:${toHex(publicKey)}`);
  }
}

/** The bytes of an identity. */
export function identityBytes(identity: string | Uint8Array): Uint8Array {
  return typeof identity === 'string' ? encodeUtf8(identity) : identity;
}

function proofOf({ endpoint, credentials }: DeviceSecurity): string {
  switch (credentials.kind) {
    case 'psk':
      return `psk:${toHex(identityBytes(credentials.identity))}`;
    case 'rawPublicKey':
      return `rawPublicKey:${toHex(credentials.publicKey)}`;
    case 'x509':
      return `x509:${credentials.commonName ?? endpoint}`;
    default:
      return credentials satisfies never;
  }
}

function copyOf(credentials: DeviceCredentials): DeviceCredentials {
  switch (credentials.kind) {
    case 'psk': {
      const { identity, key } = credentials;
      return { kind: 'psk', identity: typeof identity === 'string' ? identity : identity.slice(), key: key.slice() };
    }
    case 'rawPublicKey':
      return { kind: 'rawPublicKey', publicKey: credentials.publicKey.slice() };
    case 'x509':
      return { ...credentials };
    default:
      return credentials satisfies never;
  }
}

function assertCredentials(credentials: DeviceCredentials): void {
  if (credentials.kind === 'rawPublicKey' && credentials.publicKey.length === 0) {
    throw new RangeError('a public key is SubjectPublicKeyInfo in DER, and not empty');
  }
  if (credentials.kind !== 'psk') return;
  const { length } = identityBytes(credentials.identity);
  if (length < 1 || length > PSK_IDENTITY_BYTES_MAX) {
    throw new RangeError(`an identity has 1 to ${PSK_IDENTITY_BYTES_MAX} bytes, not ${length} (RFC 4279 §5.3)`);
  }
  if (credentials.key.length < 1 || credentials.key.length > PSK_KEY_BYTES_MAX) {
    throw new RangeError(`a key has 1 to ${PSK_KEY_BYTES_MAX} bytes, not ${credentials.key.length} (RFC 4279 §5.3)`);
  }
}
