import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { formatPath, type LwM2mNode } from '@motestack/model';
import { decodeBase64 } from '../base64/base64.ts';
import { ContentError } from '../content-error.ts';
import { type DecodeSettings, type PayloadContext, resolveContext } from '../payload-context.ts';
import { addDecimals } from '../senml/decimal.ts';
import { parseName } from '../senml/name-path.ts';
import type { JsonValue } from '../senml-json/json-reader.ts';
import { parseJson } from '../senml-json/parse-json.ts';
import { checkLength } from '../values/check-length.ts';
import { linkOfText, receivedNode } from '../values/received-node.ts';
import { valueTypeAt, type WireValue } from '../values/typed-value.ts';

const SECTION = 'LwM2M Core 1.0.2 §6.4.4';

/** The labels that hold a value. */
const VALUE_LABELS = ['v', 'sv', 'bv', 'ov'] as const;
type ValueLabel = (typeof VALUE_LABELS)[number];
type Members = { readonly [name: string]: JsonValue };

/**
 * Decodes the JSON of LwM2M 1.0 (Content-Format 11543, and 1543 before its registration) into nodes with whole paths and
 * values by type.
 *
 * Base name and name are concatenated as they are; neither needs to begin with a slash. A time without a base time is
 * relative to now if `nowSeconds` is given. Opaque values are base64 in `sv`. Members that are not known are ignored, and of
 * two with one name the later counts.
 *
 * @param payload UTF-8
 * @param context the path that was asked and the definitions
 * @returns the nodes in the order of the payload
 * @throws {DecodeError} `bad-utf8`, `bad-syntax`, `truncated`, `trailing-bytes`, `bad-type` (no object, a member of another
 *   type), `bad-value` (a number beyond a double, a link that is none), `missing` (no `e`, no value), `duplicate` (two values
 *   in an entry), `too-long`, `too-many`, `too-deep`. Its offset is an index into the text for syntax, and the index of the
 *   entry for anything within one.
 * @throws {ContentError} `unexpected-path` (not what was asked, or no path), `duplicate-path` (twice at one time),
 *   `wrong-type`, `out-of-range`
 * @see LwM2M Core 1.0.2 §6.4.4
 */
export function decodeLwM2mJson(payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  const given = resolveContext(context);
  const settings: DecodeSettings = { ...given, leniency: { ...given.leniency, nameWithoutSlash: true } };
  checkLength(payload, settings.limits.parsedTextBytesMax, SECTION);
  const pack = parseJson(payload, settings.limits.nestingMax, SECTION);
  if (!isObject(pack)) throw fault('bad-type', 0);
  const { e: entries } = pack;
  if (entries === undefined) throw fault('missing', 0);
  if (!Array.isArray(entries)) throw fault('bad-type', 0);
  if (entries.length > settings.limits.nodesMax) throw fault('too-many', 0);
  const base = { name: textOf(pack, 'bn', 0) ?? '', time: secondsOf(pack, 'bt', 0) };
  const nodes: LwM2mNode[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of entries.entries()) {
    if (!isObject(entry)) throw fault('bad-type', index);
    const node = nodeOfEntry(entry, base, index, settings);
    const key = `${formatPath(node.path)}@${node.time}`;
    if (seen.has(key)) throw new ContentError('duplicate-path', { path: node.path });
    seen.add(key);
    nodes.push(node);
  }
  return nodes;
}

interface Base {
  readonly name: string;
  readonly time: number | undefined;
}

function nodeOfEntry(entry: Members, base: Base, index: number, settings: DecodeSettings): LwM2mNode {
  const path = parseName(base.name + (textOf(entry, 'n', index) ?? ''), settings);
  const labels = VALUE_LABELS.filter((label) => Object.hasOwn(entry, label));
  const [label] = labels;
  if (label === undefined) throw fault('missing', index);
  if (labels.length > 1) throw fault('duplicate', index);
  const time = timeOf(secondsOf(entry, 't', index), base.time, settings.nowSeconds);
  const wire = valueOfLabel(entry, label, index);
  const typed = { path, time, textLinks: settings.leniency.linkAsString };
  if (label === 'ov') return receivedNode({ ...typed, value: linkOfLabel(wire, index, settings) }, settings);
  if (label === 'sv' && valueTypeAt(settings.lookup, path) === 'Opaque') {
    return receivedNode({ ...typed, value: bytesOf(String(wire), index, settings) }, settings);
  }
  return receivedNode({ ...typed, value: wire }, settings);
}

/** "The time of the representation relative to the Base Time in seconds": no threshold as SenML has it. */
function timeOf(time: number | undefined, base: number | undefined, now: number | undefined): number | undefined {
  if (base !== undefined) return addDecimals(base, time ?? 0);
  return time === undefined ? undefined : addDecimals(now ?? 0, time);
}

function valueOfLabel(entry: Members, label: ValueLabel, index: number): WireValue {
  const value = entry[label];
  const wanted = { v: 'number', sv: 'string', bv: 'boolean', ov: 'string' }[label];
  if (typeof value === 'bigint' && label === 'v') return value;
  if (typeof value === 'object' || value === undefined || typeof value !== wanted) throw fault('bad-type', index);
  if (typeof value === 'number' && !Number.isFinite(value)) throw fault('bad-value', index);
  return value;
}

function linkOfLabel(value: WireValue, index: number, settings: DecodeSettings): WireValue {
  const link = linkOfText(value, {}, settings);
  if (typeof link === 'string') throw fault('bad-value', index);
  return link;
}

function bytesOf(text: string, index: number, { leniency }: DecodeSettings): Uint8Array {
  try {
    return decodeBase64(text, { alphabet: 'base64', lenient: leniency.base64Variants });
  } catch (cause) {
    if (!DecodeError.is(cause)) throw cause;
    throw new DecodeError('bad-value', { offset: index, section: SECTION, cause });
  }
}

function textOf(members: Members, name: string, index: number): string | undefined {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (value === undefined || typeof value === 'string') return value;
  throw fault('bad-type', index);
}

function secondsOf(members: Members, name: string, index: number): number | undefined {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' && typeof value !== 'bigint') throw fault('bad-type', index);
  if (!Number.isFinite(Number(value))) throw fault('bad-value', index);
  return Number(value);
}

function isObject(value: JsonValue): value is { [name: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fault(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: SECTION });
}
