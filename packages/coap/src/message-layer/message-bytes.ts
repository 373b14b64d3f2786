import { EMPTY_CODE, encodeMessage, MessageType, TOKEN_LENGTH_MAX } from '../wire/index.ts';

/** What supersedes a Confirmable message is Confirmable: it takes over its timer. */
export function asConfirmable(bytes: Uint8Array): Uint8Array {
  bytes[0] = ((bytes[0] as number) & 0xcf) | (MessageType.Confirmable << 4);
  return bytes;
}

/** Gives an encoded message its message ID. */
export function writeMessageId(bytes: Uint8Array, messageId: number): void {
  bytes[2] = messageId >>> 8;
  bytes[3] = messageId;
}

/** Whether two tokens are the same. */
export function equals(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}

const NOTHING = new Uint8Array(0);

/** Encodes an empty message: four bytes (RFC 7252 §4.1). */
export function encodeEmpty(type: MessageType, messageId: number): Uint8Array {
  return encodeMessage({ type, code: EMPTY_CODE, messageId, token: NOTHING, options: [], payload: NOTHING });
}

/**
 * The token of bytes of which the rest may be anything.
 *
 * @returns `undefined`: its length is none that is read, or cut off
 * @see RFC 7252 §3; RFC 8974 §2.1
 */
export function tokenOf(bytes: Uint8Array, format: { readonly extendedTokens: boolean }): Uint8Array | undefined {
  const [first = 0, , , , high = 0, low = 0] = bytes;
  const nibble = first & 0x0f;
  if (nibble > TOKEN_LENGTH_MAX && !format.extendedTokens) return undefined;
  if (nibble < 13) return bytes.subarray(4, 4 + nibble);
  if (nibble === 13) return bytes.subarray(5, 5 + high + 13);
  return nibble === 14 ? bytes.subarray(6, 6 + (high << 8) + low + 269) : undefined;
}
