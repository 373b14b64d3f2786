import { channel } from 'node:diagnostics_channel';
import type { DatagramTransport } from '@motestack/coap';
import { nodeClock, nodeRandom, openUdp } from '@motestack/coap/node';
import { LwM2mServer } from '../lwm2m-server.ts';
import type { DiagnosticsEvent, DiagnosticsListener, ServerOptions } from '../server-options.ts';

/** What a server takes on Node, Bun and Deno. */
export interface NodeServerOptions extends ServerOptions {
  /**
   * Where to listen: `coap://[::]:5683` is every address, IPv4 and IPv6; without a port it is 5683, and port 0 takes a free one,
   * which `server.urls` tells.
   */
  readonly urls: readonly string[];
}

/**
 * Opens sockets and starts a server on them.
 *
 * @throws {TypeError} for a URL that is none, or of a scheme other than `coap`
 * @throws {Error} the system's, if an address cannot be had; no socket stays open then
 */
export async function listen(options: NodeServerOptions): Promise<LwM2mServer> {
  const calledFrom = new Error('called from');
  const addresses = options.urls.map(parseListenUrl);
  const transports: DatagramTransport[] = [];
  try {
    for (const address of addresses) transports.push(await openUdp(address));
    return await LwM2mServer.listen({
      ...options,
      transports,
      clock: nodeClock,
      random: nodeRandom,
      diagnostics: (event, message) => {
        channels[event].publish(message);
        options.diagnostics?.(event, message);
      },
    });
  } catch (error) {
    await Promise.all(transports.map((transport) => transport.close()));
    if (error instanceof Error) error.stack = `${error.stack ?? error.message}${framesOf(calledFrom)}`;
    throw error;
  }
}

/** The system makes its errors far from the line that asked; that line is what an engineer looks for. */
function framesOf({ stack = '' }: Error): string {
  const frames = stack.indexOf('\n    at ');
  return frames < 0 ? '' : stack.slice(frames);
}

/**
 * Reads where to listen.
 *
 * @returns a host name or address, without brackets, and a port
 * @throws {TypeError} for anything but `coap://host` with or without a port
 * @see RFC 7252 §6.1
 */
export function parseListenUrl(text: string): { readonly host: string; readonly port: number } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'coap:' || url.hostname === '') {
    throw new TypeError(`a server listens at coap://host:port, not at ${JSON.stringify(text)}`);
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new TypeError(`a server listens at a host and port alone, not at ${JSON.stringify(text)}`);
  }
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port: url.port === '' ? COAP_PORT : Number(url.port) };
}

/** The default port of `coap` (RFC 7252 §6.1). */
const COAP_PORT = 5683;

const channels = {
  registered: channel('motestack:lwm2m-server:registered'),
  updated: channel('motestack:lwm2m-server:updated'),
  deregistered: channel('motestack:lwm2m-server:deregistered'),
  request: channel('motestack:lwm2m-server:request'),
  error: channel('motestack:lwm2m-server:error'),
} satisfies Record<DiagnosticsEvent, { publish(message: Parameters<DiagnosticsListener>[1]): void }>;
