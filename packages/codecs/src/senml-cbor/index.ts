export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export type { ResolveOptions } from '../senml/pack-resolver.ts';
export { resolveRecords } from '../senml/pack-resolver.ts';
export type { PackMode, ResolvedRecord, SenmlRecord, SenmlValue } from '../senml/senml-record.ts';
export { SenmlStreamDecoder, type SenmlStreamOptions } from '../senml/senml-stream.ts';
export { decodeSenmlCbor, decodeSenmlCborRecords } from './decode-senml-cbor.ts';
export { encodeSenmlCbor, encodeSenmlCborRecords } from './encode-senml-cbor.ts';
export { streamSenmlCbor } from './stream-senml-cbor.ts';
