import { DecodeError } from '@motestack/bytes';

/** What a decoder says; `undefined`: it cannot read that, and what it cannot read is dropped (RFC 6347 §4.1.2.7). */
export function tryDecode<Value>(decode: () => Value): Value | undefined {
  try {
    return decode();
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}
