import type { CryptoProvider } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import type { DtlsParameters } from '../parameters.ts';
import { createProtection } from '../record/create-protection.ts';
import { RecordLayer } from '../record/record-layer.ts';
import { Association } from './association.ts';
import type { ExportedAssociation } from './exported-association.ts';
import { ImportError } from './import-error.ts';

/** What an imported association needs of its new owner. */
export interface RestoringContext {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  readonly parameters: DtlsParameters;
}

/** Record numbers go on after a leap below 2^40, of the 2^48 that there are. */
const LEAP_BYTES = 5;

/**
 * Makes an association of what was exported.
 *
 * No number of a record is used twice with one key: the side that exported has forgotten the key, and numbers go on after
 * the last that it used. They leap at random as well, so that even two imports of one export, which should not be, meet
 * each other's numbers once in 2^20 times or less.
 *
 * @throws {ImportError} `unfit`: the platform has no such cipher
 */
export function restoredAssociation(exported: ExportedAssociation, context: RestoringContext): Association {
  const { provider, random, parameters } = context;
  const { cipherSuite, encryptThenMac, layer, checksPaths, authenticationFailures } = exported;
  if (!provider.supports(cipherSuite.cipher)) throw new ImportError('unfit');
  const init = { provider, random, cipherSuite, encryptThenMac };
  const keys = { read: createProtection(init, layer.read), write: createProtection(init, layer.write) };
  const nextSequence = layer.nextSequence + leap(random);
  return new Association({
    layer: RecordLayer.restored({ ...layer, nextSequence }, keys),
    parameters,
    restored: { cipherSuite, checksPaths, authenticationFailures },
  });
}

function leap(random: RandomSource): number {
  const bytes = new Uint8Array(LEAP_BYTES);
  random.fill(bytes);
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}
