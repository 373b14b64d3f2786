import { bindingModeOf } from '../registration/binding.ts';

/** The schemes that a server listens at by itself, with their default ports (RFC 7252 §6.1, §6.2; RFC 8323 §8). */
const PORTS = {
  coap: 5683,
  coaps: 5684,
  'coap+tcp': 5683,
  'coaps+tcp': 5684,
  'coap+ws': 80,
  'coaps+ws': 443,
} as const;

/** A scheme that a server listens at by itself. */
type ListenScheme = keyof typeof PORTS;

/** Where to listen. */
export interface ListenAddress {
  /** How. */
  readonly scheme: ListenScheme;
  /** A host name or address, without brackets. */
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
}

/**
 * Reads where to listen.
 *
 * @throws {TypeError} for anything but one of the schemes with a host, with or without a port; bindings that need a modem or a broker
 *   are named
 * @see RFC 7252 §6.1; RFC 8323 §8
 */
export function parseListenUrl(text: string): ListenAddress {
  const [, scheme = ''] = /^([a-z+]+):\/\//.exec(text) ?? [];
  const letter = LETTERS.get(scheme);
  if (letter !== undefined) {
    const mode = bindingModeOf(letter);
    throw new TypeError(
      `binding ${letter} (${mode}) needs a transport of yours: see ServerTransport, not ${shown(text)}`,
    );
  }
  // The platform's parser knows no schemes with ports of their own: it sees them as http.
  const rest = isListenScheme(scheme) ? text.slice(scheme.length) : '';
  const url = URL.canParse(`coap${rest}`) ? new URL(`coap${rest}`) : undefined;
  if (!isListenScheme(scheme) || url === undefined || url.hostname === '') {
    const known = Object.keys(PORTS).join(', ');
    throw new TypeError(`a server listens at scheme://host:port, by ${known}, not at ${shown(text)}`);
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new TypeError(`a server listens at a host and port alone, not at ${shown(text)}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { scheme, host, port: url.port === '' ? PORTS[scheme] : Number(url.port) };
}

function isListenScheme(scheme: string): scheme is ListenScheme {
  return Object.hasOwn(PORTS, scheme);
}

function shown(text: string): string {
  return JSON.stringify(text);
}

/** What somebody may try for the bindings that have no socket here (LwM2M Transport 1.2 §6.2). */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ['coap+sms', 'S'],
  ['coaps+sms', 'S'],
  ['tel', 'S'],
  ['coap+nidd', 'N'],
  ['coaps+nidd', 'N'],
  ['lorawan', 'N'],
  ['mqtt', 'M'],
  ['mqtts', 'M'],
  ['http', 'H'],
  ['https', 'H'],
]);
