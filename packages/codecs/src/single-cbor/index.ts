export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export { decodeSingleCbor, encodeSingleCbor } from './single-cbor.ts';
