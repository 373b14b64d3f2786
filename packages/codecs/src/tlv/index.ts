export { ContentError, type ContentErrorCode, type ContentErrorDetail } from '../content-error.ts';
export type { DecodeLimits, Leniency, PayloadContext } from '../payload-context.ts';
export { decodeTlv } from './decode-tlv.ts';
export { encodeTlv } from './encode-tlv.ts';
export type { TlvContainer, TlvEntry, TlvLeaf } from './tlv-entries.ts';
export { decodeTlvEntries, encodeTlvEntries } from './tlv-entries.ts';
