export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export { decodeLwM2mCbor } from './decode-lwm2m-cbor.ts';
export { encodeLwM2mCbor } from './encode-lwm2m-cbor.ts';
