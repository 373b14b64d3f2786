import { encodeUtf8 } from '@motestack/bytes';
import { type CoapAnswer, CoapEndpoint, type CoapRequest, ContentFormat, formatCode } from '@motestack/coap';
import { decodePayload } from '@motestack/codecs';
import { formatPath, objectLookup, pathFromSegments } from '@motestack/model';
import { AccessControl, Device, Security, Server } from '@motestack/objects';
import { SimulatedNetwork } from '@motestack/testkit';
import type { PortableBootstrapServerOptions } from './bootstrap-server-options.ts';
import { LwM2mBootstrapServer } from './lwm2m-bootstrap-server.ts';

export const BOOTSTRAP_ADDRESS = '10.0.0.9:5783';

const lookup = objectLookup([Security, Server, AccessControl, Device]);

/** A client that asks to be bootstrapped, does what it is told, and notes it. */
export class BootstrappedClient {
  /** `DELETE /0`, `PUT /0/1`, `POST bs`, in their order. */
  readonly steps: string[] = [];
  /** What was written, by path of the resource. */
  readonly written = new Map<string, unknown>();
  readonly formats = new Set<number | undefined>();
  /** Answers instead of the client, where it gives something. */
  instead: (request: CoapRequest) => CoapAnswer | Promise<CoapAnswer> | undefined = () => undefined;
  /** What Bootstrap-Discover of object 0 says. */
  security = '</>;lwm2m=1.1,</0/0>';
  readonly coap: CoapEndpoint;

  constructor(network: SimulatedNetwork, address: string) {
    this.coap = new CoapEndpoint({
      transport: network.transport(address, { remote: BOOTSTRAP_ADDRESS }),
      clock: network.clock,
      random: network.randomSource,
      handler: (request) => {
        this.steps.push(`${request.method} /${request.path.join('/')}`);
        return this.instead(request) ?? this.#obey(request);
      },
    });
  }

  /** Asks. @returns the code of the answer */
  async ask(query: string): Promise<string> {
    const response = await this.coap.request(BOOTSTRAP_ADDRESS, {
      method: 'POST',
      path: ['bs'],
      query: query === '' ? [] : query.split('&'),
    });
    return formatCode(response.code);
  }

  #obey(request: CoapRequest): CoapAnswer {
    if (request.method === 'DELETE') return { code: 0x42 };
    if (request.method === 'GET') {
      return { code: 0x45, contentFormat: ContentFormat.LinkFormat, payload: encodeUtf8(this.security) };
    }
    if (request.method === 'PUT') this.#write(request);
    return { code: 0x44 };
  }

  #write(request: CoapRequest): void {
    const { path, contentFormat = 0, payload } = request;
    this.formats.add(contentFormat);
    for (const node of decodePayload(contentFormat, payload, { path: pathFromSegments(path), lookup }))
      this.written.set(formatPath(node.path), node.value);
  }
}

/** A network, a bootstrap server in it that notes what it tells, and one client. */
export async function bootstrapStage(options: Partial<PortableBootstrapServerOptions>): Promise<{
  readonly network: SimulatedNetwork;
  readonly server: LwM2mBootstrapServer;
  readonly client: BootstrappedClient;
  readonly told: unknown[][];
}> {
  const network = new SimulatedNetwork({ seed: 11 });
  const server = await LwM2mBootstrapServer.listen({
    transports: [network.transport(BOOTSTRAP_ADDRESS)],
    clock: network.clock,
    random: network.randomSource,
    configuration: () => undefined,
    ...options,
  });
  const told: unknown[][] = [];
  for (const event of ['started', 'finished', 'failed', 'packed', 'error'] as const)
    server.on(event, (...args: unknown[]) => void told.push([event, ...args]));
  return { network, server, told, client: new BootstrappedClient(network, '10.0.0.2:5683') };
}
