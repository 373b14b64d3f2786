import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import type { LwM2mNode } from '@motestack/model';
import { ContentFormat } from '../content-format.ts';
import { type PayloadContext, resolveContext } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';
import { singleNode, singleValuePath } from '../values/single-value.ts';
import { valueTypeAt } from '../values/typed-value.ts';
import { formatTextValue, parseTextValue } from './text-value.ts';

const SECTION = 'LwM2M Core 1.1.1 §7.4.1';

/**
 * Decodes a text payload (Content-Format 0): one value of one resource or resource instance.
 *
 * @param payload UTF-8, no byte of it beside the value
 * @param context the path that was asked and the definitions
 * @returns one node
 * @throws {DecodeError} `bad-utf8`, `too-long`
 * @throws {ContentError} `wrong-type`, `out-of-range`, `unsupported-content-format` (an object or instance was asked)
 * @see LwM2M Core 1.1.1 §7.4.1, Appendix C (Text Format)
 */
export function decodeText(payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  const settings = resolveContext(context);
  checkLength(payload, settings.limits.payloadBytesMax, SECTION);
  const path = singleValuePath(settings, ContentFormat.TextPlain);
  const text = decodeUtf8(payload, SECTION);
  return [{ path, value: parseTextValue(valueTypeAt(settings.lookup, path), text, path, settings.leniency) }];
}

/**
 * Encodes one value as text (Content-Format 0). The node's time is left out: the format has none.
 *
 * @param nodes one node, at the path of the context
 * @param context the path that was asked and the definitions
 * @returns UTF-8
 * @throws {ContentError} `not-acceptable` (not one value), `wrong-type`, `out-of-range`, `not-representable`,
 *   `unexpected-path`
 * @see LwM2M Core 1.1.1 §7.4.1, Appendix C (Text Format)
 */
export function encodeText(nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  const { path, value = '' } = singleNode(nodes, context, ContentFormat.TextPlain);
  return encodeUtf8(formatTextValue(valueTypeAt(context.lookup, path), value, path));
}
