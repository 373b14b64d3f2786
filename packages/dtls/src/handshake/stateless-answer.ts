import {
  AlertLevel,
  ContentType,
  type DtlsRecord,
  encodeAlert,
  encodeHandshakeFragment,
  encodeHelloVerifyRequest,
  encodeRecord,
  HandshakeType,
  ProtocolVersion,
} from '../wire/index.ts';

const NONE = new Uint8Array(0);

/**
 * The demand for a cookie that answers a ClientHello, with the numbers that the hello had: nothing is kept.
 *
 * @see RFC 6347 §4.2.1
 */
export function helloVerifyRequest(
  record: DtlsRecord,
  { messageSequence }: { readonly messageSequence: number },
  cookie: Uint8Array,
): Uint8Array {
  // Only the format of the packet is that of 1.0.
  const body = encodeHelloVerifyRequest({ version: ProtocolVersion.Dtls10, cookie });
  const type = HandshakeType.HelloVerifyRequest;
  const message = encodeHandshakeFragment({ type, length: body.length, messageSequence, fragmentOffset: 0, body });
  return answerTo(record, ContentType.Handshake, message);
}

/** The alert that answers a ClientHello of which nothing fits. */
export function statelessAlert(record: DtlsRecord, description: number): Uint8Array {
  return answerTo(record, ContentType.Alert, encodeAlert({ level: AlertLevel.Fatal, description }));
}

function answerTo({ sequence }: DtlsRecord, contentType: ContentType, fragment: Uint8Array): Uint8Array {
  return encodeRecord({
    contentType,
    version: ProtocolVersion.Dtls12,
    epoch: 0,
    sequence,
    connectionId: NONE,
    fragment,
  });
}
