import { readFileSync } from 'node:fs';

const folder = new URL('../../../test-vectors/', import.meta.url);

/**
 * Loads a file of conformance vectors.
 *
 * @param file its name in `test-vectors/` without `.json`, e.g. `tlv`
 * @returns its contents; the caller says their type, the file's schema that they have it
 * @throws {Error} when there is no such file or it is no JSON
 */
export function vectors<Contents>(file: string): Contents {
  return JSON.parse(readFileSync(new URL(`${file}.json`, folder), 'utf8')) as Contents;
}
