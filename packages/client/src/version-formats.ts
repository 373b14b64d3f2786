import { ContentFormat } from '@motestack/codecs';
import type { LwM2mVersion } from './lwm2m-version.ts';

/**
 * The formats of values that a client of each version may be asked for, and sent. Written out, since the codecs speak those
 * of every version: 60, 110 and 112 came with 1.1, which took 11543 away; 11544 came with 1.2. The formats of composite
 * operations, 320 and 322, are none of those of values.
 *
 * @see LwM2M Core 1.0 §6.4; Core 1.1.1 §7.4, Tables 7.4.-1 and 7.4.-2
 */
export const contentFormatsOf: Readonly<Record<LwM2mVersion, readonly number[]>> = {
  '1.0': [ContentFormat.TextPlain, ContentFormat.OctetStream, ContentFormat.Tlv, ContentFormat.LwM2mJson],
  '1.1': [
    ContentFormat.TextPlain,
    ContentFormat.OctetStream,
    ContentFormat.Cbor,
    ContentFormat.SenmlJson,
    ContentFormat.SenmlCbor,
    ContentFormat.Tlv,
  ],
  '1.2': [
    ContentFormat.TextPlain,
    ContentFormat.OctetStream,
    ContentFormat.Cbor,
    ContentFormat.SenmlJson,
    ContentFormat.SenmlCbor,
    ContentFormat.Tlv,
    ContentFormat.LwM2mCbor,
  ],
};

/**
 * The formats that Register announces (`ct`).
 *
 * @param announced by the application; by default what carries every value, and for 1.0, which need not announce, none
 * @throws {RangeError} for a format that a client of the version has not
 * @see LwM2M Core 1.1.1 §6.2.1
 */
export function resolveAnnouncedFormats(
  version: LwM2mVersion,
  announced: readonly number[] = announcedByDefault[version],
): readonly number[] {
  for (const contentFormat of announced) {
    if (contentFormatsOf[version].includes(contentFormat)) continue;
    throw new RangeError(`announcedContentFormats has ${contentFormat}, which a client of LwM2M ${version} has not`);
  }
  return announced;
}

const announcedByDefault: Readonly<Record<LwM2mVersion, readonly number[]>> = {
  '1.0': [],
  '1.1': [ContentFormat.SenmlCbor, ContentFormat.SenmlJson, ContentFormat.Tlv],
  '1.2': [ContentFormat.SenmlCbor, ContentFormat.LwM2mCbor, ContentFormat.SenmlJson],
};
