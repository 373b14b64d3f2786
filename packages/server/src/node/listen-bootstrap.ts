import type { ServerCredentials } from '@motestack/coap';
import { nodeClock, nodeRandom } from '@motestack/coap/node';
import type { BootstrapServerOptions } from '../bootstrap/bootstrap-server-options.ts';
import { LwM2mBootstrapServer } from '../bootstrap/lwm2m-bootstrap-server.ts';
import { openTransports } from './listen.ts';

/** What a bootstrap server takes on Node, Bun and Deno. */
export interface NodeBootstrapServerOptions extends BootstrapServerOptions {
  /** Where to listen: `coap://[::]:5783`; port 0 takes a free one. With `coaps` clients come over DTLS, with what `security` knows. */
  readonly urls: readonly string[];
  /** What the server shows to clients that prove themselves by keys or certificates; without it there are pre-shared keys. */
  readonly credentials?: ServerCredentials | undefined;
}

/** Opens sockets and starts a bootstrap server on them; `LwM2mBootstrapServer.listen` of the node subpath. */
export async function listenBootstrap(options: NodeBootstrapServerOptions): Promise<LwM2mBootstrapServer> {
  const transports = await openTransports(options, new Error('called from'));
  try {
    return await LwM2mBootstrapServer.listen({ ...options, transports, clock: nodeClock, random: nodeRandom });
  } catch (error) {
    await Promise.all(transports.map((transport) => transport.close()));
    throw error;
  }
}
