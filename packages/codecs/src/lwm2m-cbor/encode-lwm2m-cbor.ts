import { assertId, isWithin, type LwM2mNode, type Path, pathLevel } from '@motestack/model';
import { type CborWriter, writeHead, writeNull, writeNumber } from '../cbor/cbor-writer.ts';
import * as MajorType from '../cbor/major-type.ts';
import { writeWireValue } from '../cbor/wire-value.ts';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { beginWriting, finishWriting } from '../values/payload-writer.ts';
import { type ValueType, valueToWire, valueTypeAt, type WireValue } from '../values/typed-value.ts';

/** As the instance of a Create: the client chooses the id (LwM2M Core 1.2.1 §7.4.7). */
const NO_INSTANCE = 65_535;

/** A value, or a removal. */
interface Leaf {
  readonly type: ValueType | undefined;
  readonly value: WireValue | null;
}
/** What stands below an id, by the next one. */
type Branch = Map<number, Branch | Leaf>;

/**
 * Encodes nodes as LwM2M CBOR (Content-Format 11544). The ids that all values below a key of the outermost map share stand in
 * that key; below it there is one map for each level. The nodes' times are left out: the format has none. Floats have 32 or
 * 64 bits, also where they are whole.
 *
 * @param nodes values by type; a path without `objectInstanceId`, for a Create, gets 65535. Those without a value are left
 *   out, except at the root, where they remove (`null`)
 * @param context the path that was asked and the definitions
 * @returns one CBOR map of definite length; an empty one where there is no value
 * @throws {ContentError} `unexpected-path`, `duplicate-path`, `wrong-type`, `out-of-range`, `not-representable`
 * @throws {RangeError} for an id that is none
 * @see LwM2M Core 1.2.1 §7.4.7
 */
export function encodeLwM2mCbor(nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  const removes = pathLevel(context.path) === 'root';
  const root: Branch = new Map();
  for (const { path, value } of nodes) {
    if (value === undefined && !removes) continue;
    const type = valueTypeAt(context.lookup, path);
    const leaf: Leaf = { type, value: value === undefined ? null : valueToWire(type, value, path) };
    insert(root, idsOf(path, context), leaf, path);
  }
  const writer = beginWriting(false);
  writeHead(writer, MajorType.MAP, root.size);
  for (const [id, child] of root) {
    const ids = [id];
    let inner = child;
    for (let only = onlyEntry(inner); only !== undefined; only = onlyEntry(inner)) {
      ids.push(only[0]);
      inner = only[1];
    }
    if (ids.length > 1) writeHead(writer, MajorType.ARRAY, ids.length);
    for (const one of ids) writeNumber(writer, one);
    writeNode(writer, inner);
  }
  return finishWriting(writer);
}

function onlyEntry(node: Branch | Leaf): [number, Branch | Leaf] | undefined {
  return node instanceof Map && node.size === 1 ? [...node][0] : undefined;
}

function writeNode(writer: CborWriter, node: Branch | Leaf): void {
  if (node instanceof Map) {
    writeHead(writer, MajorType.MAP, node.size);
    for (const [id, child] of node) {
      writeNumber(writer, id);
      writeNode(writer, child);
    }
  } else if (node.value === null) writeNull(writer);
  else writeWireValue(writer, node.type, node.value);
}

function insert(root: Branch, ids: readonly number[], leaf: Leaf, path: Path): void {
  let branch = root;
  for (const id of ids.slice(0, -1)) {
    let next = branch.get(id);
    if (next === undefined) {
      next = new Map();
      branch.set(id, next);
    }
    // A value for a resource beside one for its instance.
    if (!(next instanceof Map)) throw new ContentError('unexpected-path', { path });
    branch = next;
  }
  const last = ids.at(-1) ?? 0;
  const there = branch.get(last);
  if (there !== undefined)
    throw new ContentError(there instanceof Map ? 'unexpected-path' : 'duplicate-path', { path });
  branch.set(last, leaf);
}

function idsOf(path: Path, context: PayloadContext): number[] {
  const { objectId, objectInstanceId, resourceId, resourceInstanceId } = path;
  const created = objectInstanceId === undefined && pathLevel(context.path) === 'object';
  if (objectId === undefined || resourceId === undefined || (objectInstanceId === undefined && !created)) {
    throw new ContentError('unexpected-path', { path });
  }
  if (!isWithin(path, context.path)) throw new ContentError('unexpected-path', { path });
  const ids = [objectId, objectInstanceId ?? 0, resourceId, resourceInstanceId ?? 0];
  for (const id of ids) assertId(id);
  if (created) ids[1] = NO_INSTANCE;
  return resourceInstanceId === undefined ? ids.slice(0, -1) : ids;
}
