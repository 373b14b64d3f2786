import { DecodeError } from '@motestack/bytes';
import {
  type ClientHello,
  type ClientHelloHead,
  ContentType,
  type DtlsRecord,
  decodeClientHello,
  decodeClientHelloHead,
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

/** A ClientHello in one piece, of which no more is decoded than a cookie takes. */
export interface HeardClientHello {
  /** As it came. */
  readonly fragment: HandshakeFragment;
  /** Its first fields. */
  readonly head: ClientHelloHead;
}

/**
 * The ClientHello that a record in the clear carries; `undefined`: it carries something else.
 *
 * One that comes in parts is nothing here: parts would have to be kept before the client showed that it hears.
 */
export function heardClientHello(record: DtlsRecord, messageBytesMax: number): HeardClientHello | undefined {
  if (record.epoch !== 0 || record.contentType !== ContentType.Handshake) return undefined;
  if (record.fragment[0] !== HandshakeType.ClientHello) return undefined;
  try {
    const [fragment] = decodeHandshakeFragments(record.fragment, messageBytesMax);
    if (fragment === undefined || fragment.body.length !== fragment.length) return undefined;
    return { fragment, head: decodeClientHelloHead(fragment.body) };
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}

/** All of a ClientHello; `undefined`: the rest of it cannot be read. */
export function wholeClientHello({ fragment }: HeardClientHello): WholeClientHello | undefined {
  try {
    return { fragment, hello: decodeClientHello(fragment.body) };
  } catch (error) {
    if (!DecodeError.is(error)) throw error;
    return undefined;
  }
}
