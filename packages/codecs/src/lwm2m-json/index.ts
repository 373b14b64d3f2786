export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export { decodeLwM2mJson } from './decode-lwm2m-json.ts';
export { encodeLwM2mJson } from './encode-lwm2m-json.ts';
