import { EMPTY_CODE, encodeMessage, MessageType } from '../wire/index.ts';

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
