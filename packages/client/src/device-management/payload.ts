import { DecodeError } from '@motestack/bytes';
import type { CoapAnswer } from '@motestack/coap';
import { ResponseCode } from '@motestack/coap';
import {
  ContentError,
  ContentFormat,
  canCarry,
  decodePaths,
  decodePayload,
  encodePayload,
  OLD_TLV_CONTENT_FORMAT,
  type PayloadContext,
} from '@motestack/codecs';
import { type LwM2mNode, type ObjectLookup, type Path, pathLevel, resourceSpecAt } from '@motestack/model';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { RequestRefusedError } from '../request-refused-error.ts';
import { contentFormatsOf } from '../version-formats.ts';
import { refusalBecause } from './refusal-because.ts';

/** What payloads are read and written with. */
export interface PayloadSettings {
  /** The definitions that count for this device. */
  readonly lookup: ObjectLookup;
  /** Decides which formats there are, and the format of an answer where the server does not. */
  readonly lwm2mVersion: LwM2mVersion;
  /** Now, in seconds since 1970, for relative times. */
  readonly nowSeconds: number;
  /** The path that stands before all others; `/` for none. */
  readonly rootPath: string;
  /** The segments of `rootPath`. */
  readonly rootSegments: readonly string[];
}

/**
 * Decodes what a Write or Create brings.
 *
 * @throws {RequestRefusedError} 4.15 for a format that a client of the version has not, or that cannot carry what stands
 *   at the path; 4.00 for a missing one and for everything else that is wrong with the payload
 * @see LwM2M Transport 1.1.1 §6.7
 */
export function decodeRequestPayload(
  request: { readonly contentFormat: number | undefined; readonly payload: Uint8Array },
  path: Path,
  settings: PayloadSettings,
): readonly LwM2mNode[] {
  const { contentFormat, payload } = request;
  if (contentFormat === undefined) throw new RequestRefusedError('4.00', 'no Content-Format');
  const registered = contentFormat === OLD_TLV_CONTENT_FORMAT ? ContentFormat.Tlv : contentFormat;
  if (!isAvailable(registered, path, settings)) throw notTaken(contentFormat);
  return asRefusals(() => decodePayload(contentFormat, payload, contextOf(path, settings)));
}

/** The formats of composite operations (Core 1.1.1 §6.3.8, §6.3.9). */
const PATH_FORMATS: readonly number[] = [
  ContentFormat.SenmlEtchCbor,
  ContentFormat.SenmlEtchJson,
  ContentFormat.SenmlCbor,
  ContentFormat.SenmlJson,
];

/**
 * Decodes the paths that a Read-Composite or Observe-Composite lists.
 *
 * @throws {RequestRefusedError} 4.15 for a format that lists no paths, 4.00 for everything else that is wrong with it
 * @see LwM2M Core 1.1.1 §6.3.8
 */
export function decodeRequestPaths(
  request: { readonly contentFormat: number | undefined; readonly payload: Uint8Array },
  settings: PayloadSettings,
): readonly Path[] {
  const { contentFormat, payload } = request;
  if (contentFormat === undefined) throw new RequestRefusedError('4.00', 'no Content-Format');
  if (!PATH_FORMATS.includes(contentFormat)) throw notTaken(contentFormat);
  const nodes = asRefusals(() => decodePaths(contentFormat, payload, contextOf({}, settings)));
  return nodes.map(({ path }) => path);
}

/**
 * Decodes what a Write-Composite brings; a node without a value is to be removed.
 *
 * @throws {RequestRefusedError} 4.15 for a format that is none of composites, 4.00 for everything else
 * @see LwM2M Core 1.1.1 §6.3.9
 */
