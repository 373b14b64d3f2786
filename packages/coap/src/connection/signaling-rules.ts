import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import {
  type CheckedOptions,
  checkOptions,
  type DecodedMessage,
  encodeUintOption,
  type Option,
  SignalingOption,
  signalingOption,
  stringOptions,
  TOKEN_LENGTH_MAX,
  uintOption,
} from '../wire/index.ts';
import type { ReleaseAdvice } from './connection-event.ts';
import type { ConnectionParameters } from './connection-parameters.ts';

/** So much of a diagnostic payload is kept or sent: it is for a log. */
const DIAGNOSTIC_BYTES_MAX = 256;
/** A Release with more addresses than this names them in vain. */
const ALTERNATIVE_ADDRESSES_MAX = 8;
const NOTHING = new Uint8Array(0);

/** The options of our CSM: only what differs from the base values (RFC 8323 §5.3). */
export function capabilityOptions(parameters: ConnectionParameters): Option[] {
  const { messageBytesMax, blockWiseTransfer, tokenBytesMax } = parameters;
  const options = [encodeUintOption(SignalingOption.MaxMessageSize, messageBytesMax)];
  if (blockWiseTransfer) options.push({ number: SignalingOption.BlockWiseTransfer, value: NOTHING });
  if (tokenBytesMax > TOKEN_LENGTH_MAX) {
    options.push(encodeUintOption(SignalingOption.ExtendedTokenLength, tokenBytesMax));
  }
  return options;
}

/** Tells the options of a signaling message that count from those that count as unknown (RFC 8323 §5.2). */
export function checkSignaling(message: DecodedMessage): CheckedOptions {
  return checkOptions(message.options, (number) => signalingOption(message.code, number));
}

/** What a Release asks for. */
export function releaseAdviceOf(options: readonly Option[], payload: Uint8Array): ReleaseAdvice {
  return {
    alternativeAddresses: readAddresses(options),
    holdOffSeconds: uintOption({ options }, SignalingOption.HoldOff),
    diagnostic: diagnosticText(payload),
  };
}

/** The text of a diagnostic payload; what is no UTF-8 is nothing that a log can hold (RFC 7252 §5.5.2). */
export function diagnosticText(payload: Uint8Array): string {
  try {
    return decodeUtf8(payload.length > DIAGNOSTIC_BYTES_MAX ? NOTHING : payload);
  } catch {
    return '';
  }
}

/** A diagnostic payload. */
export function diagnosticBytes(text: string): Uint8Array {
  const bytes = encodeUtf8(text);
  return bytes.length > DIAGNOSTIC_BYTES_MAX ? NOTHING : bytes;
}

/** Those that are text; an option that cannot be read is ignored, being elective. */
function readAddresses(options: readonly Option[]): string[] {
  try {
    return stringOptions({ options }, SignalingOption.AlternativeAddress).slice(0, ALTERNATIVE_ADDRESSES_MAX);
  } catch {
    return [];
  }
}
