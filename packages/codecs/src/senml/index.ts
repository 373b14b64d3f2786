export { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
export { applyFetchPack, applyPatchPack } from './apply-pack.ts';
export { packRecords } from './pack-records.ts';
export { PackResolver, type ResolveOptions, resolveRecords } from './pack-resolver.ts';
export type { PackMode, ResolvedRecord, SenmlRecord, SenmlValue } from './senml-record.ts';
export { toPrimaryUnit } from './units.ts';