export function decodeCompositePayload(
  request: { readonly contentFormat: number | undefined; readonly payload: Uint8Array },
  settings: PayloadSettings,
): readonly LwM2mNode[] {
  const { contentFormat, payload } = request;
  if (contentFormat === undefined) throw new RequestRefusedError('4.00', 'no Content-Format');
  const isTaken = PATH_FORMATS.includes(contentFormat) || isAvailable(contentFormat, {}, settings);
  if (!isTaken) throw notTaken(contentFormat);
  return asRefusals(() => decodePayload(contentFormat, payload, contextOf({}, settings)));
}

/**
 * Decides the format of the answer to a composite read: what is asked for, or SenML in the notation of the list.
 *
 * @throws {RequestRefusedError} 4.06 if what is asked for cannot be had
 */
export function chooseCompositeFormat(
  { accept, contentFormat }: { readonly accept: number | undefined; readonly contentFormat: number | undefined },
  settings: PayloadSettings,
): number {
  if (accept !== undefined) return chooseContentFormat(accept, {}, settings);
  const isJson = contentFormat === ContentFormat.SenmlJson || contentFormat === ContentFormat.SenmlEtchJson;
  return isJson ? ContentFormat.SenmlJson : ContentFormat.SenmlCbor;
}

function contextOf(path: Path, { lookup, nowSeconds, rootPath }: PayloadSettings): PayloadContext {
  return { path, lookup, nowSeconds, rootPath };
}

function notTaken(contentFormat: number): RequestRefusedError {
  return new RequestRefusedError('4.15', `Content-Format ${contentFormat} is not available here`);
}

function asRefusals<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (ContentError.is(error)) {
      throw refusalBecause(error.code === 'unsupported-content-format' ? '4.15' : '4.00', error);
    }
    if (DecodeError.is(error)) throw refusalBecause('4.00', error);
    throw error;
  }
}

/**
 * Decides the format of an answer.
 *
 * Without an Accept the client chooses: SenML-CBOR, which carries everything with its type; for a server of 1.0 TLV, and
 * text for a single value.
 *
 * @throws {RequestRefusedError} 4.06 if what is asked for cannot be had
 * @see LwM2M Core 1.1.1 §7.4, Transport 1.1.1 §6.4.4
 */
export function chooseContentFormat(accept: number | undefined, path: Path, settings: PayloadSettings): number {
  if (accept === undefined) return preferredContentFormat(path, settings);
  if (!isAvailable(accept, path, settings)) {
    throw new RequestRefusedError('4.06', `Content-Format ${accept} is not available here`);
  }
  return accept;
}

/**
 * Makes the answer to a Read, or a notification.
 *
 * @throws {RequestRefusedError} 4.06 if the format cannot carry what is there
 */
export function contentAnswer(
  nodes: readonly LwM2mNode[],
  contentFormat: number,
  path: Path,
  { lookup }: PayloadSettings,
): CoapAnswer {
  // An object without instances: a response without payload is legal (Transport 1.1.1 §6.4.4).
  if (nodes.length === 0) return { code: ResponseCode.Content };
  try {
    return {
      code: ResponseCode.Content,
      contentFormat,
      payload: encodePayload(contentFormat, nodes, { path, lookup }),
    };
  } catch (error) {
    if (!(ContentError.is(error) && error.code === 'not-acceptable')) throw error;
    throw refusalBecause('4.06', error);
  }
}

/** One rule for both directions: what cannot be read in a format is not written in it either. */
function isAvailable(contentFormat: number, path: Path, { lookup, lwm2mVersion }: PayloadSettings): boolean {
  return contentFormatsOf[lwm2mVersion].includes(contentFormat) && canCarry(contentFormat, path, lookup);
}

function preferredContentFormat(path: Path, { lookup, lwm2mVersion }: PayloadSettings): number {
  if (lwm2mVersion !== '1.0') return ContentFormat.SenmlCbor;
  const spec = pathLevel(path) === 'resource' ? resourceSpecAt(lookup, path) : undefined;
  if (spec === undefined || spec.multiple === true) return ContentFormat.Tlv;
  return spec.type === 'Opaque' ? ContentFormat.OctetStream : ContentFormat.TextPlain;
}
