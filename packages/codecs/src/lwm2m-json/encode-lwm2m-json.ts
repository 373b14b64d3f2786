import { encodeUtf8 } from '@motestack/bytes';
import type { LwM2mNode } from '@motestack/model';
import { encodeBase64 } from '../base64/base64.ts';
import { ContentError } from '../content-error.ts';
import type { PayloadContext } from '../payload-context.ts';
import { addDecimals } from '../senml/decimal.ts';
import { recordsOfNodes } from '../senml/plan-pack.ts';
import type { SenmlValue } from '../senml/senml-record.ts';
import { formatJsonNumber } from '../senml-json/format-number.ts';
import { formatObjectLink, isObjectLink } from '../values/object-link-text.ts';

/**
 * Encodes nodes as the JSON of LwM2M 1.0 (Content-Format 11543). The levels that all paths share become the base name, the
 * first time the base time.
 *
 * @param nodes values by type, either all with a time or none; those without a value are left out
 * @param context the path that was asked and the definitions
 * @returns UTF-8
 * @throws {ContentError} `unexpected-path`, `duplicate-path` (twice at one time), `wrong-type`, `out-of-range`,
 *   `not-representable` (NaN and the infinities, some values with times and some without)
 * @see LwM2M Core 1.0.2 §6.4.4
 */
export function encodeLwM2mJson(nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  const carried = nodes.filter(({ value }) => value !== undefined);
  const times = carried.flatMap(({ time }) => (time === undefined ? [] : [time]));
  if (times.length > 0 && times.length < carried.length) {
    throw new ContentError('not-representable', { path: context.path });
  }
  const base = baseTimeOf(times);
  // The names of SenML's plan are those of this format; its times are not.
  const records = recordsOfNodes(
    carried.map(({ path, value }) => ({ path, value })),
    context,
    'senml',
  );
  checkUnique(carried);
  const entries = records.map(({ name, value }, index) => {
    const time = times[index];
    let text = name === undefined ? '' : `"n":"${name}",`;
    if (time !== undefined && time !== base) text += `"t":${formatJsonNumber(addDecimals(time, -(base ?? 0)))},`;
    return `{${text}${formatValue(value ?? '')}}`;
  });
  const baseName = records[0]?.baseName;
  const baseNameText = baseName === undefined ? '' : `"bn":"${baseName}",`;
  const baseTimeText = base === undefined ? '' : `"bt":${formatJsonNumber(base)},`;
  return encodeUtf8(`{${baseNameText}${baseTimeText}"e":[${entries.join(',')}]}`);
}

/** The first time, or 0 where the difference to a later one would not be exact. */
function baseTimeOf(times: readonly number[]): number | undefined {
  const [first] = times;
  if (first === undefined) return undefined;
  const exact = times.every((time) => addDecimals(first, addDecimals(time, -first)) === time);
  return exact ? first : 0;
}

function checkUnique(nodes: readonly LwM2mNode[]): void {
  const seen = new Set<string>();
  for (const { path, time } of nodes) {
    const key = `${path.objectId}/${path.objectInstanceId}/${path.resourceId}/${path.resourceInstanceId}@${time}`;
    if (seen.has(key)) throw new ContentError('duplicate-path', { path });
    seen.add(key);
  }
}

function formatValue(value: SenmlValue): string {
  if (typeof value === 'number' || typeof value === 'bigint') return `"v":${formatJsonNumber(value)}`;
  if (typeof value === 'string') return `"sv":${JSON.stringify(value)}`;
  if (typeof value === 'boolean') return `"bv":${value}`;
  if (isObjectLink(value)) return `"ov":"${formatObjectLink(value)}"`;
  return `"sv":"${encodeBase64(value, { alphabet: 'base64' })}"`;
}
