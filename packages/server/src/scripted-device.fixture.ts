import { encodeUtf8 } from '@motestack/bytes';
import {
  type CoapAnswer,
  CoapEndpoint,
  type CoapRequest,
  type CoapRequestInit,
  type CoapResponse,
  ContentFormat,
  formatCode,
  type ObserverRelation,
} from '@motestack/coap';
import { SimulatedNetwork } from '@motestack/testkit';
import { LwM2mServer } from './lwm2m-server.ts';
import type { PortableServerOptions } from './server-options.ts';

export const SERVER_ADDRESS = '10.0.0.1:5683';

/** A device that says what a test tells it to say, and notes what it is asked. */
export class ScriptedDevice {
  readonly requests: CoapRequest[] = [];
  readonly observers: ObserverRelation[] = [];
  /** Answers what the server asks. */
  answer: (request: CoapRequest) => CoapAnswer | Promise<CoapAnswer> = () => ({ code: 0x84 });
  readonly transport: ReturnType<SimulatedNetwork['transport']>;
  readonly coap: CoapEndpoint;
  location: readonly string[] = [];

  /** @param isRoaming whether it talks to other addresses than that of the server too */
  constructor(network: SimulatedNetwork, address: string, isRoaming = false) {
    this.transport = network.transport(address, isRoaming ? {} : { remote: SERVER_ADDRESS });
    this.coap = new CoapEndpoint({
      transport: this.transport,
      clock: network.clock,
      random: network.randomSource,
      handler: (request) => {
        this.requests.push(request);
        return this.answer(request);
      },
    });
  }

  /** Sends any request to the server. */
  send(init: CoapRequestInit): Promise<CoapResponse> {
    return this.coap.request(SERVER_ADDRESS, init);
  }

  /** Registers; `query` and `links` as they stand. */
  async register(query: string, links: string = '</1/0>,</3/0>,</3303/0>'): Promise<string> {
    const response = await this.send({
      method: 'POST',
      path: ['rd'],
      query: query === '' ? [] : query.split('&'),
      ...(links === '' ? {} : { contentFormat: ContentFormat.LinkFormat, payload: encodeUtf8(links) }),
    });
    this.location = response.locationPath;
    return formatCode(response.code);
  }

  /** Updates the registration. */
  async update(query: string = '', links: string = ''): Promise<string> {
    const response = await this.send({
      method: 'POST',
      path: this.location,
      query: query === '' ? [] : query.split('&'),
      ...(links === '' ? {} : { contentFormat: ContentFormat.LinkFormat, payload: encodeUtf8(links) }),
    });
    return formatCode(response.code);
  }

  /** Ends the registration. */
  async deregister(): Promise<string> {
    return formatCode((await this.send({ method: 'DELETE', path: this.location })).code);
  }

  /** Answers an Observe with a text and keeps the relation; anything else as a Read. */
  answerText(text: string): void {
    this.answer = (request) => {
      if (request.observe === 0) this.observers.push(request.acceptObserver());
      return textAnswer(text);
    };
  }
}

/** A value as plain text. */
export function textAnswer(text: string): CoapAnswer {
  return { code: 0x45, contentFormat: ContentFormat.TextPlain, payload: encodeUtf8(text) };
}

/** A server in a simulated network. */
export async function serverIn(
  network: SimulatedNetwork,
  options: Partial<PortableServerOptions> = {},
): Promise<LwM2mServer> {
  const { transports = [network.transport(SERVER_ADDRESS)] } = options;
  return await LwM2mServer.listen({ clock: network.clock, random: network.randomSource, ...options, transports });
}

/** A network, a server in it and one device. */
export async function stage(
  options: Partial<PortableServerOptions> = {},
): Promise<{ network: SimulatedNetwork; server: LwM2mServer; device: ScriptedDevice }> {
  const network = new SimulatedNetwork({ seed: 7 });
  const server = await serverIn(network, options);
  return { network, server, device: new ScriptedDevice(network, '10.0.0.2:5683') };
}
