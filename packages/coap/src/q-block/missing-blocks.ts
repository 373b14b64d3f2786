import { ByteReader, ByteWriter, DecodeError } from '@motestack/bytes';
import { BLOCK_NUMBER_MAX } from '../wire/index.ts';

/** application/missing-blocks+cbor-seq (RFC 9177 §12.3). */
export const MISSING_BLOCKS_CONTENT_FORMAT = 272;

/** So many block numbers fit a datagram of 1152 bytes, and a bit more. */
export const MISSING_BLOCKS_MAX = 1024;

const SECTION = 'RFC 9177 §5';

/**
 * Writes which blocks of a request body are missing: a CBOR sequence of unsigned integers.
 *
 * @param blockNumbers one or more, ascending
 * @throws {RangeError} none, a number that no block has, or numbers out of order
 * @see RFC 9177 §5
 * @example
 * encodeMissingBlocks([1, 9, 300]); // 01 09 19012c
 */
export function encodeMissingBlocks(blockNumbers: readonly number[]): Uint8Array {
  if (blockNumbers.length === 0) throw new RangeError('one missing block or more');
  const writer = new ByteWriter(4 * blockNumbers.length);
  let previous = -1;
  for (const blockNumber of blockNumbers) {
    const isBlock = Number.isInteger(blockNumber) && blockNumber >= 0 && blockNumber <= BLOCK_NUMBER_MAX;
    if (!isBlock) throw new RangeError(`a block number is an integer from 0 to ${BLOCK_NUMBER_MAX}`);
    // "MUST be reported in ascending order without any duplicates".
    if (blockNumber <= previous) throw new RangeError('missing blocks are reported in ascending order');
    writeUint(writer, blockNumber);
    previous = blockNumber;
  }
  return writer.finish();
}

function writeUint(writer: ByteWriter, value: number): void {
  if (value < UINT8_FOLLOWS) writer.u8(value);
  else if (value <= 0xff) {
    writer.u8(UINT8_FOLLOWS);
    writer.u8(value);
  } else if (value <= 0xffff) {
    writer.u8(UINT16_FOLLOWS);
    writer.u16(value);
  } else {
    writer.u8(UINT32_FOLLOWS);
    writer.u32(value);
  }
}

/** The first byte of a CBOR unsigned integer whose value is in the bytes behind it (RFC 8949 §3.1). */
const UINT8_FOLLOWS = 24;
const UINT16_FOLLOWS = 25;
const UINT32_FOLLOWS = 26;

/**
 * Reads which blocks of a request body are missing.
 *
 * @returns ascending, each once: "the client MUST ignore any duplicates"
 * @throws {DecodeError} `missing` (no number), `truncated`, `bad-type` (no unsigned integer), `bad-value` (a number that
 *   no block has, or that is below the one before), `too-many` (more than `MISSING_BLOCKS_MAX`)
 * @see RFC 9177 §5
 */
export function decodeMissingBlocks(payload: Uint8Array): number[] {
  const reader = new ByteReader(payload, SECTION);
  if (reader.remaining === 0) throw reader.error('missing');
  const blockNumbers: number[] = [];
  while (reader.remaining > 0) {
    const start = reader.offset;
    const value = readUint(reader);
    const previous = blockNumbers.at(-1) ?? -1;
    if (value > BLOCK_NUMBER_MAX || value < previous) throw reader.error('bad-value', start);
    if (value === previous) continue;
    if (blockNumbers.length >= MISSING_BLOCKS_MAX) throw reader.error('too-many', start);
    blockNumbers.push(value);
  }
  return blockNumbers;
}

function readUint(reader: ByteReader): number {
  const start = reader.offset;
  const first = reader.u8();
  if (first < UINT8_FOLLOWS) return first;
  if (first === UINT8_FOLLOWS) return reader.u8();
  if (first === UINT16_FOLLOWS) return reader.u16();
  if (first === UINT32_FOLLOWS) return reader.u32();
  // 27 is an unsigned integer of eight bytes: no block has such a number.
  throw new DecodeError(first === UINT32_FOLLOWS + 1 ? 'bad-value' : 'bad-type', { offset: start, section: SECTION });
}
