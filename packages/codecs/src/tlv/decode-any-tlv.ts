import type { LwM2mNode, NamedResource, Path } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { DecodeSettings } from '../payload-context.ts';
import { TlvCursor, TlvType } from './tlv-header.ts';
import { decodeTlvValue } from './tlv-value.ts';
import { UniqueIds } from './unique-ids.ts';

interface Decoding {
  readonly cursor: TlvCursor;
  readonly settings: DecodeSettings;
  readonly nodes: LwM2mNode[];
  /** Of the one object that a payload is about. */
  readonly resources: ReadonlyMap<number, NamedResource> | undefined;
}

/**
 * Decodes any TLV payload: what `decodeTlv` does not read at once, and what is at fault.
 *
 * @param payload not longer than the limit
 * @param settings the path that was asked, not the root
 * @param resources of the object that the payload is about
 * @returns as `decodeTlv`
 * @throws {DecodeError} as `decodeTlv`
 * @throws {ContentError} as `decodeTlv`
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function decodeAnyTlv(
  payload: Uint8Array,
  settings: DecodeSettings,
  resources: ReadonlyMap<number, NamedResource> | undefined,
): LwM2mNode[] {
  const cursor = new TlvCursor(payload, settings.limits.nodesMax);
  const decoding: Decoding = { cursor, settings, nodes: [], resources };
  const ids = new UniqueIds();
  let firstType: number | undefined;
  while (cursor.offset < payload.length) {
    const start = cursor.offset;
    cursor.readHeader(payload.length);
    firstType ??= cursor.type;
    if ((firstType === TlvType.Resource || firstType === TlvType.MultipleResource) !== cursor.type > 1) {
      throw cursor.error('bad-type', start); // entries of two levels side by side
    }
    if (!ids.add(cursor.id)) throw new ContentError('duplicate-path', { path: settings.path });
    decodeTopEntry(decoding, start);
  }
  return decoding.nodes;
}

function decodeTopEntry(decoding: Decoding, start: number): void {
  const { cursor, settings } = decoding;
  const { path } = settings;
  switch (cursor.type) {
    case TlvType.ObjectInstance: {
      const asked = path.objectInstanceId;
      if (asked !== undefined && !(settings.leniency.instanceWrapper && asked === cursor.id)) {
        throw new ContentError('unexpected-path', { path: pathOf(path, cursor.id) });
      }
      decodeInstance(decoding, cursor.id);
      break;
    }
    case TlvType.ResourceInstance:
      if (path.resourceId === undefined) throw cursor.error('bad-type', start);
      if (path.resourceInstanceId === undefined && !settings.leniency.bareResourceInstances) {
        throw cursor.error('bad-type', start);
      }
      decodeLeaf(decoding, pathOf(path, path.objectInstanceId, path.resourceId, cursor.id));
      break;
    default:
      decodeResource(decoding, path.objectInstanceId ?? onlyInstance(settings));
  }
}

/** The instance that is meant when none is named: 0 where there can be no other, else the device chooses. */
function onlyInstance({ path, lookup }: DecodeSettings): number | undefined {
  const spec = path.objectId === undefined ? undefined : lookup(path.objectId);
  return spec !== undefined && spec.multiple !== true ? 0 : undefined;
}

function decodeInstance(decoding: Decoding, objectInstanceId: number): void {
  const { cursor, settings, nodes } = decoding;
  const end = cursor.valueEnd;
  cursor.offset = cursor.valueStart;
  if (cursor.offset === end) nodes.push({ path: pathOf(settings.path, objectInstanceId) });
  const ids = new UniqueIds();
  while (cursor.offset < end) {
    const start = cursor.offset;
    cursor.readHeader(end);
    if (cursor.type < TlvType.MultipleResource) throw cursor.error('bad-type', start);
    if (!ids.add(cursor.id)) {
      throw new ContentError('duplicate-path', { path: pathOf(settings.path, objectInstanceId, cursor.id) });
    }
    decodeResource(decoding, objectInstanceId);
  }
}

/** Decodes the Resource or Multiple Resource whose header was read last. */
function decodeResource(decoding: Decoding, objectInstanceId: number | undefined): void {
  const { cursor, settings } = decoding;
  const path = pathOf(settings.path, objectInstanceId, cursor.id);
  const asked = settings.path.resourceId;
  if (asked !== undefined && asked !== cursor.id) throw new ContentError('unexpected-path', { path });
  if (cursor.type === TlvType.Resource) decodeLeaf(decoding, path);
  else decodeResourceInstances(decoding, path);
}

function decodeResourceInstances(decoding: Decoding, path: Path): void {
  const { cursor, nodes } = decoding;
  const end = cursor.valueEnd;
  cursor.offset = cursor.valueStart;
  if (cursor.offset === end) nodes.push({ path });
  const ids = new UniqueIds();
  while (cursor.offset < end) {
    const start = cursor.offset;
    cursor.readHeader(end);
    if (cursor.type !== TlvType.ResourceInstance) throw cursor.error('bad-type', start);
    const leafPath = pathOf(path, path.objectInstanceId, path.resourceId, cursor.id);
    if (!ids.add(cursor.id)) throw new ContentError('duplicate-path', { path: leafPath });
    decodeLeaf(decoding, leafPath);
  }
}

/** Decodes the value of the Resource or Resource Instance whose header was read last. */
function decodeLeaf({ cursor, settings, nodes, resources }: Decoding, given: Path): void {
  const { leniency } = settings;
  const spec = resources?.get(given.resourceId ?? 0)?.spec;
  const lonely = spec?.multiple === true && given.resourceInstanceId === undefined && leniency.singleForMultiple;
  const path = lonely ? { ...given, resourceInstanceId: 0 } : given;
  const asked = settings.path.resourceInstanceId;
  if (asked !== undefined && asked !== path.resourceInstanceId) throw new ContentError('unexpected-path', { path });
  const type = spec === undefined || spec.type === '' ? undefined : spec.type;
  nodes.push({ path, value: decodeTlvValue(type, cursor, path, leniency) });
}

/** A path below the object of another. Only a Create leaves out the instance and goes on. */
function pathOf(asked: Path, objectInstanceId?: number, resourceId?: number, resourceInstanceId?: number): Path {
  const objectId = asked.objectId ?? 0;
  if (objectInstanceId === undefined)
    return resourceId === undefined ? { objectId } : pathWithGap(objectId, resourceId, resourceInstanceId);
  if (resourceId === undefined) return { objectId, objectInstanceId };
  if (resourceInstanceId === undefined) return { objectId, objectInstanceId, resourceId };
  return { objectId, objectInstanceId, resourceId, resourceInstanceId };
}

function pathWithGap(objectId: number, resourceId: number, resourceInstanceId: number | undefined): Path {
  return resourceInstanceId === undefined ? { objectId, resourceId } : { objectId, resourceId, resourceInstanceId };
}
