export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export type { ResolveOptions } from '../senml/pack-resolver.ts';
export { resolveRecords } from '../senml/pack-resolver.ts';
export type { PackMode, ResolvedRecord, SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
export { SenmlStreamDecoder, type SenmlStreamOptions } from '../senml/senml-stream.ts';
export { decodeSenmlJson, decodeSenmlJsonRecords } from './decode-senml-json.ts';
export { encodeSenmlJson, encodeSenmlJsonRecords } from './encode-senml-json.ts';
export { streamSenmlJson } from './stream-senml-json.ts';
