import { DecodeError } from '@motestack/bytes';
import {
  type ClientHello,
  ContentType,
  type DtlsRecord,
  decodeClientHello,
  decodeHandshakeFragments,
  type HandshakeFragment,
  HandshakeType,
} from '../wire/index.ts';

/** A ClientHello in one piece. */
export interface WholeClientHello {
  /** As it came. */
  readonly fragment: HandshakeFragment;
  /** The same, decoded. */
  readonly hello: ClientHello;
}

/**
 * The ClientHello that a record in the clear carries; `undefined`: it carries something else.
 *
 * One that comes in parts is nothing here: parts would have to be kept before the client showed that it hears.
 */
export function wholeClientHello(record: DtlsRecord, messageBytesMax: number): WholeClientHello | undefined {
  if (record.epoch !== 0 || record.contentType !== ContentType.Handshake) return undefined;
  if (record.fragment[0] !== HandshakeType.ClientHello) return undefined;
  try {
    const [fragment] = decodeHandshakeFragments(record.fragment, messageBytesMax);
    if (fragment === undefined || fragment.body.length !== fragment.length) return undefined;
    return { fragment, hello: decodeClientHello(fragment.body) };
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}
