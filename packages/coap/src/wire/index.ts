export {
  BERT_SZX,
  BLOCK_NUMBER_MAX,
  type Block,
  blockOffset,
  blockUnitBytes,
  decodeBlock,
  encodeBlock,
  nextBlockNumber,
} from './block.ts';
export { type CheckedOptions, checkOptions } from './check-options.ts';
export {
  codeClass,
  EMPTY_CODE,
  formatCode,
  isRequestCode,
  isResponseCode,
  Method,
  parseCode,
  ResponseCode,
  SignalingCode,
} from './code.ts';
export { ContentFormat } from './content-format.ts';
export { type DecodeMessageOptions, decodeMessage, OPTION_COUNT_MAX } from './decode-message.ts';
export { DecodedMessage } from './decoded-message.ts';
export { type EncodeMessageOptions, encodedLengthMax, encodeMessage, encodeMessageInto } from './encode-message.ts';
export {
  type DecodeFrameOptions,
  decodeFrame,
  decodeWebSocketMessage,
  encodeFrame,
  encodeWebSocketMessage,
  FRAME_LENGTH_MAX,
  type Frame,
} from './frame.ts';
export { type Message, MessageType, type Option, type ReliableMessage } from './message.ts';
export { isNewerNotification, type NotificationOrder, OBSERVE_SEQUENCE_MAX, ObserveRequest } from './observe.ts';
export {
  encodeEmptyOption,
  encodeStringOption,
  encodeUintOption,
  hasOption,
  opaqueOption,
  opaqueOptions,
  stringOption,
  stringOptions,
  uintOption,
  type WithOptions,
} from './option-access.ts';
export {
  type OptionDefinition,
  type OptionDescription,
  OptionFormat,
  optionDefinition,
  optionDefinitions,
} from './option-definition.ts';
export { isCritical, isNoCacheKey, isUnsafe, OptionNumber } from './option-number.ts';
export { rejectionOf } from './rejection-of.ts';
export {
  BASE_MESSAGE_SIZE,
  type Capabilities,
  readCapabilities,
  SignalingOption,
  signalingOption,
} from './signaling.ts';
export { EXTENDED_TOKEN_LENGTH_MAX, TOKEN_LENGTH_MAX } from './token-length.ts';
export { decodeUint, encodeUint } from './uint.ts';
export {
  type CoapDestination,
  type CoapScheme,
  type CoapUri,
  DEFAULT_PORTS,
  formatCoapUri,
  parseCoapUri,
} from './uri.ts';
