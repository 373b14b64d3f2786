import { channel } from 'node:diagnostics_channel';
import type { ServerCredentials } from '@motestack/coap';
import { nodeClock, nodeRandom, openStreamServer, openUdp, type StreamServerOptions } from '@motestack/coap/node';
import { LwM2mServer } from '../lwm2m-server.ts';
import type { DiagnosticsEvent, DiagnosticsListener, ServerOptions } from '../server-options.ts';
import type { ServerTransport } from '../server-transport.ts';
import { dtlsSources, openDtlsOn } from './dtls-sources.ts';
import { type ListenAddress, parseListenUrl } from './parse-listen-url.ts';
import { tlsSources } from './tls-sources.ts';

/** What a server takes on Node, Bun and Deno. */
export interface NodeServerOptions extends ServerOptions {
  /**
   * Where to listen: `coap://[::]:5683` is every address, IPv4 and IPv6; without a port it is 5683, and port 0 takes a free one,
   * which `server.urls` tells. With `coaps://[::]:5684` devices come over DTLS, with what `security` knows of them; with `coap+tcp`,
   * `coaps+tcp`, `coap+ws` and `coaps+ws` over TCP, TLS and WebSocket.
   */
  readonly urls: readonly string[];
  /** What the server shows to devices that prove themselves by keys or certificates; without it there are pre-shared keys. */
  readonly credentials?: ServerCredentials | undefined;
  /**
   * Is told the secrets of every DTLS handshake, a line of `SSLKEYLOGFILE` each, for Wireshark: whoever reads them reads all that
   * devices and server say. Default: nobody is told.
   */
  readonly keyLog?: ((line: string) => void) | undefined;
  /** For `coap+ws` and `coaps+ws`: another path than `/.well-known/coap`, and which origins may connect. */
  readonly webSocket?: StreamServerOptions['webSocket'];
}

/**
 * Opens sockets and starts a server on them.
 *
 * @throws {TypeError} for a URL that is none, of another scheme than these, or of a secure one without `security`
 * @throws {Error} the system's, if an address cannot be had; no socket stays open then
 */
export async function listen(options: NodeServerOptions): Promise<LwM2mServer> {
  const calledFrom = new Error('called from');
  const transports = await openTransports(options, calledFrom);
  try {
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
    throw error;
  }
}

/**
 * Opens a socket for each URL, or none.
 *
 * @param calledFrom made where the user called: its frames follow those of an error
 * @throws {TypeError} for a URL that is none, or of a secure scheme without `security`
 * @throws {Error} the system's, if an address cannot be had
 */
export async function openTransports(
  options: Pick<NodeServerOptions, 'urls' | 'security' | 'credentials' | 'keyLog' | 'webSocket'>,
  calledFrom: Error,
): Promise<ServerTransport[]> {
  const transports: ServerTransport[] = [];
  try {
    for (const address of options.urls.map(parseListenUrl)) transports.push(await openTransport(address, options));
    return transports;
  } catch (error) {
    await Promise.all(transports.map((transport) => transport.close()));
    if (error instanceof Error) error.stack = `${error.stack ?? error.message}${framesOf(calledFrom)}`;
    throw error;
  }
}

async function openTransport(
  address: ListenAddress,
  options: Pick<NodeServerOptions, 'security' | 'credentials' | 'keyLog' | 'webSocket'>,
): Promise<ServerTransport> {
  const { scheme, host, port } = address;
  const { security, credentials, keyLog, webSocket } = options;
  if (scheme === 'coap') return openUdp(address);
  const isSecure = scheme.startsWith('coaps');
  if (isSecure && security === undefined) throw new TypeError(`${scheme} needs security: who would be let in?`);
  if (scheme === 'coaps' && security !== undefined) {
    const sources = dtlsSources(security, credentials);
    return openDtlsOn(await openUdp(address), sources, keyLog);
  }
  const tls = security === undefined ? undefined : tlsSources(security, credentials);
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return openStreamServer({ url, webSocket, ...(isSecure ? { tls } : {}) });
}

/** The system makes its errors far from the line that asked; that line is what an engineer looks for. */
function framesOf({ stack = '' }: Error): string {
  const frames = stack.indexOf('\n    at ');
  return frames < 0 ? '' : stack.slice(frames);
}

const channels = {
  registered: channel('motestack:lwm2m-server:registered'),
  updated: channel('motestack:lwm2m-server:updated'),
  deregistered: channel('motestack:lwm2m-server:deregistered'),
  disconnected: channel('motestack:lwm2m-server:disconnected'),
  awake: channel('motestack:lwm2m-server:awake'),
  asleep: channel('motestack:lwm2m-server:asleep'),
  request: channel('motestack:lwm2m-server:request'),
  error: channel('motestack:lwm2m-server:error'),
} satisfies Record<DiagnosticsEvent, { publish(message: Parameters<DiagnosticsListener>[1]): void }>;
