import {
  type LwM2mNode,
  type NamedResource,
  type Path,
  pathLevel,
  type ResourceSpec,
  type ResourceValue,
} from '@motestack/model';
import { ContentError } from '../content-error.ts';
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
 * Encodes any nodes: those that `encodeTlv` does not write at once, and those at fault.
 *
 * @param nodes as for `encodeTlv`
 * @param context whose path is not the root
 * @param resources of the object that the payload is about
 * @returns the payload
 * @throws {ContentError} as `encodeTlv`
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function encodeAnyTlv(
  nodes: readonly LwM2mNode[],
  context: PayloadContext,
  resources: ReadonlyMap<number, NamedResource> | undefined,
): Uint8Array {
  const writer = beginTlv();
  const encoding: Encoding = { writer, nodes: orderedNodes(nodes, context.path), context, resources };
  const wrapped = pathLevel(context.path) === 'object';
  let index = nodes.length - 1;
  while (index >= 0) {
    const before = lengthWritten(writer);
    const objectInstanceId = encoding.nodes[index]?.path.objectInstanceId;
    index = encodeInstance(encoding, index, objectInstanceId);
    // "When the Object Instance ID is not specified in the request, the Object Instance TLV MUST be used".
    if (wrapped && objectInstanceId !== undefined) {
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
