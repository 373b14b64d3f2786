import { type ByteReader, DecodeError } from '@motestack/bytes';
import { type DtlsRecord, decodeRecord } from '../wire/index.ts';

/** The next record of a datagram; `undefined`: what is left is none, and is dropped (RFC 6347 §4.1.2.7). */
export function nextRecord(reader: ByteReader, connectionIdBytes: number): DtlsRecord | undefined {
  try {
    return decodeRecord(reader, connectionIdBytes);
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}
