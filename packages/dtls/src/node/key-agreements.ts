import {
  createECDH,
  createPublicKey,
  diffieHellman,
  type ECDH,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto';
import { fromHex } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import type { KeyAgreement } from '../crypto-provider.ts';

/** ECDH over a curve of NIST (RFC 8422 §5.10); the platform checks that a point is on the curve. */
export class EcdhAgreement implements KeyAgreement {
  readonly publicKey: Uint8Array;
  #ecdh: ECDH | undefined;

  constructor(curve: 'prime256v1' | 'secp384r1') {
    this.#ecdh = createECDH(curve);
    this.publicKey = this.#ecdh.generateKeys();
  }

  sharedSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    // Only uncompressed points were agreed on (RFC 8422 §5.1.2).
    if (this.#ecdh === undefined || peerPublicKey.length !== this.publicKey.length) return undefined;
    if (peerPublicKey[0] !== UNCOMPRESSED) return undefined;
    try {
      return ownOf(this.#ecdh.computeSecret(peerPublicKey));
    } catch {
      // The one way in which the platform says that it is no point of the curve.
      return undefined;
    }
  }

  destroy(): void {
    this.#ecdh = undefined;
  }
}

const UNCOMPRESSED = 4;
const X25519_BYTES = 32;
/** What stands before the 32 bytes in a SubjectPublicKeyInfo (RFC 8410 §4). */
const X25519_PREFIX = fromHex('302a300506032b656e032100');

/** X25519 (RFC 7748 §6.1, RFC 8422 §5.11). */
export class X25519Agreement implements KeyAgreement {
  readonly publicKey: Uint8Array;
  #privateKey: KeyObject | undefined;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('x25519');
    this.#privateKey = privateKey;
    this.publicKey = copyOf(publicKey.export({ format: 'der', type: 'spki' }).subarray(X25519_PREFIX.length));
  }

  sharedSecret(peerPublicKey: Uint8Array): Uint8Array | undefined {
    if (this.#privateKey === undefined || peerPublicKey.length !== X25519_BYTES) return undefined;
    const key = Buffer.concat([X25519_PREFIX, peerPublicKey]);
    try {
      const publicKey = createPublicKey({ key, format: 'der', type: 'spki' });
      const secret = ownOf(diffieHellman({ privateKey: this.#privateKey, publicKey }));
      // A point of small order gives zeros to everybody (RFC 8422 §5.11).
      return secret.every((byte) => byte === 0) ? undefined : secret;
    } catch {
      // How a platform may say the same.
      return undefined;
    }
  }

  destroy(): void {
    this.#privateKey = undefined;
  }
}

/** Memory of its own, which can be zeroed; what the platform gave is zeroed at once. */
function ownOf(secret: Buffer): Uint8Array {
  const own = copyOf(secret);
  secret.fill(0);
  return own;
}
