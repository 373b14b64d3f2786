import { decodeCbor, deterministicOrder, encodeCbor, formatDiagnostic, numberTags } from '@motestack/codecs/cbor';

/** Writes a value so that the same value always has the same bytes, and shows them to a reader. */
export function show(value: { readonly [key: string]: number | string }): { again: unknown; text: string } {
  const bytes = encodeCbor(value, { sortKeys: deterministicOrder });
  return { again: decodeCbor(bytes, { mapsAsObjects: true, tags: numberTags }), text: formatDiagnostic(bytes) };
}
