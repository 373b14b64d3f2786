import { ContentFormat } from '@motestack/codecs';
import { type LwM2mNode, type ObjectLookup, type Path, pathLevel, resourceSpecAt } from '@motestack/model';
import type { LwM2mVersion } from '../registration/registration.ts';

/** A format, as options name it. */
export type ContentFormatName =
  | 'senml-cbor'
  | 'senml-json'
  | 'lwm2m-cbor'
  | 'tlv'
  | 'json'
  | 'text'
  | 'opaque'
  | 'cbor'
  | 'senml-etch-cbor'
  | 'senml-etch-json';

/** The numbers of the formats. */
export const contentFormatNumbers: Readonly<Record<ContentFormatName, number>> = {
  'senml-cbor': ContentFormat.SenmlCbor,
  'senml-json': ContentFormat.SenmlJson,
  'lwm2m-cbor': ContentFormat.LwM2mCbor,
  tlv: ContentFormat.Tlv,
  json: ContentFormat.LwM2mJson,
  text: ContentFormat.TextPlain,
  opaque: ContentFormat.OctetStream,
  cbor: ContentFormat.Cbor,
  'senml-etch-cbor': ContentFormat.SenmlEtchCbor,
  'senml-etch-json': ContentFormat.SenmlEtchJson,
};

/** What a device says of its formats. */
export interface OfferedFormats {
  /** The device's version of the enabler. */
  readonly lwm2mVersion: LwM2mVersion;
  /** The `ct` of the root link; empty where it said none. */
  readonly contentFormats: readonly number[];
}

/**
 * The format to ask for in a Read: TLV of a 1.0 device; of others the best of SenML-CBOR, SenML-JSON and TLV that the root link
 * names; none (the device chooses) where it names none of these.
 *
 * @returns the Accept option, or `undefined` for none
 * @see LwM2M Core §7.4 (TLV is what every 1.0 client has; later ones SHOULD have a SenML format), §6.2.1 (`ct`)
 */
export function readFormat(device: OfferedFormats): number | undefined {
  return device.lwm2mVersion === '1.0' ? ContentFormat.Tlv : preferred(device);
}

/**
 * The format to write in: as for a Read; where the root link of a device later than 1.0 names none, one single value goes as text
 * (opaque bytes as octet stream), which every such client must read, and anything else as TLV.
 *
 * @param path what is written to
 * @param nodes what is written
 * @see LwM2M Core §7.4
 */
export function writeFormat(
  device: OfferedFormats,
  path: Path,
  nodes: readonly LwM2mNode[],
  lookup: ObjectLookup,
): number {
  const known = readFormat(device);
  if (known !== undefined) return known;
  const [node] = nodes;
  const isSingle = nodes.length === 1 && pathLevel(path) === 'resource' && node?.path.resourceInstanceId === undefined;
  if (!isSingle || node?.value === undefined) return ContentFormat.Tlv;
  const type = resourceSpecAt(lookup, path)?.type;
  const isOpaque = type === 'Opaque' || (type === undefined && typeof node.value === 'object');
  return isOpaque ? ContentFormat.OctetStream : ContentFormat.TextPlain;
}

/**
 * The format of a Create: as for a Read, but TLV where SenML could not say it: SenML names each value by its whole path, and an
 * instance without an id, or without values, has none.
 *
 * @param objectInstanceId the id that the instance is to have, if the server chooses it
 * @see LwM2M Core §6.3.6, §7.4
 */
export function createFormat(
  device: OfferedFormats,
  objectInstanceId: number | undefined,
  nodes: readonly LwM2mNode[],
): number {
  const isNamed = objectInstanceId !== undefined && nodes.some((node) => node.value !== undefined);
  return isNamed ? (readFormat(device) ?? ContentFormat.Tlv) : ContentFormat.Tlv;
}

/**
 * The format of the paths of a Read-Composite, and of what a Write-Composite writes: the first of SenML-ETCH-CBOR, SenML-ETCH-JSON,
 * SenML-CBOR and SenML-JSON that the root link names; where it names none, SenML-ETCH-CBOR of a 1.2 device and SenML-CBOR of others.
 *
 * @param removes whether resource instances are to be removed, which only the ETCH formats can say
 * @see LwM2M Core §6.3.8, §6.3.9, §7.4; RFC 8790
 */
export function compositeFormat(device: OfferedFormats, removes = false): number {
  const choice = COMPOSITE_PREFERENCE.slice(0, removes ? ETCH_FORMATS : undefined);
  const named = choice.find((format) => device.contentFormats.includes(format));
  if (named !== undefined) return named;
  return removes || device.lwm2mVersion === '1.2' ? ContentFormat.SenmlEtchCbor : ContentFormat.SenmlCbor;
}

/** The format to ask for in a Read-Composite: a SenML format that the root link names; where it names none, the device chooses. */
export function compositeReadFormat(device: OfferedFormats): number | undefined {
  const known = readFormat(device);
  return known === ContentFormat.SenmlCbor || known === ContentFormat.SenmlJson ? known : undefined;
}

const COMPOSITE_PREFERENCE: readonly number[] = [
  ContentFormat.SenmlEtchCbor,
  ContentFormat.SenmlEtchJson,
  ContentFormat.SenmlCbor,
  ContentFormat.SenmlJson,
];
const ETCH_FORMATS = 2;

/** Best first: the smallest that carries everything. */
const PREFERENCE: readonly number[] = [ContentFormat.SenmlCbor, ContentFormat.SenmlJson, ContentFormat.Tlv];

function preferred(device: OfferedFormats): number | undefined {
  return PREFERENCE.find((format) => device.contentFormats.includes(format));
}
