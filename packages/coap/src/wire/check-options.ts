import type { Option } from './message.ts';
import { type OptionDescription, optionDefinition } from './option-definition.ts';
import { isCritical } from './option-number.ts';

/** What a receiver makes of a message's options. */
export interface CheckedOptions {
  /** The options to act on, ascending by number. Whatever elective option is not among them is to be ignored. */
  readonly recognized: readonly Option[];
  /** Numbers of the critical options that were not recognized: any of them forbids to process the message. */
  readonly unrecognizedCritical: readonly number[];
}

const NONE: readonly number[] = [];

/**
 * Tells the options that are to be acted on from those that count as unrecognized: unknown ones, those of a wrong
 * length, and further occurrences of one that may come once.
 *
 * @param options ascending by number
 * @param describe what the receiver understands; `undefined` for what it does not. Without it, every registered option.
 * @returns the same array where every option is recognized
 * @see RFC 7252 §5.4.1 (critical and elective), §5.4.3 (length), §5.4.5 (repeatable)
 */
export function checkOptions(
  options: readonly Option[],
  describe: (optionNumber: number) => OptionDescription | undefined = optionDefinition,
): CheckedOptions {
  if (areRecognized(options, describe)) return { recognized: options, unrecognizedCritical: NONE };
  const recognized: Option[] = [];
  const unrecognizedCritical: number[] = [];
  for (const [index, option] of options.entries()) {
    if (isRecognized(option, options[index - 1], describe(option.number))) recognized.push(option);
    else if (isCritical(option.number)) unrecognizedCritical.push(option.number);
  }
  return { recognized, unrecognizedCritical };
}

function areRecognized(
  options: readonly Option[],
  describe: (optionNumber: number) => OptionDescription | undefined,
): boolean {
  let previous: Option | undefined;
  for (const option of options) {
    if (!isRecognized(option, previous, describe(option.number))) return false;
    previous = option;
  }
  return true;
}

/** "Supernumerary" occurrences follow the first directly, since options ascend by number (RFC 7252 §5.4.5). */
function isRecognized(
  { number, value }: Option,
  previous: Option | undefined,
  description: OptionDescription | undefined,
): boolean {
  if (description === undefined) return false;
  if (value.length < description.lengthMin || value.length > description.lengthMax) return false;
  return description.repeatable || previous?.number !== number;
}
