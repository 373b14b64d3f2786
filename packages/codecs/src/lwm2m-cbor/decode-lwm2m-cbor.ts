import { type LwM2mNode, type Path, pathLevel } from '@motestack/model';
import {
  begin,
  beginReading,
  type CborReader,
  finishReading,
  hasNext,
  peekMajor,
  readInteger,
  refuse,
} from '../cbor/cbor-reader.ts';
import * as MajorType from '../cbor/major-type.ts';
import { readWireValue } from '../cbor/wire-value.ts';
import { ContentError } from '../content-error.ts';
import { type DecodeSettings, type PayloadContext, resolveContext } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';
import { receivedNode } from '../values/received-node.ts';

const SECTION = 'LwM2M Core 1.2.1 §7.4.7';
const ID_MOST = 65_534;
/** As the instance of a Create: the client chooses the id. */
const NO_INSTANCE = 65_535;
const LEVELS_MAX = 4;
const RESOURCE_LEVELS = 3;

/**
 * Decodes LwM2M CBOR (Content-Format 11544) into nodes with whole paths and values by type.
 *
 * Keys are ids, or arrays of ids, from the object's on; how they are spread over nested maps does not matter. Object instance
 * 65535, in the payload of a Create (`/o` was asked), is a path without `objectInstanceId`: the device chooses it.
 *
 * @param payload one CBOR map; opaque values are views of it, unless they came in chunks
 * @param context the path that was asked and the definitions. At the root, `null` is a node without a value: to be removed
 * @returns the nodes in the order of the payload; one without a value for a map that is empty
 * @throws {DecodeError} not well-formed, `bad-utf8`, `bad-type` (no map, a key that is no id, an array as a value, `null`
 *   elsewhere than at the root), `missing` (an empty map, unless `emptyMaps` allows it), `too-long`, `too-many`, `too-deep`
 * @throws {ContentError} `unexpected-path` (not what was asked, an id above 65534, no id or more than four, a value above a
 *   resource), `duplicate-path`, `wrong-type`, `out-of-range`
 * @see LwM2M Core 1.2.1 §7.4.7
 */
export function decodeLwM2mCbor(payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  const settings = resolveContext(context);
  checkLength(payload, settings.limits.payloadBytesMax, SECTION);
  const reader = beginReading(payload, SECTION, settings.limits.nestingMax);
  const decoding: Decoding = { reader, settings, nodes: [], seen: new Set() };
  readMap(decoding, []);
  finishReading(reader);
  return decoding.nodes;
}

interface Decoding {
  readonly reader: CborReader;
  readonly settings: DecodeSettings;
  readonly nodes: LwM2mNode[];
  /** Ids of the nodes, joined. */
  readonly seen: Set<string>;
}

/** Each map adds at least one id, so that maps are nested four deep at most. */
function readMap(decoding: Decoding, ids: readonly number[]): void {
  const { reader, settings } = decoding;
  const start = reader.offset;
  const count = begin(reader, MajorType.MAP);
  let pairs = 0;
  for (; hasNext(reader, pairs, count); pairs++) {
    const inner = [...ids];
    readKey(reader, inner);
    if (peekMajor(reader) === MajorType.MAP && inner.length < LEVELS_MAX) readMap(decoding, inner);
    else readLeaf(decoding, inner);
  }
  if (pairs > 0) return;
  if (!settings.leniency.emptyMaps) refuse(reader, 'missing', start);
  if (ids.length > 0) addNode(decoding, ids, undefined);
}

/** One id, or an array of them. */
function readKey(reader: CborReader, ids: number[]): void {
  if (peekMajor(reader) !== MajorType.ARRAY) {
    ids.push(readId(reader));
    return;
  }
  const before = ids.length;
  const count = begin(reader, MajorType.ARRAY);
  for (let index = 0; hasNext(reader, index, count); index++) {
    if (ids.length === LEVELS_MAX) throw new ContentError('unexpected-path');
    ids.push(readId(reader));
  }
  if (ids.length === before) throw new ContentError('unexpected-path');
}

function readId(reader: CborReader): number {
  if (peekMajor(reader) !== MajorType.UNSIGNED) refuse(reader, 'bad-type');
  const id = Number(readInteger(reader));
  if (id > NO_INSTANCE) throw new ContentError('unexpected-path');
  return id;
}

function readLeaf(decoding: Decoding, ids: readonly number[]): void {
  const { reader, settings } = decoding;
  const start = reader.offset;
  // "a path of five nested ids", which begins with a map behind the fourth.
  if (peekMajor(reader) === MajorType.MAP) throw new ContentError('unexpected-path');
  const value = readWireValue(reader);
  if (value === null && pathLevel(settings.path) !== 'root') refuse(reader, 'bad-type', start);
  addNode(decoding, ids, value ?? undefined);
}

function addNode({ reader, settings, nodes, seen }: Decoding, ids: readonly number[], value: LeafValue): void {
  if (nodes.length >= settings.limits.nodesMax) refuse(reader, 'too-many');
  const node = receivedNode({ path: pathOfIds(ids, settings), value, textLinks: true }, settings);
  const { objectId, objectInstanceId, resourceId, resourceInstanceId } = node.path;
  const key = `${objectId}/${objectInstanceId}/${resourceId}/${resourceInstanceId}`;
  if (seen.has(key)) throw new ContentError('duplicate-path', { path: node.path });
  seen.add(key);
  nodes.push(node);
}

type LeafValue = Parameters<typeof receivedNode>[0]['value'];

function pathOfIds(ids: readonly number[], settings: DecodeSettings): Path {
  const [objectId, objectInstanceId, resourceId, resourceInstanceId] = ids;
  const chosenByDevice = objectInstanceId === NO_INSTANCE && pathLevel(settings.path) === 'object';
  const path: Path = {
    ...(objectId === undefined ? {} : { objectId }),
    ...(objectInstanceId === undefined || chosenByDevice ? {} : { objectInstanceId }),
    ...(resourceId === undefined ? {} : { resourceId }),
    ...(resourceInstanceId === undefined ? {} : { resourceInstanceId }),
  };
  const tooLarge = ids.some((id, level) => id > ID_MOST && !(level === 1 && chosenByDevice));
  // An instance that the device is to choose is named by the resources in it.
  if (tooLarge || (chosenByDevice && ids.length < RESOURCE_LEVELS)) throw new ContentError('unexpected-path');
  return path;
}
