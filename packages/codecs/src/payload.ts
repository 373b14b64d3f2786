import { type LwM2mNode, type ObjectLookup, type Path, pathLevel, resourceSpecAt } from '@motestack/model';
import { ContentError } from './content-error.ts';
import { ContentFormat, OLD_JSON_CONTENT_FORMAT, OLD_TLV_CONTENT_FORMAT } from './content-format.ts';
import { decodeLwM2mCbor } from './lwm2m-cbor/decode-lwm2m-cbor.ts';
import { encodeLwM2mCbor } from './lwm2m-cbor/encode-lwm2m-cbor.ts';
import { decodeLwM2mJson } from './lwm2m-json/decode-lwm2m-json.ts';
import { encodeLwM2mJson } from './lwm2m-json/encode-lwm2m-json.ts';
import { decodeOpaque, encodeOpaque } from './opaque/opaque.ts';
import type { PayloadContext } from './payload-context.ts';
import { recordsOfPaths } from './senml/plan-pack.ts';
import { decodeSenmlCbor } from './senml-cbor/decode-senml-cbor.ts';
import { encodeSenmlCbor } from './senml-cbor/encode-senml-cbor.ts';
import { encodeSenmlCborRecords } from './senml-cbor/encode-senml-cbor-records.ts';
import { decodeSenmlJson } from './senml-json/decode-senml-json.ts';
import { encodeSenmlJson, encodeSenmlJsonRecords } from './senml-json/encode-senml-json.ts';
import { decodeSingleCbor, encodeSingleCbor } from './single-cbor/single-cbor.ts';
import { decodeText, encodeText } from './text/text.ts';
import { decodeTlv } from './tlv/decode-tlv.ts';
import { encodeTlv } from './tlv/encode-tlv.ts';

/**
 * Decodes the payload of a Read, Notify, Write or Create in whatever format it is.
 *
 * @param contentFormat the number from the message
 * @param payload opaque values are views of it: copy them, or keep the payload as it is
 * @param context the path that was asked and the definitions that give values their types
 * @returns the nodes, values by type: see `ResourceValue`. Without a definition SenML gives what the wire says, TLV
 *   `Uint8Array` and text `string`
 * @throws {DecodeError} the bytes cannot be read: answer 4.00
 * @throws {ContentError} `unsupported-content-format`: answer 4.15; any other code: answer 4.00
 * @see LwM2M Core 1.1.1 §7.4
 */
export function decodePayload(contentFormat: number, payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  switch (contentFormat) {
    case ContentFormat.TextPlain:
      return decodeText(payload, context);
    case ContentFormat.OctetStream:
      return decodeOpaque(payload, context);
    case ContentFormat.Tlv:
    case OLD_TLV_CONTENT_FORMAT:
      return decodeTlv(payload, context);
    case ContentFormat.Cbor:
      return decodeSingleCbor(payload, context);
    case ContentFormat.LwM2mCbor:
      return decodeLwM2mCbor(payload, context);
    case ContentFormat.LwM2mJson:
    case OLD_JSON_CONTENT_FORMAT:
      return decodeLwM2mJson(payload, context);
    case ContentFormat.SenmlJson:
      return decodeSenmlJson(payload, context);
    case ContentFormat.SenmlCbor:
      return decodeSenmlCbor(payload, context);
    case ContentFormat.SenmlEtchJson:
      return decodeSenmlJson(payload, context, 'patch');
    case ContentFormat.SenmlEtchCbor:
      return decodeSenmlCbor(payload, context, 'patch');
    default:
      throw new ContentError('unsupported-content-format', { path: context.path, contentFormat });
  }
}

/**
 * Encodes nodes for a message in the format that was asked for.
 *
 * Text, opaque, TLV and both CBORs but SenML have no times: those of the nodes are left out.
 *
 * @param contentFormat the number, as in Accept
 * @param nodes values by type: see `ResourceValue`. Without a definition the type follows from the value
 * @param context the path that was asked and the definitions
 * @returns the payload
 * @throws {ContentError} `not-acceptable`: answer 4.06. The other codes mean that the nodes are not what the definitions
 *   say, or have no notation in this format
 * @see LwM2M Core 1.1.1 §7.4
 */
