import { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
import { addDecimals, addValues } from './decimal.ts';
import {
  ABSOLUTE_TIME_LEAST,
  type PackMode,
  type ResolvedRecord,
  SENML_VERSION,
  type SenmlRecord,
  type SenmlValue,
} from './senml-record.ts';

const SECTION = 'RFC 8428 §4';
const GENERAL_NAME = /^[A-Za-z0-9][A-Za-z0-9:./_-]*$/;
const LWM2M_NAME = /^[A-Za-z0-9/][A-Za-z0-9:./_-]*$/;
const NAMES = { rfc8428: GENERAL_NAME, lwm2m: LWM2M_NAME, unchecked: undefined } as const;

/** How packs are resolved. */
export interface ResolveOptions {
  /** `senml` unless said. */
  readonly mode?: PackMode | undefined;
  /** Seconds since 1970: makes relative times absolute. Without it they stay as they are. */
  readonly nowSeconds?: number | undefined;
  /**
   * `rfc8428` demands a letter or digit first; `lwm2m`, the default, takes names that begin with `/` too; `unchecked` is for
   * callers that read the names themselves.
   */
  readonly names?: 'rfc8428' | 'lwm2m' | 'unchecked' | undefined;
}

/** Applies base fields to the records of one pack, one after the other. */
export class PackResolver {
  readonly #mode: PackMode;
  readonly #nowSeconds: number | undefined;
  readonly #namePattern: RegExp | undefined;
  #version: number | undefined;
  #baseName = '';
  #baseTime: number | undefined;
  #baseUnit: string | undefined;
  #baseValue: number | bigint | undefined;
  #baseSum: number | bigint | undefined;

  /** @param options how to resolve */
  constructor(options: ResolveOptions = {}) {
    this.#mode = options.mode ?? 'senml';
    this.#nowSeconds = options.nowSeconds;
    this.#namePattern = NAMES[options.names ?? 'lwm2m'];
  }

  /**
   * Resolves the next record.
   *
   * @param record as it was read
   * @param offset where it begins, for errors
   * @returns the resolved record; `undefined` for one that only sets base fields
   * @throws {DecodeError} `missing` (no name, or no value and no sum), `bad-value` (a name with characters that no name
   *   has, a field that the mode does not have, a version unlike the first record's), `unknown-version`
   * @see RFC 8428 §4.6; RFC 8790 §3.1, §3.2 (Fetch and Patch Packs)
   */
  resolve(record: SenmlRecord, offset: number): ResolvedRecord | undefined {
    if (this.#mode === 'fetch') checkFetchRecord(record, offset);
    this.#applyBase(record, offset);
    if (this.#mode !== 'fetch' && onlyBase(record)) {
      if (record.baseName === undefined && !hasOtherBase(record)) throw error('missing', offset);
      return undefined;
    }
    const name = record.name === undefined ? this.#baseName : this.#baseName + record.name;
    if (name === '') throw error('missing', offset);
    if (this.#namePattern?.test(name) === false) throw error('bad-value', offset);
    const sum = this.#sumOf(record);
    const value = this.#valueOf(record);
    if (value === undefined && sum === undefined && this.#mode !== 'fetch') throw error('missing', offset);
    if (value === null && this.#mode !== 'patch') throw error('bad-type', offset);
    const unit = record.unit ?? this.#baseUnit;
    return { name, unit, value, sum, time: this.#timeOf(record), updateTime: record.updateTime };
  }

  /**
   * Takes a record to which nothing but the base name and the base unit is to be applied.
   *
   * @param record as it was read
   * @returns the base name; `undefined` for any other record, which is for {@link resolve}
   */
  baseNameIfPlain(record: SenmlRecord): string | undefined {
    if ((this.#baseTime ?? this.#baseValue ?? this.#baseSum ?? record.sum) !== undefined) return undefined;
    if (hasOtherBase(record)) return undefined;
    if (record.baseName !== undefined) this.#baseName = record.baseName;
    // What `#applyBase` takes from a record that says nothing of the version.
    this.#version ??= SENML_VERSION;
    return this.#baseName;
  }

  #applyBase(record: SenmlRecord, offset: number): void {
    const version = record.baseVersion;
    if (version !== undefined && version > SENML_VERSION) throw error('unknown-version', offset);
    // All records have one version: the first one's, which is 10 if it says nothing (RFC 8428 §4.4).
    this.#version ??= version ?? SENML_VERSION;
    if (version !== undefined && version !== this.#version) throw error('bad-value', offset);
    if (record.baseName !== undefined) this.#baseName = record.baseName;
    if (record.baseTime !== undefined) this.#baseTime = record.baseTime;
    if (record.baseUnit !== undefined) this.#baseUnit = record.baseUnit;
    if (record.baseValue !== undefined) this.#baseValue = record.baseValue;
    if (record.baseSum !== undefined) this.#baseSum = record.baseSum;
  }

  /** "If the Base Value or Value is not present, the missing field(s) is considered to have a value of zero" (§4.5.4). */
  #valueOf({ value, sum }: SenmlRecord): SenmlValue | null | undefined {
    const base = this.#baseValue;
    if (base === undefined || this.#mode === 'fetch') return value;
    if (typeof value === 'number' || typeof value === 'bigint') return addValues(base, value);
    return value === undefined && sum === undefined ? base : value;
  }

  #sumOf({ sum }: SenmlRecord): number | bigint | undefined {
    if (this.#baseSum === undefined) return sum;
    return sum === undefined ? this.#baseSum : addValues(this.#baseSum, sum);
  }

  #timeOf({ time }: SenmlRecord): number | undefined {
    if (time === undefined && this.#baseTime === undefined) return undefined;
    const total = addDecimals(this.#baseTime ?? 0, time ?? 0);
    if (total >= ABSOLUTE_TIME_LEAST || this.#nowSeconds === undefined) return total;
    return addDecimals(this.#nowSeconds, total);
  }
}

/**
 * Resolves the records of a pack: each gets its whole name, its time, unit, value and sum.
 *
 * @param records as they were written
 * @param options how to resolve
 * @returns the resolved records in the order of the pack; records that only set base fields are not among them
 * @throws {DecodeError} as {@link PackResolver.resolve}; its offset is the index of the record
 * @see RFC 8428 §4.6
 */
export function resolveRecords(records: readonly SenmlRecord[], options?: ResolveOptions): ResolvedRecord[] {
  const resolver = new PackResolver(options);
  const resolved: ResolvedRecord[] = [];
  for (const [index, record] of records.entries()) {
    const one = resolver.resolve(record, index);
    if (one !== undefined) resolved.push(one);
  }
  return resolved;
}

/** "Fetch Records MUST NOT contain other fields than name, base name, time, base time, unit, and base unit" (RFC 8790 §3.1). */
function checkFetchRecord(record: SenmlRecord, offset: number): void {
  if (
    record.value !== undefined ||
    record.sum !== undefined ||
    record.baseVersion !== undefined ||
    record.baseValue !== undefined ||
    record.baseSum !== undefined ||
    record.updateTime !== undefined
  ) {
    throw new DecodeError('bad-value', { offset, section: 'RFC 8790 §3.1' });
  }
}

function onlyBase(record: SenmlRecord): boolean {
  return (
    record.name === undefined &&
    record.value === undefined &&
    record.sum === undefined &&
    record.time === undefined &&
    record.unit === undefined &&
    record.updateTime === undefined
  );
}

function hasOtherBase(record: SenmlRecord): boolean {
  return (
    record.baseTime !== undefined ||
    record.baseUnit !== undefined ||
    record.baseValue !== undefined ||
    record.baseSum !== undefined ||
    record.baseVersion !== undefined
  );
}

function error(code: DecodeErrorCode, offset: number): DecodeError {
  return new DecodeError(code, { offset, section: SECTION });
}
