import { ByteReader, ByteWriter } from '@motestack/bytes';

/** Puts exports into one piece, each behind its length in 4 bytes. */
export function joinExports(exports: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(exports.reduce((sum, { length }) => sum + 4 + length, 0));
  for (const exported of exports) {
    writer.u32(exported.length);
    writer.bytes(exported);
  }
  return writer.finish();
}

/**
 * Takes exports apart.
 *
 * @returns views of the input
 * @throws {DecodeError} `truncated`
 */
export function splitExports(bytes: Uint8Array): Uint8Array[] {
  const reader = new ByteReader(bytes, 'exported associations');
  const exports: Uint8Array[] = [];
  while (reader.remaining > 0) exports.push(reader.take(reader.u32()));
  return exports;
}
