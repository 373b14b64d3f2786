import { isWithin, type LwM2mNode, type Path, resourceSpecAt } from '@motestack/model';
import { ContentError } from '../content-error.ts';
import type { DecodeSettings } from '../payload-context.ts';
import { parseObjectLink } from './object-link-text.ts';
import { valueFromWire, type WireValue } from './typed-value.ts';

/** What a payload says of one path. */
export interface Received {
  /** Whole. */
  readonly path: Path;
  /** As the wire tells it; none for a node that is only named, or is to be removed. */
  readonly value: WireValue | undefined;
  /** Seconds since 1970. */
  readonly time?: number | undefined;
  /** Whether text is a link where the definition says Objlnk. */
  readonly textLinks: boolean;
}

/**
 * Makes a node of what was received.
 *
 * @param received path, value and time
 * @param settings the path that was asked and the definitions; `singleForMultiple` and `hexadecimalNullLink` count here
 * @returns the node, its value by type
 * @throws {ContentError} `unexpected-path` (not what was asked, or a value above a resource), `wrong-type`, `out-of-range`
 */
export function receivedNode({ path: given, value, time, textLinks }: Received, settings: DecodeSettings): LwM2mNode {
  if (!isWithin(given, settings.path)) throw new ContentError('unexpected-path', { path: given });
  if (value === undefined) return time === undefined ? { path: given } : { path: given, time };
  if (given.resourceId === undefined) throw new ContentError('unexpected-path', { path: given });
  const spec = resourceSpecAt(settings.lookup, given);
  let path = given;
  if (spec?.multiple === true && path.resourceInstanceId === undefined && settings.leniency.singleForMultiple) {
    path = { ...path, resourceInstanceId: 0 };
  }
  const wire = textLinks && spec?.type === 'Objlnk' ? linkOfText(value, path, settings) : value;
  const typed = valueFromWire(spec?.type === '' ? undefined : spec?.type, wire, path);
  return time === undefined ? { path, value: typed } : { path, value: typed, time };
}

/**
 * Reads a link where formats write one as text.
 *
 * @param value as the wire tells it
 * @param path for the error
 * @param settings `hexadecimalNullLink` counts here
 * @returns the link, or what it was if it is no text of two numbers
 * @throws {ContentError} `out-of-range`
 */
export function linkOfText(value: WireValue, path: Path, { leniency }: DecodeSettings): WireValue {
  if (typeof value !== 'string') return value;
  const link = parseObjectLink(value, leniency.hexadecimalNullLink);
  if (link === 'out-of-range') throw new ContentError('out-of-range', { path });
  return link ?? value;
}
