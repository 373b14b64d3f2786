import type { LwM2mNode } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import { ContentFormat } from '../content-format.ts';
import { type PayloadContext, resolveContext } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';
import { singleNode, singleValuePath } from '../values/single-value.ts';
import { valueTypeAt } from '../values/typed-value.ts';

const SECTION = 'LwM2M Core 1.1.1 §7.4.2';

/**
 * Decodes an opaque payload (Content-Format 42): the bytes are the value.
 *
 * @param payload any bytes; the value is a view of them, not a copy
 * @param context the path that was asked and the definitions
 * @returns one node
 * @throws {DecodeError} `too-long`
 * @throws {ContentError} `unsupported-content-format` (an object or instance was asked, or what stands there is not opaque)
 * @see LwM2M Core 1.1.1 §7.4.2
 */
export function decodeOpaque(payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  const settings = resolveContext(context);
  checkLength(payload, settings.limits.payloadBytesMax, SECTION);
  const path = singleValuePath(settings, ContentFormat.OctetStream);
  const type = valueTypeAt(settings.lookup, path);
  if (type !== undefined && type !== 'Opaque') {
    throw new ContentError('unsupported-content-format', { path, contentFormat: ContentFormat.OctetStream });
  }
  return [{ path, value: payload }];
}

/**
 * Encodes one opaque value (Content-Format 42). The node's time is left out: the format has none.
 *
 * @param nodes one node, at the path of the context
 * @param context the path that was asked and the definitions
 * @returns a copy of the value
 * @throws {ContentError} `not-acceptable` (not one value, or not opaque by its definition), `wrong-type`, `unexpected-path`
 * @see LwM2M Core 1.1.1 §7.4.2
 */
export function encodeOpaque(nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  const { path, value } = singleNode(nodes, context, ContentFormat.OctetStream);
  const type = valueTypeAt(context.lookup, path);
  if (type !== undefined && type !== 'Opaque') {
    throw new ContentError('not-acceptable', { path, contentFormat: ContentFormat.OctetStream });
  }
  if (!(value instanceof Uint8Array)) throw new ContentError('wrong-type', { path });
  return value.slice();
}
