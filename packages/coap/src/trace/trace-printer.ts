import { toHex } from '@motestack/bytes';
import type { Instant } from '../effects.ts';
import {
  codeClass,
  decodeBlock,
  decodeUint,
  EMPTY_CODE,
  formatCode,
  type Message,
  Method,
  OptionNumber,
  opaqueOption,
  opaqueOptions,
  ResponseCode,
} from '../wire/index.ts';
import type { InterceptedAbout, Interceptor } from './interceptor.ts';

const TYPES = ['CON', 'NON', 'ACK', 'RST'] as const;
const NAMES: ReadonlyMap<number, string> = new Map([
  ...Object.entries(Method).map(([name, code]): [number, string] => [
    code,
    name === 'IPatch' ? 'iPATCH' : name.toUpperCase(),
  ]),
  ...Object.entries(ResponseCode).map(([name, code]): [number, string] => [
    code,
    `${formatCode(code)} ${spaced(name)}`,
  ]),
  [EMPTY_CODE, 'Empty Message'],
]);
/** What an address takes up in most lines. */
const PEER_COLUMNS = 21;

/**
 * Writes a line for every message, in tshark's manner: seconds since the first one, direction, peer, length, type, message
 * ID, code, token, observe, blocks, path and query, format, length of the payload. What is in payloads is not written.
 *
 * @param write takes one line, without its end: `console.log`, say
 * @example
 * const client = await openCoapClient(url, { interceptors: [tracePrinter(console.log)] });
 * //  0.000000 → 127.0.0.1:5683        17 CON, MID:4711, GET, TKN:7afd0102, /temperature
 * //  0.001201 ← 127.0.0.1:5683        13 ACK, MID:4711, 2.05 Content, TKN:7afd0102, CT:0, 4 bytes
 */
export function tracePrinter(write: (line: string) => void): Interceptor {
  let firstAt: Instant | undefined;
  const print = (arrow: string, about: InterceptedAbout, text: string): void => {
    firstAt ??= about.at;
    const seconds = ((about.at - firstAt) / 1000).toFixed(6).padStart(9);
    const length = String(about.byteLength).padStart(4);
    const mark = about.isRepeated ? ' [Repeated]' : '';
    write(`${seconds} ${arrow} ${about.peer.padEnd(PEER_COLUMNS)} ${length} ${text}${mark}`);
  };
  return {
    incoming: (message, about) => print('←', about, formatMessage(message)),
    outgoing: (message, about) => print('→', about, formatMessage(message)),
    malformed: (error, about) => print('←', about, `Malformed: ${error.code} at byte ${error.offset}`),
  };
}

function formatMessage(message: Message): string {
  const { type, code, messageId, token, payload } = message;
  const parts = [TYPES[type], `MID:${messageId}`, NAMES.get(code) ?? formatCode(code)];
  if (token.length > 0) parts.push(`TKN:${toHex(token)}`);
  const add = (name: string, number: number, format: (value: Uint8Array) => string): void => {
    const value = opaqueOption(message, number);
    if (value !== undefined) parts.push(`${name}:${format(value)}`);
  };
  add('OBS', OptionNumber.Observe, formatUint);
  add('B1', OptionNumber.Block1, formatBlock);
  add('B2', OptionNumber.Block2, formatBlock);
  const uri = formatPath(message);
  if (uri !== '') parts.push(uri);
  add('CT', OptionNumber.ContentFormat, formatUint);
  if (payload.length > 0) parts.push(`${payload.length} bytes`);
  return parts.join(', ');
}

/** An integer; the first bytes of what is too long to be one of CoAP's. */
function formatUint(value: Uint8Array): string {
  return value.length > 4 ? `0x${toHex(value.subarray(0, 4))}…` : String(decodeUint(value));
}

/** Number, whether more follow, size: `2/1/1024` (RFC 7959 §2.2). */
function formatBlock(value: Uint8Array): string {
  if (value.length > 3) return formatUint(value);
  const { blockNumber, more, szx } = decodeBlock(value);
  return `${blockNumber}/${more ? 1 : 0}/${2 ** (szx + 4)}`;
}

/** The path and query of a request, and the location that a response names. */
function formatPath(message: Message): string {
  const isRequest = codeClass(message.code) === 0 && message.code !== EMPTY_CODE;
  const [path, query] = isRequest
    ? [OptionNumber.UriPath, OptionNumber.UriQuery]
    : [OptionNumber.LocationPath, OptionNumber.LocationQuery];
  const segments = opaqueOptions(message, path).map((segment) => `/${printable(segment)}`);
  const args = opaqueOptions(message, query).map(printable);
  const text = segments.join('') || (isRequest ? '/' : '');
  return args.length === 0 ? text : `${text}?${args.join('&')}`;
}

/** What came from outside writes no control characters to a terminal: they, and what is not ASCII, are percent-encoded. */
function printable(value: Uint8Array): string {
  let text = '';
  for (const byte of value) {
    const isPlain = byte > 0x20 && byte < 0x7f;
    text += isPlain ? String.fromCharCode(byte) : `%${toHex(Uint8Array.of(byte)).toUpperCase()}`;
  }
  return text;
}

/** `NotFound` is "Not Found". */
function spaced(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1 $2');
}
