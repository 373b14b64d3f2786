import { DecodeError } from '@motestack/bytes';
import { decodeUint, encodeUint } from './uint.ts';

/**
 * The value of a Block1 or Block2 option.
 *
 * @see RFC 7959 §2.2
 */
export interface Block {
  /** NUM: which block, counted in blocks of this size from 0; up to 1048575. */
  readonly blockNumber: number;
  /** M: whether more blocks follow. */
  readonly more: boolean;
  /** SZX: 0 to 6 stand for 16 to 1024 bytes; 7, which only reliable transports know, for several blocks of 1024. */
  readonly szx: number;
}

/** The highest NUM (RFC 7959 §2.2). */
export const BLOCK_NUMBER_MAX = 0xfffff;

/** The SZX of BERT: several blocks of 1024 bytes in one message. Reserved on UDP (RFC 7959 §2.2; RFC 8323 §6). */
export const BERT_SZX = 7;

const OPTION_LENGTH_MAX = 3;
const LARGEST_SZX = 6;

/**
 * Reads the value of a block option.
 *
 * @param value up to three bytes
 * @throws {DecodeError} `too-long`
 * @see RFC 7959 §2.2
 */
export function decodeBlock(value: Uint8Array): Block {
  if (value.length > OPTION_LENGTH_MAX) {
    throw new DecodeError('too-long', { offset: OPTION_LENGTH_MAX, section: 'RFC 7959 §2.2' });
  }
  const uint = decodeUint(value);
  return { blockNumber: uint >>> 4, more: (uint & 0b1000) !== 0, szx: uint & 0b111 };
}

/**
 * Writes the value of a block option.
 *
 * @param block what it is to say
 * @returns up to three bytes
 * @throws {RangeError} a number or a size that the option cannot say
 * @see RFC 7959 §2.2
 */
export function encodeBlock({ blockNumber, more, szx }: Block): Uint8Array {
  if (!Number.isInteger(blockNumber) || blockNumber < 0 || blockNumber > BLOCK_NUMBER_MAX) {
    throw new RangeError(`a block number is an integer from 0 to ${BLOCK_NUMBER_MAX}`);
  }
  if (!Number.isInteger(szx) || szx < 0 || szx > BERT_SZX) throw new RangeError('SZX is an integer from 0 to 7');
  return encodeUint((blockNumber << 4) | (more ? 0b1000 : 0) | szx);
}

/**
 * The unit in which block numbers count.
 *
 * @param szx 0 to 7
 * @returns bytes: 16 to 1024; 1024 for BERT too
 * @see RFC 7959 §2.2; RFC 8323 §6
 */
export function blockUnitBytes(szx: number): number {
  return 2 ** (Math.min(szx, LARGEST_SZX) + 4);
}

/**
 * Where a block begins.
 *
 * @param block its number and size
 * @returns bytes from the start of the body
 * @see RFC 7959 §2.2
 */
export function blockOffset({ blockNumber, szx }: Pick<Block, 'blockNumber' | 'szx'>): number {
  return blockNumber * blockUnitBytes(szx);
}

/**
 * The number of the block that follows, in units of a size that may have become smaller meanwhile.
 *
 * @param block the block that was transferred
 * @param payloadBytes how many bytes it had
 * @param szx the size of the next block; without it, that of `block`
 * @returns NUM of the next block, not checked against {@link BLOCK_NUMBER_MAX}
 * @throws {RangeError} the next block would not begin at a multiple of its size
 * @see RFC 7959 §2.4, §2.5; RFC 8323 §6
 */
export function nextBlockNumber(block: Block, payloadBytes: number, szx: number = block.szx): number {
  const next = (blockOffset(block) + payloadBytes) / blockUnitBytes(szx);
  if (!Number.isInteger(next)) throw new RangeError('a block begins at a multiple of its size');
  return next;
}
