import { type DecodedMessage, decodeMessage, encodeMessage, type Message } from '../wire/index.ts';

/** A message with some of its parts changed, as if it had come so. */
export function rewritten(message: Message, changes: Partial<Message>): DecodedMessage {
  const { type, code, messageId, token, options, payload } = message;
  return decodeMessage(encodeMessage({ type, code, messageId, token, options, payload, ...changes }));
}
