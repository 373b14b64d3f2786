import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { type NetworkFaults, SimulatedNetwork, type SimulatedTransport } from '@motestack/testkit';
import { CoapEndpoint, type CoapEndpointOptions } from './coap-endpoint.ts';
import type { EndpointStats } from './endpoint/endpoint-stats.ts';
import type { RequestHandler } from './server/coap-request.ts';
import { decodeMessage } from './wire/index.ts';

export const SERVER = '10.0.0.1:5683';
export const CLIENT = '10.0.0.2:40000';

/** Two endpoints and the network between them. */
export interface Pair {
  readonly network: SimulatedNetwork;
  readonly server: CoapEndpoint;
  readonly client: CoapEndpoint;
  readonly serverTransport: SimulatedTransport;
  readonly clientTransport: SimulatedTransport;
  /** Every datagram that was sent, in words: who, type, code, message ID. */
  readonly seen: string[];
  /** What went to the log of both. */
  readonly log: string[];
}

/** A server and a client that is connected to it. */
export function pair(
  handler: RequestHandler | undefined,
  faults: NetworkFaults & { readonly seed?: number } = {},
  parameters: CoapEndpointOptions['parameters'] = {},
  streamRequestBody?: CoapEndpointOptions['streamRequestBody'],
): Pair {
  const network = new SimulatedNetwork({ seed: 1, ...faults });
  const log: string[] = [];
  const write = (fields: object, message: string) => log.push(`${message} ${'err' in fields ? fields.err : ''}`.trim());
  const endpoint = (transport: SimulatedTransport, withHandler: RequestHandler | undefined) =>
    new CoapEndpoint({
      transport,
      clock: network.clock,
      random: network.randomSource,
      handler: withHandler,
      streamRequestBody,
      parameters,
      logger: { error: write, warn: write },
    });
  const serverTransport = network.transport(SERVER);
  const clientTransport = network.transport(CLIENT, { remote: SERVER });
  const seen: string[] = [];
  network.tap(({ from, bytes, fate }) => {
    const { type, code, messageId } = decodeMessage(bytes);
    const what = `${['CON', 'NON', 'ACK', 'RST'][type]} ${code >>> 5}.${String(code & 31).padStart(2, '0')}`;
    seen.push(`${from === SERVER ? 'server' : 'client'} ${what} ${messageId}${fate === 'delivered' ? '' : ` ${fate}`}`);
  });
  return {
    network,
    server: endpoint(serverTransport, handler),
    client: endpoint(clientTransport, undefined),
    serverTransport,
    clientTransport,
    seen,
    log,
  };
}

export const text = (bytes: Uint8Array): string => decodeUtf8(bytes);
export const bytes = (value: string): Uint8Array => encodeUtf8(value);

/** Answers 2.05 with a text. */
export const content = (value: string) => ({ code: 0x45, payload: bytes(value) });

/** What must be 0 when nothing is under way. */
export function stateLeft(stats: EndpointStats): Partial<EndpointStats> {
  const { clientExchanges, serverExchanges, transmissions, observations, observers } = stats;
  const { peersKnown, silentPeers, duplicatesRemembered, duplicateBytes } = stats;
  const { transfers, assemblies, assemblyBytes, responseBodies, responseBodyBytes, requestStreams, answerStreams } =
    stats;
  return {
    clientExchanges,
    serverExchanges,
    transmissions,
    observations,
    observers,
    peersKnown,
    silentPeers,
    duplicatesRemembered,
    duplicateBytes,
    transfers,
    assemblies,
    assemblyBytes,
    responseBodies,
    responseBodyBytes,
    requestStreams,
    answerStreams,
  };
}

export const NO_STATE: Partial<EndpointStats> = {
  clientExchanges: 0,
  serverExchanges: 0,
  transmissions: 0,
  observations: 0,
  observers: 0,
  peersKnown: 0,
  silentPeers: 0,
  duplicatesRemembered: 0,
  duplicateBytes: 0,
  transfers: 0,
  assemblies: 0,
  assemblyBytes: 0,
  responseBodies: 0,
  responseBodyBytes: 0,
  requestStreams: 0,
  answerStreams: 0,
};
