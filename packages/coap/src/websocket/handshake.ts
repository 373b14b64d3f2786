import { encodeUtf8 } from '@motestack/bytes';
import { formatBase64 } from './base64.ts';
import type { HttpHead } from './http-head.ts';
import { sha1 } from './sha1.ts';

/** Where the WebSocket endpoint of a CoAP server is (RFC 8323 §8.3). */
export const COAP_WEBSOCKET_PATH = '/.well-known/coap';
/** The subprotocol of CoAP (RFC 8323 §4.1). */
export const COAP_SUBPROTOCOL = 'coap';

const KEY_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const KEY = /^[A-Za-z0-9+/]{22}==$/;
/** What may stand in a header without breaking out of it. */
const SAFE_VALUE = /^[\x21-\x7e]+$/;

/** What a client asks with. */
export interface HandshakeRequest {
  /** Host and, unless it is the default, port. */
  readonly host: string;
  /** Sixteen random bytes in base64. */
  readonly key: string;
  /** Default: {@link COAP_WEBSOCKET_PATH}. */
  readonly path?: string | undefined;
  /** More headers: Authorization, Cookie. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** What a server looks at. */
export interface HandshakePolicy {
  /** Default: {@link COAP_WEBSOCKET_PATH}. */
  readonly path?: string | undefined;
  /**
   * Whether a page of this origin may connect; browsers send it, others do not. Default: any. Against pages of others
   * in the browsers of its users a server has nothing else (RFC 6455 §10.2).
   */
  readonly allowsOrigin?: ((origin: string) => boolean) | undefined;
}

/** What a server makes of a request: its answer, and whether the connection is a WebSocket from here on. */
export interface HandshakeAnswer {
  /** The whole answer. */
  readonly bytes: Uint8Array;
  /** `undefined`: accepted; else why not. */
  readonly refusal: string | undefined;
  /** The Host header: the default of Uri-Host (RFC 8323 §8.5). */
  readonly host: string | undefined;
}

/** The value that proves that the key was seen (RFC 6455 §4.2.2). */
export function acceptValueOf(key: string): string {
  return formatBase64(sha1(encodeUtf8(key + KEY_SUFFIX)));
}

/**
 * Writes the request of a client.
 *
 * @throws {TypeError} a host, path or header that does not fit a line
 * @see RFC 6455 §4.1; RFC 8323 §4.1
 */
export function encodeHandshakeRequest(request: HandshakeRequest): Uint8Array {
  const { host, key, path = COAP_WEBSOCKET_PATH, headers = {} } = request;
  if (!SAFE_VALUE.test(host) || !SAFE_VALUE.test(path)) throw new TypeError('a host and a path are visible ASCII');
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${COAP_SUBPROTOCOL}`,
    'Sec-WebSocket-Version: 13',
  ];
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[A-Za-z0-9-]+$/.test(name) || !/^[\x20-\x7e]*$/.test(value)) throw new TypeError(`not a header: ${name}`);
    lines.push(`${name}: ${value}`);
  }
  return encodeUtf8(`${lines.join('\r\n')}\r\n\r\n`);
}

/**
 * What is wrong with the answer of a server.
 *
 * @returns `undefined`: nothing
 * @see RFC 6455 §4.1
 */
export function refusalOfAnswer(head: HttpHead, key: string): string | undefined {
  const [, status] = /^HTTP\/1\.1 (\d{3})(?: .*)?$/.exec(head.startLine) ?? [];
  if (status !== '101') return `the server answered ${status ?? 'something that is no HTTP/1.1'}`;
  if (head.headers.get('upgrade')?.toLowerCase() !== 'websocket') return 'the server does not upgrade to websocket';
  if (!tokensOf(head, 'connection').includes('upgrade')) return 'the server does not upgrade the connection';
  if (head.headers.get('sec-websocket-accept') !== acceptValueOf(key)) return 'the Sec-WebSocket-Accept is not ours';
  // "MUST fail the WebSocket connection" for an extension that was not asked for: none was (§4.1).
  if (head.headers.has('sec-websocket-extensions')) return 'the server uses an extension that was not asked for';
  if (head.headers.get('sec-websocket-protocol') !== COAP_SUBPROTOCOL) return 'the server does not speak coap';
  return undefined;
}

/**
 * Answers the request of a client.
 *
 * @see RFC 6455 §4.2; RFC 8323 §4.1
 */
export function answerHandshake(head: HttpHead, policy: HandshakePolicy = {}): HandshakeAnswer {
  const host = head.headers.get('host');
  const refuse = (status: string, refusal: string, ...more: string[]): HandshakeAnswer => {
    const lines = [`HTTP/1.1 ${status}`, ...more, 'Connection: close', 'Content-Length: 0'];
    return { bytes: encodeUtf8(`${lines.join('\r\n')}\r\n\r\n`), refusal, host };
  };
  const [, path] = /^GET (\S+) HTTP\/1\.1$/.exec(head.startLine) ?? [];
  if (path === undefined) return refuse('400 Bad Request', 'not a GET of HTTP/1.1');
  if (path !== (policy.path ?? COAP_WEBSOCKET_PATH)) return refuse('404 Not Found', 'another path');
  if (host === undefined) return refuse('400 Bad Request', 'no Host');
  if (!tokensOf(head, 'upgrade').includes('websocket') || !tokensOf(head, 'connection').includes('upgrade')) {
    return refuse('426 Upgrade Required', 'no upgrade to websocket', 'Upgrade: websocket');
  }
  if (head.headers.get('sec-websocket-version') !== '13') {
    return refuse('426 Upgrade Required', 'another version of WebSocket', 'Sec-WebSocket-Version: 13');
  }
  const key = head.headers.get('sec-websocket-key') ?? '';
  if (!KEY.test(key)) return refuse('400 Bad Request', 'no key of 16 bytes');
  // Without the subprotocol the peer would not speak CoAP (RFC 8323 §4.1). Names of subprotocols are compared as they are.
  if (!listOf(head, 'sec-websocket-protocol').includes(COAP_SUBPROTOCOL)) {
    return refuse('400 Bad Request', 'the subprotocol coap is not among those offered');
  }
  const origin = head.headers.get('origin');
  if (origin !== undefined && policy.allowsOrigin?.(origin) === false) {
    return refuse('403 Forbidden', `the origin ${origin} is not allowed`);
  }
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${acceptValueOf(key)}`,
    `Sec-WebSocket-Protocol: ${COAP_SUBPROTOCOL}`,
  ];
  return { bytes: encodeUtf8(`${lines.join('\r\n')}\r\n\r\n`), refusal: undefined, host };
}

function listOf(head: HttpHead, name: string): string[] {
  return (head.headers.get(name) ?? '').split(',').map((part) => part.trim());
}

/** Lists of tokens without case: Connection, Upgrade. */
function tokensOf(head: HttpHead, name: string): string[] {
  return listOf(head, name).map((token) => token.toLowerCase());
}
