import type { ByteReader, ByteWriter } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
import type { PeerCertificate } from '../credentials/certificate-credential.ts';
import { CHAIN_LENGTH_MAX } from '../wire/index.ts';

const forms: readonly (PeerCertificate['form'] | undefined)[] = [undefined, 'rawPublicKey', 'x509'];

/** Writes what a peer showed, for a session or an export. */
export function writePeerCertificate(writer: ByteWriter, certificate: PeerCertificate | undefined): void {
  writer.u8(forms.indexOf(certificate?.form));
  if (certificate === undefined) return;
  writer.u8(certificate.chain.length);
  for (const part of [certificate.publicKey, ...certificate.chain]) {
    writer.u16(part.length);
    writer.bytes(part);
  }
}

/**
 * Reads what a peer showed. Byte arrays are copies.
 *
 * @throws {DecodeError} `reserved-value` (a form that nobody knows), `too-many` (certificates) or `truncated`
 */
export function readPeerCertificate(reader: ByteReader): PeerCertificate | undefined {
  const formAt = reader.offset;
  const index = reader.u8();
  if (index >= forms.length) throw reader.error('reserved-value', formAt);
  const form = forms[index];
  if (form === undefined) return undefined;
  const countAt = reader.offset;
  const count = reader.u8();
  if (count > CHAIN_LENGTH_MAX) throw reader.error('too-many', countAt);
  const publicKey = copyOf(reader.take(reader.u16()));
  const chain = Array.from({ length: count }, () => copyOf(reader.take(reader.u16())));
  return { form, publicKey, chain };
}
