import {
  type LwM2mNode,
  type NamedResource,
  type Path,
  pathLevel,
  type ResourceSpec,
  type ResourceValue,
  resourcesById,
} from '@motestack/model';
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
  const { writer, nodes, resources } = encoding;
  let index = last;
  while (index >= 0) {
    const { path, value } = nodes[index] as LwM2mNode;
    const { resourceId } = path;
    if (path.objectInstanceId !== objectInstanceId) break;
    if (resourceId === undefined) {
      index--;
      continue;
    }
    const spec = resources?.get(resourceId)?.spec;
    if (path.resourceInstanceId === undefined) {
      encodeSingle(writer, spec, path, value);
      index--;
    } else index = encodeMultiple(encoding, index, spec);
  }
  return index;
}

function encodeSingle(
  writer: TlvWriter,
  spec: ResourceSpec | undefined,
  path: Path,
  value: ResourceValue | undefined,
): void {
  const before = lengthWritten(writer);
  if (value === undefined) {
    // A multiple resource may have no instances; a single one without a value is not there at all.
    if (spec !== undefined && spec.multiple !== true) throw new ContentError('not-representable', { path });
    writeTlvHeader(writer, TlvType.MultipleResource, path.resourceId ?? 0, before);
  } else {
    if (spec?.multiple === true) throw new ContentError('unexpected-path', { path });
    encodeTlvValue(writer, spec?.type === '' ? undefined : spec?.type, value, path);
    writeTlvHeader(writer, TlvType.Resource, path.resourceId ?? 0, before);
  }
}

/** Writes the instances of one resource. @returns the index of the last node before them */
function encodeMultiple({ writer, nodes, context }: Encoding, last: number, spec: ResourceSpec | undefined): number {
  const { objectInstanceId, resourceId } = (nodes[last] as LwM2mNode).path;
  const type = spec?.type === '' ? undefined : spec?.type;
  const beforeAll = lengthWritten(writer);
  let index = last;
  for (; index >= 0; index--) {
    const { path, value } = nodes[index] as LwM2mNode;
    if (path.resourceId !== resourceId || path.objectInstanceId !== objectInstanceId) break;
    if (path.resourceInstanceId === undefined) {
      if (value !== undefined) throw new ContentError('duplicate-path', { path });
      continue; // the resource itself, named beside its instances
    }
    if (value === undefined) throw new ContentError('not-representable', { path });
    const before = lengthWritten(writer);
    encodeTlvValue(writer, type, value, path);
    writeTlvHeader(writer, TlvType.ResourceInstance, path.resourceInstanceId, before);
  }
  if (pathLevel(context.path) !== 'resourceInstance' && resourceId !== undefined) {
    writeTlvHeader(writer, TlvType.MultipleResource, resourceId, beforeAll);
  }
  return index;
}
