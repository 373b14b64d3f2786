import { decodeSenmlJsonRecords, resolveRecords } from '@motestack/codecs/senml-json';

/** The names and values of any SenML pack, LwM2M or not. */
export function readPack(payload: Uint8Array): [string, unknown][] {
  const records = resolveRecords(decodeSenmlJsonRecords(payload), { names: 'rfc8428' });
  return records.map(({ name, value }) => [name, value]);
}
