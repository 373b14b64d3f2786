import { type Block, decodeBlock, decodeUint, encodeBlock, type Option, OptionNumber } from '../wire/index.ts';

/** One of the two options that say which block this is. */
export type BlockOptionNumber = typeof OptionNumber.Block1 | typeof OptionNumber.Block2;

/**
 * What a block option says.
 *
 * @param options checked: a block option has at most three bytes
 * @returns `undefined` where there is none
 */
export function blockOf(options: readonly Option[], optionNumber: BlockOptionNumber): Block | undefined {
  for (const { number, value } of options) if (number === optionNumber) return decodeBlock(value);
  return undefined;
}

/** Makes a block option. */
export function blockOption(number: BlockOptionNumber, block: Block): Option {
  return { number, value: encodeBlock(block) };
}

/**
 * The size of a body that a message announces.
 *
 * @returns bytes; `undefined` where it says nothing that counts: the options are elective (RFC 7959 §4)
 */
export function sizeOf(
  options: readonly Option[],
  optionNumber: typeof OptionNumber.Size1 | typeof OptionNumber.Size2,
): number | undefined {
  for (const { number, value } of options) {
    if (number === optionNumber && value.length <= SIZE_LENGTH_MAX) return decodeUint(value);
  }
  return undefined;
}

const SIZE_LENGTH_MAX = 4;

/** The value of the first option of a number. */
export function firstValue(options: readonly Option[], optionNumber: number): Uint8Array | undefined {
  return options.find(({ number }) => number === optionNumber)?.value;
}

/** All options but those of some numbers. */
export function withoutOptions(options: readonly Option[], ...numbers: readonly number[]): Option[] {
  return options.filter(({ number }) => !numbers.includes(number));
}

/** Whether somebody cuts the body himself: the options name a block. */
export function namesBlock(options: readonly Option[]): boolean {
  for (const { number } of options) if (number === OptionNumber.Block1 || number === OptionNumber.Block2) return true;
  return false;
}

/** Whether two option values are the same, or both absent. */
export function sameValue(left: Uint8Array | undefined, right: Uint8Array | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
