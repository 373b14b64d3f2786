/**
 * Content-Format numbers that CoAP and LwM2M use.
 *
 * @see RFC 7252 §12.3, RFC 8949 §9.4, RFC 8428 §12.3, RFC 8790 §7.1; LwM2M Core 1.2 §7.4
 */
export const ContentFormat = {
  /** text/plain; charset=utf-8 */
  TextPlain: 0,
  /** application/link-format */
  LinkFormat: 40,
  /** application/xml */
  Xml: 41,
  /** application/octet-stream */
  OctetStream: 42,
  /** application/exi */
  Exi: 47,
  /** application/json */
  Json: 50,
  /** application/cbor */
  Cbor: 60,
  /** application/senml+json */
  SenmlJson: 110,
  /** application/sensml+json */
  SensmlJson: 111,
  /** application/senml+cbor */
  SenmlCbor: 112,
  /** application/sensml+cbor */
  SensmlCbor: 113,
  /** application/senml+xml */
  SenmlXml: 310,
  /** application/senml-etch+json */
  SenmlEtchJson: 320,
  /** application/senml-etch+cbor */
  SenmlEtchCbor: 322,
  /** application/vnd.oma.lwm2m+tlv */
  Tlv: 11542,
  /** application/vnd.oma.lwm2m+json */
  LwM2mJson: 11543,
  /** application/vnd.oma.lwm2m+cbor */
  LwM2mCbor: 11544,
} as const;

/** One of the numbers of {@link ContentFormat}. */
export type ContentFormat = (typeof ContentFormat)[keyof typeof ContentFormat];
