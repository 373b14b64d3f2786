/**
 * The four kinds of message.
 *
 * @see RFC 7252 §3
 */
export const MessageType = {
  /** CON: wants an Acknowledgement, is sent again until one comes. */
  Confirmable: 0,
  /** NON: wants none. */
  NonConfirmable: 1,
  /** ACK: acknowledges one Confirmable message, and may carry the response. */
  Acknowledgement: 2,
  /** RST: the message could not be processed. */
  Reset: 3,
} as const;

/** One of the four values of {@link MessageType}. */
export type MessageType = (typeof MessageType)[keyof typeof MessageType];

/** One option as it stands on the wire. */
export interface Option {
  /** The option's number, 0 to 65535: see `OptionNumber`. */
  readonly number: number;
  /** The value's bytes, 0 to 65804 of them. */
  readonly value: Uint8Array;
}

/**
 * One message of CoAP over UDP.
 *
 * @see RFC 7252 §3
 */
export interface Message {
  /** Confirmable, Non-confirmable, Acknowledgement or Reset. */
  readonly type: MessageType;
  /** Class and detail in one byte, `0x45` for 2.05; 0 for an empty message. */
  readonly code: number;
  /** Matches Acknowledgement and Reset with what they answer, 0 to 65535. */
  readonly messageId: number;
  /** Matches a response with its request; 0 to 8 bytes (RFC 8974 allows up to 65804). */
  readonly token: Uint8Array;
  /** Ascending by number where decoded; when encoding, any order (equal numbers keep theirs). */
  readonly options: readonly Option[];
  /** Empty where there is none. */
  readonly payload: Uint8Array;
}

/**
 * What a reliable transport carries: a message without type and message ID.
 *
 * @see RFC 8323 §3.2
 */
export type ReliableMessage = Pick<Message, 'code' | 'token' | 'options' | 'payload'>;
