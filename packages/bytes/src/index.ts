export { ByteReader } from './byte-reader.ts';
export { ByteWriter } from './byte-writer.ts';
export { DecodeError, type DecodeErrorCode, type DecodeErrorDetail } from './decode-error.ts';
export { fromHex, toHex } from './hex.ts';
export { decodeUtf8, decodeUtf8Range, encodeUtf8 } from './utf8.ts';
