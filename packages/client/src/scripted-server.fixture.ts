import {
  type CoapAnswer,
  CoapEndpoint,
  type CoapRequest,
  type CoapResponse,
  formatCode,
  parseCode,
} from '@motestack/coap';
import { Device, Temperature } from '@motestack/objects';
import { SimulatedNetwork, type SimulatedNetworkOptions } from '@motestack/testkit';
import type { LwM2mError, RegistrationError } from './index.ts';
import { LwM2mClient, type PortableClientOptions } from './index.ts';

/** Where the scripted server is. */
const SERVER_ADDRESS = '10.0.0.1:5683';

/** One request that the server got, as text: `POST /rd?ep=… body`. */
export interface SeenRequest {
  readonly at: number;
  readonly from: string;
  readonly line: string;
}

/** A server that does what a test says: it accepts everything unless told otherwise. */
export class ScriptedServer {
  readonly endpoint: CoapEndpoint;
  readonly seen: SeenRequest[] = [];
  /** The peer that registered last. */
  device = '';
  /** Answers instead of acceptance; `undefined` for the usual answer. */
  script: (request: CoapRequest, line: string) => CoapAnswer | undefined = () => undefined;
  #registrations = 0;

  constructor(network: SimulatedNetwork, address: string = SERVER_ADDRESS) {
    this.endpoint = new CoapEndpoint({
      transport: network.transport(address),
      clock: network.clock,
      random: network.randomSource,
      handler: (request) => this.#answer(request, network.clock.now()),
    });
  }

  /** The requests as text. */
  get lines(): readonly string[] {
    return this.seen.map(({ line }) => line);
  }

  /** Sends a request to the device that registered last. */
  ask(
    method: CoapRequest['method'],
    path: string,
    rest: Partial<Parameters<CoapEndpoint['request']>[1]> = {},
  ): Promise<CoapResponse> {
    return this.endpoint.request(this.device, { method, path: path.slice(1).split('/'), ...rest });
  }

  /** The code of the answer to a request. */
  async code(...request: Parameters<ScriptedServer['ask']>): Promise<string> {
    return formatCode((await this.ask(...request)).code);
  }

  /** The payload of the answer to a GET as text. */
  async read(path: string): Promise<string> {
    return text((await this.ask('GET', path, { accept: 0 })).payload);
  }

  /** Writes a resource as text; the code of the answer. */
  write(path: string, value: string): Promise<string> {
    return this.code('PUT', path, { contentFormat: 0, payload: new TextEncoder().encode(value) });
  }

  #answer(request: CoapRequest, at: number): CoapAnswer {
    const query = request.query.length === 0 ? '' : `?${request.query.join('&')}`;
    const body = request.payload.length === 0 ? '' : ` ${text(request.payload)}`;
    const line = `${request.method} /${request.path.join('/')}${query}${body}`;
    this.seen.push({ at, from: request.peer, line });
    const scripted = this.script(request, line);
    if (scripted !== undefined) return scripted;
    if (request.method === 'DELETE') return { code: parseCode('2.02') };
    if (request.path.length > 1 || request.path[0] === 'dp') return { code: parseCode('2.04') };
    this.device = request.peer;
    this.#registrations += 1;
    return { code: parseCode('2.01'), locationPath: ['rd', 'the place', String(this.#registrations)] };
  }
}

/** A network, a server, a client and what the client told. */
export class Scene {
  readonly network: SimulatedNetwork;
  readonly server: ScriptedServer;
  readonly told: string[] = [];
  readonly errors: LwM2mError[] = [];
  client: LwM2mClient | undefined;
  #port = 1_000;

  constructor(options: SimulatedNetworkOptions = { seed: 1 }) {
    this.network = new SimulatedNetwork(options);
    this.server = new ScriptedServer(this.network);
  }

  /** Starts a client; the network has not run yet. */
  async start(options: Partial<PortableClientOptions> = {}): Promise<LwM2mClient> {
    const client = await LwM2mClient.start({
      endpoint: 'thermometer',
      server: { uri: 'coap://server', lifetimeSeconds: 300 },
      objects: [
        Device.instance({ manufacturer: 'Acme', reboot: () => undefined }),
        Temperature.instance({ sensorValue: 21.5 }),
      ],
      connect: async (_uri, candidate) =>
        candidate === 0 ? this.network.transport(`10.0.0.2:${this.#port++}`, { remote: SERVER_ADDRESS }) : undefined,
      clock: this.network.clock,
      random: this.network.randomSource,
      ...options,
    });
    client.on('registered', ({ location }) => void this.told.push(`registered ${location}`));
    client.on('updated', () => void this.told.push('updated'));
    client.on('state', (state) => void this.told.push(state));
    client.on('error', (error) => void this.errors.push(error));
    this.client = client;
    return client;
  }

  /** Starts a client and lets it register. */
  async registered(options: Partial<PortableClientOptions> = {}): Promise<LwM2mClient> {
    const client = await this.start(options);
    await this.network.settle(client.registered());
    return client;
  }

  /** The errors that are of the registration, as `Update 4.04, attempt 1, in 0 s`. */
  get failures(): readonly string[] {
    return this.errors.map((error) => {
      const { operation, code, responseCode, attempt, retryInMs } = error as RegistrationError;
      return `${operation} ${responseCode ?? code}, attempt ${attempt}, in ${Math.round(retryInMs / 1_000)} s`;
    });
  }
}

/** Bytes as text. */
export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
