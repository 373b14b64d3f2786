import {
  ContentError,
  DecodeError,
  decodePayload,
  encodePayload,
  type ObjectLookup,
  parsePath,
} from '@motestack/codecs';

/** Echoes what was written, in the format that is accepted: a 2.05, or the code that a server or client answers with. */
export function echo(
  payload: Uint8Array,
  formats: { readonly contentFormat: number; readonly accept: number },
  lookup: ObjectLookup,
): { code: string; payload?: Uint8Array } {
  const context = { path: parsePath('/3/0'), lookup };
  try {
    const nodes = decodePayload(formats.contentFormat, payload, context);
    return { code: '2.05', payload: encodePayload(formats.accept, nodes, context) };
  } catch (error) {
    if (DecodeError.is(error)) return { code: '4.00' };
    if (!ContentError.is(error)) throw error;
    if (error.code === 'unsupported-content-format') return { code: '4.15' };
    return { code: error.code === 'not-acceptable' ? '4.06' : '4.00' };
  }
}
