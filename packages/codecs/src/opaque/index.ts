export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export { decodeOpaque, encodeOpaque } from './opaque.ts';
