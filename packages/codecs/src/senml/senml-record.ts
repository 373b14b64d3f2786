import type { ObjectLink } from '@motestack/model';

/** The version that this library reads and writes (RFC 8428 §4.4). */
export const SENML_VERSION = 10;

/** Times below this are relative to now, from it on absolute (RFC 8428 §4.5.3). */
export const ABSOLUTE_TIME_LEAST: number = 2 ** 28;

/** The value of a record: its JavaScript type stands for the label, `v`, `vs`, `vb`, `vd` or LwM2M's `vlo`. */
export type SenmlValue = number | bigint | string | boolean | Uint8Array | ObjectLink;

/**
 * One record of a pack as it is written, base fields and all. The names are those of RFC 8428, table 1.
 *
 * @see RFC 8428 §4.3
 */
export interface SenmlRecord {
  /** `bn`: what the names of this record and the following begin with. */
  readonly baseName?: string | undefined;
  /** `bt`: added to the times of this record and the following, in seconds. */
  readonly baseTime?: number | undefined;
  /** `bu`: the unit where none is said. */
  readonly baseUnit?: string | undefined;
  /** `bv`: added to number values. */
  readonly baseValue?: number | bigint | undefined;
  /** `bs`: added to sums. */
  readonly baseSum?: number | bigint | undefined;
  /** `bver`: 10 if absent. */
  readonly baseVersion?: number | undefined;
  /** `n` */
  readonly name?: string | undefined;
  /** `u` */
  readonly unit?: string | undefined;
  /** `v`, `vs`, `vb`, `vd` or `vlo`; `null` removes a record, in Patch Packs alone (RFC 8790 §3.2). */
  readonly value?: SenmlValue | null | undefined;
  /**
   * The value is a float by its type, so that CBOR writes one even where it is whole. JSON has one notation for both, and
   * decoders leave this out.
   */
  readonly isFloat?: boolean | undefined;
  /** `s` */
  readonly sum?: number | bigint | undefined;
  /** `t`: in seconds. */
  readonly time?: number | undefined;
  /** `ut`: in seconds. */
  readonly updateTime?: number | undefined;
}

/** {@link SenmlRecord} while it is being read. Decoders fill one and the same again and again. */
export class SenmlRecordBuilder implements SenmlRecord {
  /** See {@link SenmlRecord.baseName}. */
  baseName: string | undefined = undefined;
  /** See {@link SenmlRecord.baseTime}. */
  baseTime: number | undefined = undefined;
  /** See {@link SenmlRecord.baseUnit}. */
  baseUnit: string | undefined = undefined;
  /** See {@link SenmlRecord.baseValue}. */
  baseValue: number | bigint | undefined = undefined;
  /** See {@link SenmlRecord.baseSum}. */
  baseSum: number | bigint | undefined = undefined;
  /** See {@link SenmlRecord.baseVersion}. */
  baseVersion: number | undefined = undefined;
  /** See {@link SenmlRecord.name}. */
  name: string | undefined = undefined;
  /** See {@link SenmlRecord.unit}. */
  unit: string | undefined = undefined;
  /** See {@link SenmlRecord.value}. */
  value: SenmlValue | null | undefined = undefined;
  /** See {@link SenmlRecord.sum}. */
  sum: number | bigint | undefined = undefined;
  /** See {@link SenmlRecord.time}. */
  time: number | undefined = undefined;
  /** See {@link SenmlRecord.updateTime}. */
  updateTime: number | undefined = undefined;

  /** Forgets every field. */
  reset(): void {
    this.baseName = undefined;
    this.baseTime = undefined;
    this.baseUnit = undefined;
    this.baseValue = undefined;
    this.baseSum = undefined;
    this.baseVersion = undefined;
    this.name = undefined;
    this.unit = undefined;
    this.value = undefined;
    this.sum = undefined;
    this.time = undefined;
    this.updateTime = undefined;
  }

  /** A copy of the fields that are there. */
  copy(): SenmlRecord {
    const copy: { -readonly [Field in keyof SenmlRecord]: SenmlRecord[Field] } = {};
    if (this.baseName !== undefined) copy.baseName = this.baseName;
    if (this.name !== undefined) copy.name = this.name;
    if (this.value !== undefined) copy.value = this.value;
    if (this.time !== undefined) copy.time = this.time;
    if (this.unit !== undefined) copy.unit = this.unit;
    if (this.sum !== undefined) copy.sum = this.sum;
    if (this.updateTime !== undefined) copy.updateTime = this.updateTime;
    if (this.baseTime !== undefined) copy.baseTime = this.baseTime;
    if (this.baseUnit !== undefined) copy.baseUnit = this.baseUnit;
    if (this.baseValue !== undefined) copy.baseValue = this.baseValue;
    if (this.baseSum !== undefined) copy.baseSum = this.baseSum;
    if (this.baseVersion !== undefined) copy.baseVersion = this.baseVersion;
    return copy;
  }
}

/** A record with the base fields applied. */
export interface ResolvedRecord {
  /** Base name and name, concatenated. */
  readonly name: string;
  /** The unit, from the record or the base. */
  readonly unit: string | undefined;
  /** The value, base value added. `undefined`: a sum alone, or a record of a Fetch Pack. `null`: see {@link SenmlRecord.value}. */
  readonly value: SenmlValue | null | undefined;
  /** The sum, base sum added. */
  readonly sum: number | bigint | undefined;
  /** Seconds since 1970; below 2^28 still relative to now, if now was not given. `undefined`: no time was said. */
  readonly time: number | undefined;
  /** `ut`, as it was sent. */
  readonly updateTime: number | undefined;
}

/** What a pack is for: values, the selection of a composite read, or the changes of a composite write (RFC 8790). */
export type PackMode = 'senml' | 'fetch' | 'patch';
