import { MessageType } from './message.ts';

/**
 * What to answer to a datagram that could not be decoded or may not be processed.
 *
 * Whoever sends a Confirmable message waits, and is told with a Reset that names its message ID. Anything else, and
 * what is too short or of another version, is met with silence.
 *
 * @param datagram one whole UDP payload
 * @returns the Reset, `undefined` for silence
 * @see RFC 7252 §3 (version), §4.2 (Confirmable), §4.3 (Non-confirmable)
 */
export function rejectionOf(datagram: Uint8Array): Uint8Array | undefined {
  const [first, , high, low] = datagram;
  if (first === undefined || high === undefined || low === undefined) return undefined;
  if (first >>> 4 !== (VERSION_1 | MessageType.Confirmable)) return undefined;
  return Uint8Array.of((VERSION_1 | MessageType.Reset) << 4, 0, high, low);
}

/** The version in the upper two of the header's first four bits. */
const VERSION_1 = 0b0100;