export function encodePayload(contentFormat: number, nodes: readonly LwM2mNode[], context: PayloadContext): Uint8Array {
  switch (contentFormat) {
    case ContentFormat.TextPlain:
      return encodeText(nodes, context);
    case ContentFormat.OctetStream:
      return encodeOpaque(nodes, context);
    case ContentFormat.Tlv:
      return encodeTlv(nodes, context);
    case ContentFormat.Cbor:
      return encodeSingleCbor(nodes, context);
    case ContentFormat.LwM2mCbor:
      return encodeLwM2mCbor(nodes, context);
    case ContentFormat.LwM2mJson:
      return encodeLwM2mJson(nodes, context);
    case ContentFormat.SenmlJson:
      return encodeSenmlJson(nodes, context);
    case ContentFormat.SenmlCbor:
      return encodeSenmlCbor(nodes, context);
    case ContentFormat.SenmlEtchJson:
      return encodeSenmlJson(nodes, context, 'patch');
    case ContentFormat.SenmlEtchCbor:
      return encodeSenmlCbor(nodes, context, 'patch');
    default:
      throw new ContentError('not-acceptable', { path: context.path, contentFormat });
  }
}

/**
 * Whether a format can carry what stands at a path: one value for text, opaque
 * and CBOR, no root for TLV and the JSON of LwM2M 1.0, composites alone for
 * the SenML-ETCH formats.
 *
 * @param contentFormat the number
 * @param path what is to be read or written
 * @param lookup the definitions; where none is known, the format is given the benefit of the doubt
 * @returns false also for formats that no codec here reads and writes
 * @see LwM2M Core 1.1.1 §7.4
 */
export function canCarry(contentFormat: number, path: Path, lookup: ObjectLookup): boolean {
  switch (contentFormat) {
    case ContentFormat.TextPlain:
    case ContentFormat.Cbor:
      return holdsOneValue(path, lookup);
    case ContentFormat.OctetStream: {
      const type = resourceSpecAt(lookup, path)?.type;
      return holdsOneValue(path, lookup) && (type === undefined || type === '' || type === 'Opaque');
    }
    case ContentFormat.Tlv:
    case OLD_TLV_CONTENT_FORMAT:
    case ContentFormat.LwM2mJson:
    case OLD_JSON_CONTENT_FORMAT:
      return pathLevel(path) !== 'root';
    case ContentFormat.SenmlJson:
    case ContentFormat.SenmlCbor:
    case ContentFormat.LwM2mCbor:
      return true;
    case ContentFormat.SenmlEtchJson:
    case ContentFormat.SenmlEtchCbor:
      return pathLevel(path) === 'root';
    default:
      return false;
  }
}

/**
 * Decodes the paths of a composite read.
 *
 * @param contentFormat 110, 112, 320 or 322
 * @param payload a pack of records without values
 * @param context the path is `{}`: the root
 * @returns nodes without values
 * @throws {DecodeError} the bytes cannot be read, or a record holds more than a name: answer 4.00
 * @throws {ContentError} `unsupported-content-format`: answer 4.15; `unexpected-path`: answer 4.00
 * @see RFC 8790 §3.1; LwM2M Core 1.1.1 §6.3.8
 */
export function decodePaths(contentFormat: number, payload: Uint8Array, context: PayloadContext): LwM2mNode[] {
  switch (contentFormat) {
    case ContentFormat.SenmlJson:
    case ContentFormat.SenmlEtchJson:
      return decodeSenmlJson(payload, context, 'fetch');
    case ContentFormat.SenmlCbor:
    case ContentFormat.SenmlEtchCbor:
      return decodeSenmlCbor(payload, context, 'fetch');
    default:
      throw new ContentError('unsupported-content-format', { path: context.path, contentFormat });
  }
}

/**
 * Encodes the paths of a composite read.
 *
 * @param contentFormat 110, 112, 320 or 322
 * @param paths in any order
 * @returns a pack of records without values
 * @throws {ContentError} `not-acceptable` for another format
 * @see RFC 8790 §3.1; LwM2M Core 1.1.1 §6.3.8
 */
export function encodePaths(contentFormat: number, paths: readonly Path[]): Uint8Array {
  switch (contentFormat) {
    case ContentFormat.SenmlJson:
    case ContentFormat.SenmlEtchJson:
      return encodeSenmlJsonRecords(recordsOfPaths(paths));
    case ContentFormat.SenmlCbor:
    case ContentFormat.SenmlEtchCbor:
      return encodeSenmlCborRecords(recordsOfPaths(paths));
    default:
      throw new ContentError('not-acceptable', { contentFormat });
  }
}

function holdsOneValue(path: Path, lookup: ObjectLookup): boolean {
  const level = pathLevel(path);
  if (level === 'resource') return resourceSpecAt(lookup, path)?.multiple !== true;
  return level === 'resourceInstance';
}
