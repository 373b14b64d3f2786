import { SignalingCode } from './code.ts';
import type { Option } from './message.ts';
import { uintOption } from './option-access.ts';
import { type OptionDescription, OptionFormat } from './option-definition.ts';
import { EXTENDED_TOKEN_LENGTH_MAX, TOKEN_LENGTH_MAX } from './token-length.ts';

/**
 * The options of signaling messages. Their numbers mean something else for every code.
 *
 * @see RFC 8323 §5.3 to §5.6; RFC 8974 §2.2.1
 */
export const SignalingOption = {
  /** Of 7.01 */
  MaxMessageSize: 2,
  /** Of 7.01 */
  BlockWiseTransfer: 4,
  /** Of 7.01 */
  ExtendedTokenLength: 6,
  /** Of 7.02 and 7.03 */
  Custody: 2,
  /** Of 7.04 */
  AlternativeAddress: 2,
  /** Of 7.04 */
  HoldOff: 4,
  /** Of 7.05 */
  BadCsmOption: 2,
} as const;

/** The size of a message that every peer accepts, with or without a CSM that says so (RFC 8323 §5.3.1). */
export const BASE_MESSAGE_SIZE = 1152;

const custody = describe('Custody', OptionFormat.Empty, [0, 0]);

const descriptions: Readonly<Record<number, Readonly<Record<number, OptionDescription>>>> = {
  [SignalingCode.Csm]: {
    [SignalingOption.MaxMessageSize]: describe('Max-Message-Size', OptionFormat.Uint, [0, 4]),
    [SignalingOption.BlockWiseTransfer]: describe('Block-Wise-Transfer', OptionFormat.Empty, [0, 0]),
    [SignalingOption.ExtendedTokenLength]: describe('Extended-Token-Length', OptionFormat.Uint, [0, 3]),
  },
  [SignalingCode.Ping]: { [SignalingOption.Custody]: custody },
  [SignalingCode.Pong]: { [SignalingOption.Custody]: custody },
  [SignalingCode.Release]: {
    [SignalingOption.AlternativeAddress]: {
      ...describe('Alternative-Address', OptionFormat.String, [1, 255]),
      repeatable: true,
    },
    [SignalingOption.HoldOff]: describe('Hold-Off', OptionFormat.Uint, [0, 3]),
  },
  [SignalingCode.Abort]: {
    [SignalingOption.BadCsmOption]: describe('Bad-CSM-Option', OptionFormat.Uint, [0, 2]),
  },
};

/**
 * What the registry says about an option of a signaling message.
 *
 * @param code the signaling code
 * @param optionNumber any number
 * @returns `undefined` for an option or code that this package does not know
 * @see RFC 8323 §11.2
 */
export function signalingOption(code: number, optionNumber: number): OptionDescription | undefined {
  return descriptions[code]?.[optionNumber];
}

/** What a peer can do, as its Capabilities and Settings Message says. */
export interface Capabilities {
  /** The largest message that it accepts, in bytes. */
  readonly messageSizeMax: number;
  /** Whether it knows block-wise transfers. */
  readonly blockWiseTransfer: boolean;
  /** Whether it accepts several blocks in one message. */
  readonly bert: boolean;
  /** The longest token that it accepts, in bytes. */
  readonly tokenLengthMax: number;
}

/**
 * Reads a Capabilities and Settings Message.
 *
 * @param options those of the message, checked; without any, what holds before one came
 * @see RFC 8323 §5.3.1, §5.3.2 (BERT); RFC 8974 §2.2.1
 */
export function readCapabilities(options: readonly Option[]): Capabilities {
  const messageSizeMax = uintOption({ options }, SignalingOption.MaxMessageSize) ?? BASE_MESSAGE_SIZE;
  const blockWiseTransfer = options.some(({ number }) => number === SignalingOption.BlockWiseTransfer);
  const tokenLengthMax = uintOption({ options }, SignalingOption.ExtendedTokenLength) ?? TOKEN_LENGTH_MAX;
  return {
    messageSizeMax,
    blockWiseTransfer,
    // BERT needs both: the option, and room for more than the base size (§5.3.2).
    bert: blockWiseTransfer && messageSizeMax > BASE_MESSAGE_SIZE,
    // A value below 8 is to be ignored, and none above 65804 may be sent (RFC 8974 §2.2.1).
    tokenLengthMax: Math.min(Math.max(tokenLengthMax, TOKEN_LENGTH_MAX), EXTENDED_TOKEN_LENGTH_MAX),
  };
}

function describe(
  name: string,
  format: OptionFormat,
  [lengthMin, lengthMax]: readonly [least: number, most: number],
): OptionDescription {
  return { name, format, lengthMin, lengthMax, repeatable: false };
}
