import { PackResolver, toPrimaryUnit } from '@motestack/codecs/senml';
import { streamSenmlCbor } from '@motestack/codecs/senml-cbor';

/** The values of a long pack while it arrives, in the units of RFC 8428. */
export function* valuesOf(pieces: Iterable<Uint8Array>): Generator<unknown> {
  const stream = streamSenmlCbor();
  const resolver = new PackResolver({ names: 'rfc8428' });
  for (const piece of pieces) {
    for (const record of stream.push(piece)) {
      const resolved = resolver.resolve(record, 0);
      if (resolved !== undefined) yield toPrimaryUnit(resolved).value;
    }
  }
  stream.end();
}
