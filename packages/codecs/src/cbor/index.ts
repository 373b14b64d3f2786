export { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
export { type CborLimits, type DecodeCborOptions, defaultCborLimits } from './cbor-options.ts';
export { CborFloat, type CborInput, CborSimple, CborTag, type CborValue } from './cbor-value.ts';
export { decodeCbor } from './decode-cbor.ts';
export { type EncodeCborOptions, encodeCbor } from './encode-cbor.ts';
export { formatDiagnostic } from './format-diagnostic.ts';
