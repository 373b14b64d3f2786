/** What a CBOR payload may make grow. Beyond it, a `DecodeError` with the code named here. */
export interface CborLimits {
  /** Bytes of a payload; `too-long`. */
  readonly payloadBytesMax: number;
  /** Data items of a payload, those within others counted too; `too-many`. */
  readonly itemsMax: number;
  /** Containers and tags within each other; `too-deep`. */
  readonly nestingMax: number;
}

/** The limits unless others are given: 32 MiB, a million items, 64 levels. */
export const defaultCborLimits: CborLimits = { payloadBytesMax: 2 ** 25, itemsMax: 1_000_000, nestingMax: 64 };

/** How CBOR is decoded. */
export interface DecodeCborOptions {
  /** Limits that differ from {@link defaultCborLimits}. */
  readonly limits?: Partial<CborLimits> | undefined;
  /** Maps whose keys are text become plain objects; maps with other keys stay `Map`. Default false. */
  readonly mapsAsObjects?: boolean | undefined;
  /**
   * `reject`, the default: `duplicate`; `last`: of two with one key the later counts. In a `Map` the keys 1 and 1.0 are the
   * same, unless `keepFloats` tells them apart.
   */
  readonly duplicateKeys?: 'reject' | 'last' | undefined;
  /** Every tag becomes a `CborTag`, tags 0 to 5 too. Default false. */
  readonly keepTags?: boolean | undefined;
  /** A float that is a whole number becomes a `CborFloat`, so that it is told from an integer. Default false. */
  readonly keepFloats?: boolean | undefined;
}
