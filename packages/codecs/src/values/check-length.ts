import { DecodeError } from '@motestack/bytes';

/**
 * Refuses a payload that is longer than the limit.
 *
 * @param payload as received
 * @param bytesMax the limit
 * @param section for the error
 * @throws {DecodeError} `too-long`
 */
export function checkLength(payload: Uint8Array, bytesMax: number, section: string): void {
  if (payload.length > bytesMax) throw new DecodeError('too-long', { offset: bytesMax, section });
}
