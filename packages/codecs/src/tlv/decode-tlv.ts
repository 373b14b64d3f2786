import { type LwM2mNode, type NamedResource, type Path, pathLevel, resourcesById } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import { ContentFormat } from '../content-format.ts';
import { type DecodeSettings, type PayloadContext, resolveContext } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';
import { decodeAnyTlv } from './decode-any-tlv.ts';
import { TLV_SECTION, TlvCursor, TlvType } from './tlv-header.ts';
import { decodeTlvValue } from './tlv-value.ts';

const NONE = -1;

/**
 * Decodes a TLV payload (Content-Format 11542) into nodes with whole paths and values by type.
 *
 * Entries of a Create that names no instance (resources where `/o` was asked) get instance 0 if the object has one
 * instance at most, and otherwise a path without `objectInstanceId`: the device chooses it.
 *
 * @param payload a whole payload; opaque values, and values without a definition, are views of it
 * @param context the path that was asked and the definitions
 * @returns the nodes in the order of the payload; one without a value for an empty instance or an empty multiple resource
 * @throws {DecodeError} `truncated`, `reserved-value` (identifier 65535), `bad-type` (a type where it may not stand),
 *   `bad-utf8`, `too-many`, `too-long`
 * @throws {ContentError} `unexpected-path` (not what was asked), `duplicate-path`, `wrong-type`, `out-of-range`,
 *   `unsupported-content-format` (the root was asked: TLV cannot name objects)
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function decodeTlv(payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  const settings = resolveContext(context);
  checkLength(payload, settings.limits.payloadBytesMax, TLV_SECTION);
  if (pathLevel(settings.path) === 'root') {
    throw new ContentError('unsupported-content-format', { path: settings.path, contentFormat: ContentFormat.Tlv });
  }
  const object = settings.lookup(settings.path.objectId ?? 0);
  if (object === undefined) return decodeAnyTlv(payload, settings, undefined);
  const resources = resourcesById(object);
  return decodePlainTlv(payload, settings, resources) ?? decodeAnyTlv(payload, settings, resources);
}

/**
 * Most payloads are the resources of one instance, all of them known, with ids that ascend: these are read in one loop, in
 * half the time. Whatever is not just that is left to {@link decodeAnyTlv}.
 *
 * @returns `undefined` for any other payload
 */
function decodePlainTlv(
  bytes: Uint8Array,
  { path: asked, leniency, limits }: DecodeSettings,
  resources: ReadonlyMap<number, NamedResource>,
): LwM2mNode[] | undefined {
  if (asked.objectInstanceId === undefined || asked.resourceId !== undefined) return undefined;
  const nodes: LwM2mNode[] = [];
  const cursor = new TlvCursor(bytes, limits.nodesMax);
  // The id of the multiple resource that goes on to `end`, and the last id of the level at hand.
  let container = NONE;
  let end = bytes.length;
  let last = NONE;
  while (cursor.offset < bytes.length) {
    if (cursor.offset === end) {
      end = bytes.length;
      last = container;
      container = NONE;
    }
    cursor.readHeader(end);
    const { id } = cursor;
    const spec = resources.get(container === NONE ? id : container)?.spec;
    if (id <= last || spec === undefined || spec.type === '') return undefined;
    last = id;
    if (cursor.type === TlvType.MultipleResource && container === NONE && cursor.valueStart < cursor.valueEnd) {
      container = id;
      end = cursor.valueEnd;
      last = NONE;
      cursor.offset = cursor.valueStart;
      continue;
    }
    const path = plainPath(cursor, asked, container);
    if (path === undefined || (spec.multiple === true && container === NONE)) return undefined;
    nodes.push({ path, value: decodeTlvValue(spec.type, cursor, path, leniency) });
  }
  return nodes;
}

/** The path of a value, within the multiple resource `container` if there is one; `undefined` if the entry is none. */
function plainPath({ type, id }: TlvCursor, { objectId, objectInstanceId }: Path, container: number): Path | undefined {
  if (objectId === undefined || objectInstanceId === undefined) return undefined;
  if (container === NONE) return type === TlvType.Resource ? { objectId, objectInstanceId, resourceId: id } : undefined;
  if (type !== TlvType.ResourceInstance) return undefined;
  return { objectId, objectInstanceId, resourceId: container, resourceInstanceId: id };
}
