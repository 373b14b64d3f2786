import { CoapEndpoint } from '../coap-endpoint.ts';
import type { ConnectionParameters } from '../connection/connection-parameters.ts';
import type { EndpointParameters } from '../endpoint/endpoint-parameters.ts';
import type { AmplificationLimit } from '../freshness/amplification-limit.ts';
import type { Logger } from '../platform/logger.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import type { RequestHandler, RequestHead } from '../server/coap-request.ts';
import { interceptDatagrams } from '../trace/intercept-datagrams.ts';
import type { Interceptor } from '../trace/interceptor.ts';
import { parseCoapUri } from '../wire/index.ts';
import { nodeClock } from './node-clock.ts';
import { nodeRandom } from './node-random.ts';
import type { StreamClientOptions, StreamServerOptions } from './open-stream.ts';
import { openUdp } from './open-udp.ts';
import type { StreamLimits } from './stream-limits.ts';

/** Where an endpoint listens, and whom it talks to. */
export interface OpenCoapEndpointOptions {
  /**
   * Where: `coap://host:port`, port 0 for any that is free. Default: any port of all interfaces, IPv6 and IPv4. With
   * `coap+tcp`, `coaps+tcp`, `coap+ws` or `coaps+ws` it accepts connections.
   */
  readonly url?: string | undefined;
  /** The one peer: with `coap://host:port` ICMP errors end requests at once; with the other schemes it is connected to. */
  readonly remote?: string | undefined;
  /**
   * Carries the datagrams instead of a UDP socket, such as one of `@motestack/dtls` for `coaps`; closed with the endpoint.
   * Default: what the URLs' scheme says.
   */
  readonly transport?: DatagramTransport | undefined;
  /** Answers requests; without one they get 4.04. */
  readonly handler?: RequestHandler | undefined;
  /** Which requests' bodies go to the handler as they come: `streamRequestBody` of a router. Default: none. */
  readonly streamRequestBody?: ((head: RequestHead) => boolean) | undefined;
  /** What differs from `defaultEndpointParameters`. */
  readonly parameters?: Partial<EndpointParameters> | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
  /**
   * For UDP: verifies the addresses of clients before their requests are handled, so that who forges an address gets at
   * most three times what he sent (RFC 9175 §2.6): `new AmplificationLimit({ mac: nodeMac() })`. Default: none is
   * verified, since many peers do not answer Echo.
   */
  readonly amplificationLimit?: AmplificationLimit | undefined;
  /** See every message in and out: `tracePrinter` of `@motestack/coap/trace` is one. */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /** For `coaps+tcp` and `coaps+ws`: keys and certificates; of a server with `url`, of a client with `remote`. */
  readonly tls?: StreamServerOptions['tls'] | StreamClientOptions['tls'];
  /** For `coap+ws` and `coaps+ws`. */
  readonly webSocket?: StreamServerOptions['webSocket'] | StreamClientOptions['webSocket'];
  /** For connections to `remote`: they are made at once, and again when they are lost. */
  readonly reconnect?: StreamClientOptions['reconnect'];
  /** For connections: what differs from `defaultStreamLimits`. */
  readonly limits?: Partial<StreamLimits> | undefined;
  /** For connections: what differs from `defaultConnectionParameters`. */
  readonly connectionParameters?: Partial<ConnectionParameters> | undefined;
}

/**
 * Opens a CoAP endpoint, over UDP or over connections: the scheme says which.
 *
 * @throws {TypeError} `coaps` without a `transport`, or a server and a client of connections in one
 * @throws {DecodeError} something that is no URL of CoAP
 * @throws {RangeError} a parameter that the RFCs forbid
 * @throws {Error} what the system answered, with its `code`, such as `EADDRINUSE`
 * @example
 * const server = await openCoapEndpoint({ url: 'coap+tcp://[::]:5683', handler });
 * const client = await openCoapEndpoint({ remote: 'coap+tcp://localhost', reconnect: true });
 */
export async function openCoapEndpoint(options: OpenCoapEndpointOptions = {}): Promise<CoapEndpoint> {
  const { handler, streamRequestBody, amplificationLimit, parameters, logger } = options;
  if (options.transport === undefined && isOverConnections(options)) {
    // Who stays with UDP does not load TCP, TLS and WebSocket.
    const { openStreamEndpoint } = await import('./open-stream-endpoint.ts');
    return openStreamEndpoint(options);
  }
  const transport = interceptDatagrams(
    options.transport ?? (await openSocket(options)),
    options.interceptors,
    nodeClock,
  );
  try {
    const clock = nodeClock;
    const serving = { handler, streamRequestBody, amplificationLimit };
    return new CoapEndpoint({ transport, clock, random: nodeRandom, ...serving, parameters, logger });
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function openSocket({ url, remote }: OpenCoapEndpointOptions): Promise<DatagramTransport> {
  const local = url === undefined ? undefined : parseDestination(url);
  return openUdp({
    host: local?.host,
    port: local?.port,
    remote: remote === undefined ? undefined : parseDestination(remote),
  });
}

function isOverConnections({ url, remote }: OpenCoapEndpointOptions): boolean {
  return [url, remote].some((text) => text !== undefined && parseCoapUri(text).scheme.includes('+'));
}

function parseDestination(url: string): { readonly host: string; readonly port: number } {
  const { scheme, host, port } = parseCoapUri(url);
  if (scheme !== 'coap') throw new TypeError(`${scheme}:// needs a transport: see @motestack/dtls`);
  return { host, port };
}
