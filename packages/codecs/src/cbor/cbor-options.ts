import type { CborReader } from './cbor-reader.ts';
import type { CborValue } from './cbor-value.ts';

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

/**
 * Reads the content of a tag from 0 to 5: `numberTags` is one.
 *
 * @param reader behind the head of the tag
 * @param tag 0 to 5
 * @param start where the tag begins, for errors
 */
export type CborTagReader = (reader: CborReader, tag: number, start: number) => CborValue;

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
  /** `numberTags` applies tags 0 to 5; without it they become a `CborTag`, as every other tag does. */
  readonly tags?: CborTagReader | undefined;
  /** A float that is a whole number becomes a `CborFloat`, so that it is told from an integer. Default false. */
  readonly keepFloats?: boolean | undefined;
}
