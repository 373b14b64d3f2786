import { decodeUtf8, decodeUtf8Range, encodeUtf8 } from '@motestack/bytes';
import { DecodedMessage, view } from './decoded-message.ts';
import type { Message, Option } from './message.ts';
import { OptionCursor } from './option-cursor.ts';
import { decodeUint, decodeUintRange, encodeUint } from './uint.ts';

/** A message, as far as its options are read: a decoded one is read without making objects of all of them. */
export type WithOptions = Pick<Message, 'options'>;

const SECTION = 'RFC 7252 §3.2';

/**
 * Whether an option is there, with whatever value.
 *
 * @param message any message
 * @param optionNumber which option
 */
export function hasOption(message: WithOptions, optionNumber: number): boolean {
  if (message instanceof DecodedMessage) return find(message, optionNumber) !== undefined;
  return message.options.some(({ number }) => number === optionNumber);
}

/**
 * The bytes of an option.
 *
 * @param message any message
 * @param optionNumber which option
 * @returns those of its first occurrence, `undefined` if there is none
 */
export function opaqueOption(message: WithOptions, optionNumber: number): Uint8Array | undefined {
  if (message instanceof DecodedMessage) {
    const cursor = find(message, optionNumber);
    return cursor && view(message.bytes, cursor.start, cursor.end);
  }
  return message.options.find(({ number }) => number === optionNumber)?.value;
}

/**
 * The bytes of every occurrence of an option, in their order.
 *
 * @param message any message
 * @param optionNumber which option
 */
export function opaqueOptions(message: WithOptions, optionNumber: number): Uint8Array[] {
  return message.options.filter(({ number }) => number === optionNumber).map(({ value }) => value);
}

/**
 * The integer of an option of the format "uint".
 *
 * @param message any message
 * @param optionNumber which option
 * @returns that of its first occurrence, `undefined` if there is none
 * @throws {DecodeError} `too-long` for a value beyond 2^53 − 1
 * @see RFC 7252 §3.2
 */
export function uintOption(message: WithOptions, optionNumber: number): number | undefined {
  if (message instanceof DecodedMessage) {
    const cursor = find(message, optionNumber);
    return cursor && decodeUintRange(message.bytes, cursor.start, cursor.end);
  }
  const value = opaqueOption(message, optionNumber);
  return value && decodeUint(value);
}

/**
 * The text of an option of the format "string".
 *
 * @param message any message
 * @param optionNumber which option
 * @returns that of its first occurrence, `undefined` if there is none
 * @throws {DecodeError} `bad-utf8`
 * @see RFC 7252 §3.2
 */
export function stringOption(message: WithOptions, optionNumber: number): string | undefined {
  const value = opaqueOption(message, optionNumber);
  return value && decodeUtf8(value, SECTION);
}

/**
 * The texts of every occurrence of an option of the format "string", in their order: the path of a request, for one.
 *
 * @param message any message
 * @param optionNumber which option
 * @throws {DecodeError} `bad-utf8`
 * @see RFC 7252 §3.2
 */
export function stringOptions(message: WithOptions, optionNumber: number): string[] {
  if (message instanceof DecodedMessage) {
    const cursor = find(message, optionNumber);
    if (cursor === undefined) return [];
    const { bytes } = message;
    // Made with the first, which is often the only one: a list that is added to takes room for sixteen more.
    const found = [decodeUtf8Range(bytes, cursor.start, cursor.end, SECTION)];
    // Occurrences follow each other, since options ascend by number.
    while (cursor.next() && cursor.number === optionNumber) {
      found.push(decodeUtf8Range(bytes, cursor.start, cursor.end, SECTION));
    }
    return found;
  }
  const texts: string[] = [];
  for (const { number, value } of message.options) {
    if (number === optionNumber) texts.push(decodeUtf8(value, SECTION));
  }
  return texts;
}

/** Walks to the first occurrence of an option without making an object for those before it. */
function find(message: DecodedMessage, optionNumber: number): OptionCursor | undefined {
  if (!message.mayHave(optionNumber)) return undefined;
  const cursor = new OptionCursor(message.bytes, message.optionsStart);
  while (cursor.next()) {
    if (cursor.number >= optionNumber) return cursor.number === optionNumber ? cursor : undefined;
  }
  return undefined;
}

/**
 * Makes an option of the format "uint".
 *
 * @param number the option's number
 * @param value a non-negative integer up to 2^53 − 1
 * @throws {RangeError} any other value
 * @see RFC 7252 §3.2
 */
export function encodeUintOption(number: number, value: number): Option {
  return { number, value: encodeUint(value) };
}

/**
 * Makes an option of the format "string".
 *
 * @param number the option's number
 * @param text written as UTF-8
 * @see RFC 7252 §3.2
 */
export function encodeStringOption(number: number, text: string): Option {
  return { number, value: encodeUtf8(text) };
}

/**
 * Makes an option of the format "empty".
 *
 * @param number the option's number
 * @see RFC 7252 §3.2
 */
export function encodeEmptyOption(number: number): Option {
  return { number, value: new Uint8Array(0) };
}
