import { type DecodeLimits, resolveLimits } from '../payload-context.ts';
import { checkLength } from '../values/check-length.ts';
import { TLV_SECTION, TlvCursor } from './tlv-header.ts';
import { beginTlv, finishTlv, lengthWritten, type TlvWriter, writeTlvBytes, writeTlvHeader } from './tlv-writer.ts';

/** One TLV: a value, or a container of others. */
export type TlvEntry = TlvLeaf | TlvContainer;

/** A TLV that holds a value. */
export interface TlvLeaf {
  /** A Resource, or one instance of a multiple one. */
  readonly type: 'resource' | 'resourceInstance';
  /** Resource id or resource instance id, 0 to 65534. */
  readonly id: number;
  /** The value: decoded ones are views of the payload. */
  readonly value: Uint8Array;
}

/** A TLV that holds other TLVs. */
export interface TlvContainer {
  /** An Object Instance holds resources of both kinds, a Multiple Resource holds Resource Instances. */
  readonly type: 'objectInstance' | 'multipleResource';
  /** Object instance id or resource id, 0 to 65534. */
  readonly id: number;
  /** What it holds, in the order of the payload; may be empty. */
  readonly children: readonly TlvEntry[];
}

/** The names of the types, by their numbers. */
const NAMES = ['objectInstance', 'resourceInstance', 'multipleResource', 'resource'] as const;
/** A bit for each type that may stand at the top, and in what is of each type (LwM2M Core 1.1.1 §7.4.3, figure "TLV nesting"). */
const ANYWHERE = 0b1111;
const WITHIN = [0b1100, 0, 0b0010, 0] as const;

/**
 * Decodes a TLV payload as it is, without definitions: for tools, and for payloads whose path is not known.
 *
 * @param payload a whole payload; values are views of it
 * @param limits `payloadBytesMax` and `nodesMax` count here; three levels of nesting are all that the format has
 * @returns the entries in the order of the payload; duplicates are not looked for
 * @throws {DecodeError} `truncated`, `reserved-value` (identifier 65535), `bad-type` (a type where it may not stand),
 *   `too-many`, `too-long`
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function decodeTlvEntries(payload: Uint8Array, limits?: Partial<DecodeLimits>): TlvEntry[] {
  const { payloadBytesMax, nodesMax } = resolveLimits(limits);
  checkLength(payload, payloadBytesMax, TLV_SECTION);
  return decodeEntries(new TlvCursor(payload, nodesMax), payload.length, ANYWHERE);
}

/**
 * Encodes entries with the shortest headers.
 *
 * @param entries in the order of the payload
 * @returns the payload
 * @throws {ContentError} `not-representable` for a value of more than 16,777,215 bytes
 * @throws {RangeError} for an id that is none
 * @see LwM2M Core 1.1.1 §7.4.3
 */
export function encodeTlvEntries(entries: readonly TlvEntry[]): Uint8Array {
  const writer = beginTlv();
  encodeEntries(writer, entries);
  return finishTlv(writer);
}

function decodeEntries(cursor: TlvCursor, end: number, allowed: number): TlvEntry[] {
  const entries: TlvEntry[] = [];
  while (cursor.offset < end) {
    const start = cursor.offset;
    cursor.readHeader(end);
    const { id, type, valueStart, valueEnd } = cursor;
    if (((1 << type) & allowed) === 0) throw cursor.error('bad-type', start);
    const within = WITHIN[type] ?? 0;
    if (within > 0) {
      cursor.offset = valueStart;
      const children = decodeEntries(cursor, valueEnd, within);
      entries.push({ type: NAMES[type] as TlvContainer['type'], id, children });
    } else
      entries.push({ type: NAMES[type] as TlvLeaf['type'], id, value: cursor.bytes.subarray(valueStart, valueEnd) });
  }
  return entries;
}

function encodeEntries(writer: TlvWriter, entries: readonly TlvEntry[]): void {
  for (const entry of entries.toReversed()) {
    const before = lengthWritten(writer);
    if ('children' in entry) encodeEntries(writer, entry.children);
    else writeTlvBytes(writer, entry.value);
    writeTlvHeader(writer, NAMES.indexOf(entry.type), entry.id, before);
  }
}
