import { channel } from 'node:diagnostics_channel';
import type { DatagramTransport, ServerCredentials } from '@motestack/coap';
import { nodeClock, nodeRandom, openUdp } from '@motestack/coap/node';
import { LwM2mServer } from '../lwm2m-server.ts';
import type { DiagnosticsEvent, DiagnosticsListener, ServerOptions } from '../server-options.ts';
import { dtlsSources, openDtlsOn } from './dtls-sources.ts';

/** What a server takes on Node, Bun and Deno. */
export interface NodeServerOptions extends ServerOptions {
  /**
   * Where to listen: `coap://[::]:5683` is every address, IPv4 and IPv6; without a port it is 5683, and port 0 takes a free one,
   * which `server.urls` tells. With `coaps://[::]:5684` devices come over DTLS, with what `security` knows of them.
   */
  readonly urls: readonly string[];
  /** What the server shows to devices that prove themselves by keys or certificates; without it there are pre-shared keys. */
  readonly credentials?: ServerCredentials | undefined;
}

/**
 * Opens sockets and starts a server on them.
 *
 * @throws {TypeError} for a URL that is none, of a scheme other than `coap` and `coaps`, or of `coaps` without `security`
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
 * @throws {TypeError} for a URL that is none, or of `coaps` without `security`
 * @throws {Error} the system's, if an address cannot be had
 */
export async function openTransports(
  options: Pick<NodeServerOptions, 'urls' | 'security' | 'credentials'>,
  calledFrom: Error,
): Promise<DatagramTransport[]> {
  const transports: DatagramTransport[] = [];
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
  options: Pick<NodeServerOptions, 'security' | 'credentials'>,
): Promise<DatagramTransport> {
  const { security, credentials } = options;
  if (address.scheme === 'coap') return openUdp(address);
  if (security === undefined) throw new TypeError('coaps needs security: who would be let in?');
  const sources = dtlsSources(security, credentials);
  return openDtlsOn(await openUdp(address), sources);
}

/** The system makes its errors far from the line that asked; that line is what an engineer looks for. */
function framesOf({ stack = '' }: Error): string {
  const frames = stack.indexOf('\n    at ');
  return frames < 0 ? '' : stack.slice(frames);
}

type ListenAddress = ReturnType<typeof parseListenUrl>;

/**
 * Reads where to listen.
 *
 * @returns a host name or address, without brackets, and a port
 * @throws {TypeError} for anything but `coap://host` and `coaps://host` with or without a port
 * @see RFC 7252 §6.1
 */
export function parseListenUrl(text: string): {
  readonly scheme: 'coap' | 'coaps';
  readonly host: string;
  readonly port: number;
} {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const scheme = url?.protocol.slice(0, -1);
  if (url === undefined || (scheme !== 'coap' && scheme !== 'coaps') || url.hostname === '') {
    throw new TypeError(`a server listens at coap://host:port or coaps://host:port, not at ${JSON.stringify(text)}`);
  }
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new TypeError(`a server listens at a host and port alone, not at ${JSON.stringify(text)}`);
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  return { scheme, host, port: url.port === '' ? PORTS[scheme] : Number(url.port) };
}

/** The default ports (RFC 7252 §6.1, §6.2). */
const PORTS = { coap: 5683, coaps: 5684 } as const;

const channels = {
  registered: channel('motestack:lwm2m-server:registered'),
  updated: channel('motestack:lwm2m-server:updated'),
  deregistered: channel('motestack:lwm2m-server:deregistered'),
  disconnected: channel('motestack:lwm2m-server:disconnected'),
  request: channel('motestack:lwm2m-server:request'),
  error: channel('motestack:lwm2m-server:error'),
} satisfies Record<DiagnosticsEvent, { publish(message: Parameters<DiagnosticsListener>[1]): void }>;
