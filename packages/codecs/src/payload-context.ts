import type { ObjectLookup, Path } from '@motestack/model';

/** What a payload is read against: the path that was asked, and the definitions that count for this device. */
export interface PayloadContext {
  /** What was asked: `{}` is the root. Nodes outside it are refused. */
  readonly path: Path;
  /** Which definition counts for an object; values get their types from it. */
  readonly lookup: ObjectLookup;
  /**
   * The time now in seconds since 1970, for times that are relative to it. Without it, times below 2^28 stay as they
   * were sent.
   */
  readonly nowSeconds?: number | undefined;
  /** The alternate path of the device, such as `/lwm2m`, which SenML names may begin with (LwM2M Core 1.2.1 §6.4). */
  readonly rootPath?: string | undefined;
  /** Deviations to refuse; all that {@link Leniency} lists are taken unless said otherwise here. */
  readonly leniency?: Partial<Leniency> | undefined;
  /** Limits that differ from {@link defaultDecodeLimits}. */
  readonly limits?: Partial<DecodeLimits> | undefined;
}

/** What deployed devices send though no specification allows it. Each is accepted on input and never written. */
export interface Leniency {
  /** TLV: an integer or time of no bytes is 0. */
  readonly zeroLengthInteger: boolean;
  /** TLV: integers of three bytes. */
  readonly threeByteInteger: boolean;
  /** TLV: an Object Instance TLV around what was asked with its instance in the path, if the ids are the same. */
  readonly instanceWrapper: boolean;
  /** TLV: Resource Instance TLVs for `/o/i/r` without the Multiple Resource TLV around them. */
  readonly bareResourceInstances: boolean;
  /** Every format: one value for a multiple resource, without resource instance, is its instance 0. */
  readonly singleForMultiple: boolean;
  /** SenML-JSON and text: base64 in either alphabet, with or without padding. */
  readonly base64Variants: boolean;
  /** Every text: the object link `FFFF:FFFF`, as printed in LwM2M Core 1.2 §7.4.3, is `65535:65535`. */
  readonly hexadecimalNullLink: boolean;
  /** SenML and LwM2M JSON: a string value `66:0`, as Leshan writes it, where the definition says Objlnk (label `vlo`, `ov`). */
  readonly linkAsString: boolean;
  /** SenML: LwM2M names that do not begin with `/`. */
  readonly nameWithoutSlash: boolean;
  /** SenML: LwM2M names that end in `/`, as a base name without a name does. */
  readonly nameWithTrailingSlash: boolean;
  /** LwM2M CBOR: a map without entries, which the grammar does not have: nothing, or a node that holds nothing. */
  readonly emptyMaps: boolean;
  /** Links: white space behind the comma between links. */
  readonly linkSpaces: boolean;
  /** Links: a comma behind the last link. */
  readonly linkTrailingComma: boolean;
  /** Links: a list of numbers without quotes, `ct=60 110 112`, as old versions of Leshan write it. */
  readonly linkUnquotedLists: boolean;
}

/** Every deviation is accepted: the default. */
export const lenient: Leniency = {
  zeroLengthInteger: true,
  threeByteInteger: true,
  instanceWrapper: true,
  bareResourceInstances: true,
  singleForMultiple: true,
  base64Variants: true,
  hexadecimalNullLink: true,
  linkAsString: true,
  nameWithoutSlash: true,
  nameWithTrailingSlash: true,
  emptyMaps: true,
  linkSpaces: true,
  linkTrailingComma: true,
  linkUnquotedLists: true,
};

/** No deviation is accepted. */
export const strict: Leniency = {
  zeroLengthInteger: false,
  threeByteInteger: false,
  instanceWrapper: false,
  bareResourceInstances: false,
  singleForMultiple: false,
  base64Variants: false,
  hexadecimalNullLink: false,
  linkAsString: false,
  nameWithoutSlash: false,
  nameWithTrailingSlash: false,
  emptyMaps: false,
  linkSpaces: false,
  linkTrailingComma: false,
  linkUnquotedLists: false,
};

/** What a payload may make grow. Beyond it, a `DecodeError` with the code named here. */
export interface DecodeLimits {
  /** Bytes of a payload; `too-long`. */
  readonly payloadBytesMax: number;
  /** Bytes of JSON or links, whose parse takes many times their size in memory; `too-long`. */
  readonly parsedTextBytesMax: number;
  /** Values, records, TLV entries or links of one payload; `too-many`. */
  readonly nodesMax: number;
  /** Containers within containers in what is skipped or read; `too-deep`. */
  readonly nestingMax: number;
}

/** The limits unless others are given: 32 MiB (1 MiB of JSON or links), 10,000 nodes, 16 levels. */
export const defaultDecodeLimits: DecodeLimits = {
  payloadBytesMax: 2 ** 25,
  parsedTextBytesMax: 2 ** 20,
  nodesMax: 10_000,
  nestingMax: 16,
};

/** A context with every default filled in: what decoders work with. */
export interface DecodeSettings {
  /** See {@link PayloadContext.path}. */
  readonly path: Path;
  /** See {@link PayloadContext.lookup}. */
  readonly lookup: ObjectLookup;
  /** See {@link PayloadContext.nowSeconds}. */
  readonly nowSeconds: number | undefined;
  /** See {@link PayloadContext.rootPath}; `/` is `undefined`. */
  readonly rootPath: string | undefined;
  /** See {@link Leniency}. */
  readonly leniency: Leniency;
  /** See {@link DecodeLimits}. */
  readonly limits: DecodeLimits;
}

/**
 * Fills in the defaults.
 *
 * @param context as the caller gave it
 * @returns the same with every default
 */
export function resolveContext(context: PayloadContext): DecodeSettings {
  return {
    path: context.path,
    lookup: context.lookup,
    nowSeconds: context.nowSeconds,
    rootPath: context.rootPath === '/' ? undefined : context.rootPath,
    leniency: resolveLeniency(context.leniency),
    limits: resolveLimits(context.limits),
  };
}

/**
 * Fills in the leniencies that are not named.
 *
 * @param leniency those that differ from the default
 * @returns all of them
 */
export function resolveLeniency(leniency: Partial<Leniency> | undefined): Leniency {
  return leniency === undefined ? lenient : { ...lenient, ...leniency };
}

/**
 * Fills in the limits that are not named.
 *
 * @param limits those that differ from the default
 * @returns all of them
 */
export function resolveLimits(limits: Partial<DecodeLimits> | undefined): DecodeLimits {
  return limits === undefined ? defaultDecodeLimits : { ...defaultDecodeLimits, ...limits };
}
