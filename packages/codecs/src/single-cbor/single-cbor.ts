import type { LwM2mNode } from '@motestack/model';
import { beginReading, finishReading, refuse } from '../cbor/cbor-reader.ts';
import { writeHead } from '../cbor/cbor-writer.ts';
import * as MajorType from '../cbor/major-type.ts';
import * as Tag from '../cbor/tag.ts';
import { readWireValue, writeWireValue } from '../cbor/wire-value.ts';
import { ContentFormat } from '../content-format.ts';
import { type PayloadContext, resolveContext } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';
import { beginWriting, finishWriting } from '../values/payload-writer.ts';
import { receivedNode } from '../values/received-node.ts';
import { singleNode, singleValuePath } from '../values/single-value.ts';
import { valueToWire, valueTypeAt } from '../values/typed-value.ts';

const SECTION = 'LwM2M Core 1.2.1 §7.4.3';

/**
 * Decodes a CBOR payload (Content-Format 60): one value of one resource or resource instance.
 *
 * Numbers are read in any encoding, times with or without tag 0 or 1, object links as text.
 *
 * @param payload one data item; an opaque value is a view of it, unless it came in chunks
 * @param context the path that was asked and the definitions
 * @returns one node
 * @throws {DecodeError} not well-formed, `bad-utf8`, `bad-type` (an array, a map, `null`), `bad-value`, `too-long`, `too-deep`
 * @throws {ContentError} `wrong-type`, `out-of-range`, `unsupported-content-format` (an object or instance was asked)
 * @see LwM2M Core 1.2.1 §7.4.3, Appendix C; RFC 8949
 */
export function decodeSingleCbor(payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  const settings = resolveContext(context);
  checkLength(payload, settings.limits.payloadBytesMax, SECTION);
  const path = singleValuePath(settings, ContentFormat.Cbor);
  const reader = beginReading(payload, SECTION, settings.limits.nestingMax);
  const value = readWireValue(reader);
  finishReading(reader);
  if (value === null) refuse(reader, 'bad-type', 0);
  return [receivedNode({ path, value, textLinks: true }, settings)];
}

/**
 * Encodes one value as CBOR (Content-Format 60). The node's time is left out: the format has none. Floats have 32 or 64
 * bits, also where they are whole; a Time has tag 1, without which Leshan 2.0 does not take it for one.
 *
 * @param nodes one node, at the path of the context
 * @param context the path that was asked and the definitions
 * @returns one data item
 * @throws {ContentError} `not-acceptable` (not one value), `wrong-type`, `out-of-range`, `not-representable`,
 *   `unexpected-path`
 * @see LwM2M Core 1.2.1 §7.4.3, Appendix C; RFC 8949
 */
export function encodeSingleCbor(nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  const { path, value = '' } = singleNode(nodes, context, ContentFormat.Cbor);
  const type = valueTypeAt(context.lookup, path);
  const writer = beginWriting(false);
  if (value instanceof Date) writeHead(writer, MajorType.TAG, Tag.Epoch);
  writeWireValue(writer, type, valueToWire(type, value, path));
  return finishWriting(writer);
}
