import type { RandomSource } from '@motestack/coap';

/**
 * Makes the last segment of a location: 12 characters, 72 bits, that nobody can guess. Without security, knowing the location is
 * all it takes to update or end a registration.
 *
 * @param random a cryptographically secure source
 * @returns 12 characters of the URL-safe Base64 alphabet
 * @see LwM2M Transport §6.4.3: the location stands under /rd
 */
export function makeLocation(random: RandomSource): string {
  const bytes = new Uint8Array(LOCATION_LENGTH);
  random.fill(bytes);
  let text = '';
  for (const byte of bytes) text += ALPHABET.charAt(byte & 63);
  return text;
}

/** Characters of a location, 6 random bits each. */
const LOCATION_LENGTH = 12;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
