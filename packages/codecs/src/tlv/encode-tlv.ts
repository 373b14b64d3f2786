import { type LwM2mNode, type NamedResource, pathLevel, resourcesById } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import { ContentFormat } from '../content-format.ts';
import type { PayloadContext } from '../payload-context.ts';
import { orderedNodes } from '../values/ordered-nodes.ts';
import { TlvType } from './tlv-header.ts';
import { encodeTlvValue } from './tlv-value.ts';
import { beginTlv, finishTlv, lengthWritten, type TlvWriter, writeTlvHeader } from './tlv-writer.ts';

interface Encoding {
  readonly writer: TlvWriter;
  readonly nodes: readonly LwM2mNode[];
  readonly context: PayloadContext;
  /** Of the one object that a payload is about. */
  readonly resources: ReadonlyMap<number, NamedResource> | undefined;
}

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
  const writer = beginTlv();
  const object = context.lookup(context.path.objectId ?? 0);
  const resources = object === undefined ? undefined : resourcesById(object);
  const encoding: Encoding = { writer, nodes: orderedNodes(nodes, context.path), context, resources };
  let index = nodes.length - 1;
  while (index >= 0) {
    const before = lengthWritten(writer);
    const objectInstanceId = encoding.nodes[index]?.path.objectInstanceId;
    index = encodeInstance(encoding, index, objectInstanceId);
    // "When the Object Instance ID is not specified in the request, the Object Instance TLV MUST be used".
    if (level === 'object' && objectInstanceId !== undefined) {
      writeTlvHeader(writer, TlvType.ObjectInstance, objectInstanceId, before);
    }
  }
  return finishTlv(writer);
}

/** Writes, from its end, what one instance holds. @returns the index of the last node of the instance before it */
function encodeInstance(encoding: Encoding, last: number, objectInstanceId: number | undefined): number {
  let index = last;
  for (;;) {
    const path = encoding.nodes[index]?.path;
    if (path === undefined || path.objectInstanceId !== objectInstanceId) return index;
    if (path.resourceId === undefined) index--;
    else if (path.resourceInstanceId === undefined) index = encodeSingle(encoding, index);
    else index = encodeMultiple(encoding, index);
  }
}

function encodeSingle({ writer, nodes, resources }: Encoding, index: number): number {
  const node = nodes[index];
  const resourceId = node?.path.resourceId;
  if (node === undefined || resourceId === undefined) return index - 1;
  const { path, value } = node;
  const spec = resources?.get(resourceId)?.spec;
  const before = lengthWritten(writer);
  if (value === undefined) {
    // A multiple resource may have no instances; a single one without a value is not there at all.
    if (spec !== undefined && spec.multiple !== true) throw new ContentError('not-representable', { path });
    writeTlvHeader(writer, TlvType.MultipleResource, resourceId, before);
  } else {
    if (spec?.multiple === true) throw new ContentError('unexpected-path', { path });
    encodeTlvValue(writer, spec?.type === '' ? undefined : spec?.type, value, path);
    writeTlvHeader(writer, TlvType.Resource, resourceId, before);
  }
  return index - 1;
}

/** Writes the instances of one resource. @returns the index of the last node before them */
function encodeMultiple({ writer, nodes, context, resources }: Encoding, last: number): number {
  const { objectInstanceId, resourceId } = nodes[last]?.path ?? {};
  const type = resources?.get(resourceId ?? -1)?.spec.type;
  const beforeAll = lengthWritten(writer);
  let index = last;
  for (; index >= 0; index--) {
    const node = nodes[index];
    if (node === undefined) break;
    const { path, value } = node;
    if (path.resourceId !== resourceId || path.objectInstanceId !== objectInstanceId) break;
    if (path.resourceInstanceId === undefined) {
      if (value !== undefined) throw new ContentError('duplicate-path', { path });
      continue; // the resource itself, named beside its instances
    }
    if (value === undefined) throw new ContentError('not-representable', { path });
    const before = lengthWritten(writer);
    encodeTlvValue(writer, type === '' ? undefined : type, value, path);
    writeTlvHeader(writer, TlvType.ResourceInstance, path.resourceInstanceId, before);
  }
  if (pathLevel(context.path) !== 'resourceInstance' && resourceId !== undefined) {
    writeTlvHeader(writer, TlvType.MultipleResource, resourceId, beforeAll);
  }
  return index;
}
