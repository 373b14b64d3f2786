import { copyOf } from '../copy-of.ts';
import type { DtlsRecord } from '../wire/index.ts';

/** How much is kept. */
export interface EarlyLimits {
  /** Records. */
  readonly earlyRecordsMax: number;
  /** Their bytes. */
  readonly earlyBytesMax: number;
}

/**
 * Keeps copies of what came too early: protected records before their keys, and data before the end of the handshake.
 * What is beyond the limits is dropped, as if it had been lost.
 */
export class EarlyRecords {
  readonly #limits: EarlyLimits;
  #records: DtlsRecord[] = [];
  #data: Uint8Array[] = [];
  #bytes = 0;

  constructor(limits: EarlyLimits) {
    this.#limits = limits;
  }

  /**
   * Keeps a record that cannot be opened yet.
   *
   * @returns whether there was room
   */
  keepRecord(record: DtlsRecord): boolean {
    if (!this.#hasRoom(record.fragment.length)) return false;
    this.#records.push({ ...record, connectionId: copyOf(record.connectionId), fragment: copyOf(record.fragment) });
    return true;
  }

  /** Keeps data that cannot be told yet. */
  keepData(bytes: Uint8Array): void {
    if (this.#hasRoom(bytes.length)) this.#data.push(copyOf(bytes));
  }

  /** Gives out the records, once. */
  takeRecords(): readonly DtlsRecord[] {
    const records = this.#records;
    this.#records = [];
    this.#bytes = 0;
    return records;
  }

  /** Gives out the data, once. */
  takeData(): readonly Uint8Array[] {
    const data = this.#data;
    this.#data = [];
    return data;
  }

  /** Forgets all. */
  clear(): void {
    for (const bytes of this.#data) bytes.fill(0);
    this.#records = [];
    this.#data = [];
  }

  #hasRoom(bytes: number): boolean {
    const { earlyRecordsMax, earlyBytesMax } = this.#limits;
    if (this.#records.length + this.#data.length >= earlyRecordsMax || this.#bytes + bytes > earlyBytesMax)
      return false;
    this.#bytes += bytes;
    return true;
  }
}
