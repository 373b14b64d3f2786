import { createHmac, randomBytes } from 'node:crypto';

/**
 * Makes a keyed MAC for Echo values: HMAC-SHA-256 with a key that lives as long as the process.
 *
 * @example
 * const amplificationLimit = new AmplificationLimit({ mac: nodeMac() });
 */
export function nodeMac(): (bytes: Uint8Array) => Uint8Array {
  const key = randomBytes(32);
  return (bytes) => createHmac('sha256', key).update(bytes).digest();
}
