import { ID_MAX, type LwM2mNode, type NamedResource, type Path, pathLevel, resourcesById } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import { ContentFormat } from '../content-format.ts';
import type { PayloadContext } from '../payload-context.ts';
import { encodeAnyTlv } from './encode-any-tlv.ts';
import { NOT_PLAIN, PLAIN_VALUE_BYTES_MAX, putPlainValue } from './plain-value.ts';
import { TlvType } from './tlv-header.ts';
import { abandonTlv, beginTlv, finishTlv, putTlvHeader, reserve, type TlvWriter } from './tlv-writer.ts';

const NONE = -1;
/** One for the resource itself, and one for each resource instance. */
const KEYS_OF_RESOURCE = ID_MAX + 2;
const PLAIN_NODES_MAX = 64;
/** A value, its header, and that of the multiple resource around it. */
const PLAIN_NODE_BYTES_MAX = PLAIN_VALUE_BYTES_MAX + 12;

/**
 * Encodes nodes as TLV (Content-Format 11542) with the shortest headers, in ascending order of ids. Their times are left
 * out: the format has none.
 *
 * What was asked decides the form: Object Instance TLVs for `/o`, resources alone for `/o/i`, one resource for `/o/i/r`,
 * a Resource Instance for `/o/i/r/ri`. For a Create without instance id, leave `objectInstanceId` out of the nodes' paths.
 *
 * @param nodes values by type, within the path of the context
 * @param context the path that was asked and the definitions
 * @returns the payload; no bytes for no nodes
 * @throws {ContentError} `not-acceptable` (the root was asked: TLV cannot name objects), `unexpected-path`,
 *   `duplicate-path`, `wrong-type`, `out-of-range`, `not-representable`
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function encodeTlv(nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  const level = pathLevel(context.path);
  if (level === 'root') {
    throw new ContentError('not-acceptable', { path: context.path, contentFormat: ContentFormat.Tlv });
  }
  const object = context.lookup(context.path.objectId ?? 0);
  const resources = object === undefined ? undefined : resourcesById(object);
  if (level === 'objectInstance' && resources !== undefined && nodes.length <= PLAIN_NODES_MAX) {
    const writer = beginTlv();
    if (writePlainNodes(writer, nodes, context.path, resources)) return finishTlv(writer);
    abandonTlv(writer);
  }
  return encodeAnyTlv(nodes, context, resources);
}

/**
 * Most payloads are the resources of one instance in ascending order, with short values: these are written in one loop, from
 * the end, with the place in a local variable, in half the time. Whatever is not just that is left to {@link encodeAnyTlv}.
 *
 * @returns whether it was that
 */
function writePlainNodes(
  writer: TlvWriter,
  nodes: readonly LwM2mNode[],
  asked: Path,
  resources: ReadonlyMap<number, NamedResource>,
): boolean {
  const room = PLAIN_NODE_BYTES_MAX * nodes.length;
  let at = reserve(writer, room) + room;
  const { bytes } = writer;
  // The multiple resource that ends at `containerEnd`.
  let container = NONE;
  let containerEnd = 0;
  let last = Number.POSITIVE_INFINITY;
  for (let index = nodes.length - 1; index >= 0; index--) {
    const { path, value } = nodes[index] as LwM2mNode;
    const { resourceId = NONE, resourceInstanceId } = path;
    if (container !== NONE && container !== resourceId) {
      at = putTlvHeader(bytes, at, TlvType.MultipleResource, container, containerEnd - at);
      container = NONE;
    }
    const spec = resources.get(resourceId)?.spec;
    const key = keyWithin(path, asked);
    const start = spec === undefined || !(key < last) ? NOT_PLAIN : putPlainValue(bytes, at, spec.type, value);
    if (start === NOT_PLAIN) return false;
    last = key;
    if (resourceInstanceId === undefined) {
      if (container !== NONE || spec?.multiple === true) return false;
      at = putTlvHeader(bytes, start, TlvType.Resource, resourceId, at - start);
    } else {
      if (container === NONE) containerEnd = at;
      container = resourceId;
      at = putTlvHeader(bytes, start, TlvType.ResourceInstance, resourceInstanceId, at - start);
    }
  }
  if (container !== NONE) at = putTlvHeader(bytes, at, TlvType.MultipleResource, container, containerEnd - at);
  writer.start = at;
  return true;
}

/** A number that is in order where the ids are; NaN for a path of another instance, or one that is none. */
function keyWithin({ objectId, objectInstanceId, resourceId, resourceInstanceId }: Path, asked: Path): number {
  if (objectInstanceId !== asked.objectInstanceId || objectId !== asked.objectId) return Number.NaN;
  if (!isId(resourceId)) return Number.NaN;
  if (resourceInstanceId === undefined) return resourceId * KEYS_OF_RESOURCE;
  return isId(resourceInstanceId) ? resourceId * KEYS_OF_RESOURCE + 1 + resourceInstanceId : Number.NaN;
}

function isId(id: number | undefined): id is number {
  return id !== undefined && id >>> 0 === id && id <= ID_MAX;
}
