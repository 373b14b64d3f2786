import { encodeUtf8 } from '@motestack/bytes';
import { ResponseCode } from '@motestack/coap';
import { ContentFormat } from '@motestack/codecs';
import { accepted, type Outcome, refused } from '../registration/registration-fault.ts';

/** What the Uri-Query options of a Bootstrap-Request or a Bootstrap-Pack-Request say. */
export interface BootstrapParameters {
  /** `ep`, or the name that the credentials belong to. */
  readonly endpoint: string;
  /** `pct` */
  readonly preferredContentFormat: number | undefined;
}

/** A format of bootstrap information, as options name it. */
export type BootstrapContentFormat = 'senml-cbor' | 'senml-json' | 'lwm2m-cbor' | 'tlv';

/** The formats that bootstrap information travels in, by name (LwM2M Core 1.2 §6.1.7.1). */
export const bootstrapContentFormats: Readonly<Record<BootstrapContentFormat, number>> = {
  'senml-json': ContentFormat.SenmlJson,
  'senml-cbor': ContentFormat.SenmlCbor,
  'lwm2m-cbor': ContentFormat.LwM2mCbor,
  tlv: ContentFormat.Tlv,
};

/**
 * Reads the parameters of a Bootstrap-Request. Parameters that are not known are no error.
 *
 * @param query one text for each Uri-Query option
 * @param identityEndpoint the name that the client's credentials belong to, used where `ep` is not said
 * @param endpointBytesMax the longest endpoint name that is taken
 * @returns the parameters, or what the client is told: 4.00, or 4.15 for a format that nobody could write
 * @see LwM2M Core 1.1.1 §6.1.7.1; LwM2M Transport 1.1 Table 6.7-1
 */
export function parseBootstrapParameters(
  query: readonly string[],
  identityEndpoint: string | undefined,
  endpointBytesMax: number,
): Outcome<BootstrapParameters> {
  const named = parameterOf(query, 'ep');
  const endpoint = named ?? identityEndpoint;
  if (endpoint === undefined || endpoint === '') return refused(ResponseCode.BadRequest, 'the parameter ep is missing');
  if (encodeUtf8(endpoint).length > endpointBytesMax)
    return refused(ResponseCode.BadRequest, 'the endpoint name is too long');
  const pct = parameterOf(query, 'pct');
  if (pct === undefined) return accepted({ endpoint, preferredContentFormat: undefined });
  if (!/^\d{1,5}$/.test(pct)) return refused(ResponseCode.BadRequest, 'pct is no content format');
  const preferredContentFormat = Number(pct);
  if (!Object.values<number>(bootstrapContentFormats).includes(preferredContentFormat))
    return refused(ResponseCode.UnsupportedContentFormat, `nothing is written in format ${pct}`);
  return accepted({ endpoint, preferredContentFormat });
}

function parameterOf(query: readonly string[], name: string): string | undefined {
  // Of two with one name the first counts.
  const parameter = query.find((each) => each.startsWith(`${name}=`));
  return parameter?.slice(name.length + 1);
}
