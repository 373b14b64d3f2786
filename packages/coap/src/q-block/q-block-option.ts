import { firstValue } from '../block/block-option.ts';
import { BERT_SZX, type Block, decodeBlock, encodeBlock, type Option, OptionNumber } from '../wire/index.ts';

/** Either of the two options. */
export type QBlockOptionNumber = typeof OptionNumber.QBlock1 | typeof OptionNumber.QBlock2;

/** What the Q-Block options of a message say. */
export interface QBlocks {
  /** Q-Block1, where there is one. */
  readonly block1: Block | undefined;
  /** All Q-Block2, in the order of the message. */
  readonly blocks2: readonly Block[];
}

const { QBlock1, QBlock2, Block1, Block2 } = OptionNumber;

/**
 * Reads the Q-Block options of a message.
 *
 * @returns `undefined`: there is none; `wrong`: they are not to be accepted: too long, of a reserved size, Q-Block1 more
 *   than once, or beside Block1 or Block2
 * @see RFC 9177 §4.1, §4.2
 */
export function qBlocksOf(options: readonly Option[]): QBlocks | 'wrong' | undefined {
  let block1: Block | undefined;
  const blocks2: Block[] = [];
  let isWrong = false;
  for (const { number, value } of options) {
    if (number !== QBlock1 && number !== QBlock2) continue;
    if (value.length > 3) return 'wrong';
    const block = decodeBlock(value);
    if (block.szx === BERT_SZX || (number === QBlock1 && block1 !== undefined)) isWrong = true;
    if (number === QBlock1) block1 = block;
    else blocks2.push(block);
  }
  if (block1 === undefined && blocks2.length === 0) return undefined;
  // "there MUST NOT be a mix of Q-Block and Block options in the same packet" (RFC 9177 §4.1).
  const isMixed = firstValue(options, Block1) !== undefined || firstValue(options, Block2) !== undefined;
  return isWrong || isMixed ? 'wrong' : { block1, blocks2 };
}

/** Makes a Q-Block option. */
export function qBlockOption(number: QBlockOptionNumber, block: Block): Option {
  return { number, value: encodeBlock(block) };
}

/**
 * Which blocks of a body Q-Block2 options ask for: "the server MUST only send back one instance of that block".
 *
 * @param maxPayloads MAX_PAYLOADS
 * @param blockCount how many blocks the body has
 * @returns ascending, each once; `undefined`: the numbers do not ascend, which gets 4.00
 * @see RFC 9177 §4.4
 */
export function wantedBlocks(
  asked: readonly Block[],
  maxPayloads: number,
  blockCount: number,
): readonly number[] | undefined {
  const wanted = new Set<number>();
  let previous = -1;
  for (const { blockNumber, more } of asked) {
    if (blockNumber <= previous) return undefined;
    previous = blockNumber;
    const setEnd = (Math.floor(blockNumber / maxPayloads) + 1) * maxPayloads;
    // With M: all of the body, or what is left of the set.
    const end = more ? (blockNumber === 0 ? blockCount : setEnd) : blockNumber + 1;
    for (let number = blockNumber; number < Math.min(end, blockCount); number++) wanted.add(number);
  }
  return [...wanted].sort((left, right) => left - right);
}

/** Whether a request asks for a body as a whole. */
export function asksForAll(asked: readonly Block[]): boolean {
  const [first] = asked;
  return first === undefined || (asked.length === 1 && first.blockNumber === 0 && first.more);
}

/** Whether a request says that all before came, and the next set may: the 'Continue' Q-Block2 (RFC 9177 §4.4). */
export function isContinue(asked: readonly Block[], maxPayloads: number): boolean {
  const [first] = asked;
  return asked.length === 1 && first?.more === true && first.blockNumber > 0 && first.blockNumber % maxPayloads === 0;
}
