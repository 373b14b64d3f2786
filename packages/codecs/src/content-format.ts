/**
 * The Content-Format numbers that LwM2M knows, named as in its tables.
 *
 * @see LwM2M Core 1.1.1 §7.4; RFC 8428 §12.3 (110, 112), RFC 8790 §7.1 (320, 322)
 */
export const ContentFormat = {
  /** `text/plain;charset=utf-8`: one value. */
  TextPlain: 0,
  /** `application/link-format`: Register, Update and Discover payloads. */
  LinkFormat: 40,
  /** `application/octet-stream`: one opaque value. */
  OctetStream: 42,
  /** `application/cbor`: one value. */
  Cbor: 60,
  /** `application/senml+json`. */
  SenmlJson: 110,
  /** `application/senml+cbor`. */
  SenmlCbor: 112,
  /** `application/senml-etch+json`: composite reads and writes. */
  SenmlEtchJson: 320,
  /** `application/senml-etch+cbor`: composite reads and writes. */
  SenmlEtchCbor: 322,
  /** `application/vnd.oma.lwm2m+tlv`. */
  Tlv: 11542,
  /** `application/vnd.oma.lwm2m+json`. */
  LwM2mJson: 11543,
  /** `application/vnd.oma.lwm2m+cbor`. */
  LwM2mCbor: 11544,
} as const;

/** The number that devices of before the IANA registration use for {@link ContentFormat.Tlv}. Read, never written. */
export const OLD_TLV_CONTENT_FORMAT = 1542;

/** The number that devices of before the IANA registration use for {@link ContentFormat.LwM2mJson}. Read, never written. */
export const OLD_JSON_CONTENT_FORMAT = 1543;

/** The formats that `decodePayload` reads. */
export const readableContentFormats: readonly number[] = [
  ContentFormat.SenmlCbor,
  ContentFormat.SenmlJson,
  ContentFormat.Tlv,
  ContentFormat.TextPlain,
  ContentFormat.OctetStream,
  ContentFormat.Cbor,
  ContentFormat.LwM2mCbor,
  ContentFormat.LwM2mJson,
  ContentFormat.SenmlEtchCbor,
  ContentFormat.SenmlEtchJson,
  OLD_TLV_CONTENT_FORMAT,
  OLD_JSON_CONTENT_FORMAT,
];

/** The formats that `encodePayload` writes. */
export const writableContentFormats: readonly number[] = readableContentFormats.filter(
  (contentFormat) => contentFormat !== OLD_TLV_CONTENT_FORMAT && contentFormat !== OLD_JSON_CONTENT_FORMAT,
);
