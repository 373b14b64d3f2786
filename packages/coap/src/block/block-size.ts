import { BERT_SZX, blockUnitBytes } from '../wire/index.ts';

/** How a body is cut. */
export interface BlockSize {
  /** 0 to 7. */
  readonly szx: number;
  /** How many bytes a block has: what SZX stands for; of BERT (7) a multiple of 1024. */
  readonly bytes: number;
  /** A body of so many bytes goes in one message, uncut. */
  readonly wholeBytesMax: number;
}

/** What a peer said of the messages that it takes, over a reliable transport (RFC 8323 §5.3). */
export interface BlockLimits {
  /** Max-Message-Size: the longest message, in bytes. */
  readonly maxMessageBytes: number;
  /** Whether it said that it knows block-wise transfer. */
  readonly isBlockWise: boolean;
}

/** Blocks of one unit each. */
export function plainBlocks(szx: number): BlockSize {
  const bytes = blockUnitBytes(szx);
  return { szx, bytes, wholeBytesMax: bytes };
}

/** The smaller of a size and one that the peer prefers; 7 and 6 are of the same unit, and 6 is the smaller. */
export function smallerBlocks(size: BlockSize, preferredSzx: number): BlockSize {
  return preferredSzx >= size.szx ? size : plainBlocks(preferredSzx);
}

/**
 * Whether a block that is not the last has the length that its option says: "the payload is always a multiple of 1024
 * bytes" for BERT.
 *
 * @see RFC 7959 §2.3; RFC 8323 §6
 */
export function isWholeBlock(szx: number, payloadBytes: number): boolean {
  const unit = blockUnitBytes(szx);
  return szx === BERT_SZX ? payloadBytes > 0 && payloadBytes % unit === 0 : payloadBytes === unit;
}

/** The room for header and options beside the body in a message that is as long as the peer takes. */
const OVERHEAD_BYTES = 256;
/** So many units a BERT message has at most: a longer one keeps all others on its connection waiting. */
const BERT_UNITS_MAX = 64;
/** "If … greater than 1152 …, the Block-Wise-Transfer Option also indicates support for BERT" (RFC 8323 §5.3.2). */
const BERT_ABOVE_MESSAGE_BYTES = 1152;

/**
 * How bodies are cut for a peer.
 *
 * @param blockSzx the size that is preferred
 * @param limits those of the peer; `undefined` over datagrams
 * @see RFC 8323 §6
 */
export function blocksFor(blockSzx: number, limits: BlockLimits | undefined): BlockSize {
  if (limits === undefined) return plainBlocks(blockSzx);
  const { maxMessageBytes, isBlockWise } = limits;
  if (!isBlockWise) {
    // "the peer has no information about whether block-wise transfers are supported" (RFC 8323 §5.3.2): whole messages
    // as far as they fit, else blocks. go-coap knows them without a word.
    const blocks = fittingBlocks(blockSzx, maxMessageBytes);
    return { ...blocks, wholeBytesMax: Math.max(blocks.bytes, maxMessageBytes - OVERHEAD_BYTES) };
  }
  const units = Math.floor((maxMessageBytes - OVERHEAD_BYTES) / blockUnitBytes(BERT_SZX));
  const isBert = blockSzx === 6 && maxMessageBytes > BERT_ABOVE_MESSAGE_BYTES;
  if (!isBert) return fittingBlocks(blockSzx, maxMessageBytes);
  const bytes = Math.min(Math.max(units, 1), BERT_UNITS_MAX) * blockUnitBytes(BERT_SZX);
  return { szx: BERT_SZX, bytes, wholeBytesMax: bytes };
}

/** What a message has room for beside a block: 1152 bytes take one of 1024 (RFC 7252 §4.6). */
const BLOCK_OVERHEAD_BYTES = 128;

/** Blocks of the size that is preferred, or of the largest that fits what the peer takes. */
function fittingBlocks(blockSzx: number, maxMessageBytes: number): BlockSize {
  let szx = blockSzx;
  while (szx > 0 && blockUnitBytes(szx) + BLOCK_OVERHEAD_BYTES > maxMessageBytes) szx--;
  return plainBlocks(szx);
}
