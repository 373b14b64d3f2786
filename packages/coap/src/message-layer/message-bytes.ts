import { MessageType } from '../wire/index.ts';

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
