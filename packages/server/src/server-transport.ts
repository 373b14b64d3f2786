import {
  type Clock,
  CoapEndpoint,
  CoapStreamEndpoint,
  type DatagramTransport,
  type EndpointParameters,
  type Logger,
  type ObservationKeeper,
  type PeerId,
  type RandomSource,
  type RequestHandler,
  type RequestHead,
  type StreamTransport,
} from '@motestack/coap';

/**
 * Where devices come in: datagrams (UDP, DTLS) or connections (TCP, TLS, WebSocket). Whoever brings a modem or a broker writes one of
 * the two: a `DatagramTransport` moves whole CoAP messages, in RFC 7252's format, between the server and peers that it names as
 * it likes (an MSISDN for SMS, a device's address on a LoRaWAN network or at an MQTT broker), and a `StreamTransport` bytes of
 * connections. `identityOf` says who a peer has proved to be. The core does the rest: retransmission, blocks, registrations,
 * observations. A slow network wants other times: `coap: { ackTimeoutMs: 20_000 }`.
 */
export type ServerTransport = DatagramTransport | StreamTransport;

/** What an endpoint of a server is opened with. */
export interface ServerEndpointOptions {
  /** Carries its messages. */
  readonly transport: ServerTransport;
  /** Time. */
  readonly clock: Clock;
  /** Makes tokens. */
  readonly random: RandomSource;
  /** How messages are timed and bounded. */
  readonly parameters: Partial<EndpointParameters>;
  /** Takes what an operator may want to read. */
  readonly logger: Logger | undefined;
  /** Answers requests. */
  readonly handler: RequestHandler;
  /** Which requests' bodies go to the handler as they come. */
  readonly streamRequestBody?: ((head: RequestHead) => boolean) | undefined;
  /** Keeps observations that are handed over to it. */
  readonly keeper?: ObservationKeeper | undefined;
  /** Told of a connection that is no more. */
  readonly onDisconnected?: ((peer: PeerId) => void) | undefined;
}

/** Opens an endpoint over datagrams or over connections. */
export function openServerEndpoint({ transport, onDisconnected, ...options }: ServerEndpointOptions): CoapEndpoint {
  if (!('framing' in transport)) return new CoapEndpoint({ ...options, transport });
  return new CoapStreamEndpoint({ ...options, transport: watched(transport, onDisconnected ?? (() => {})) });
}

/** A transport whose owner is told of connections that end, after the endpoint. */
function watched(transport: StreamTransport, onDisconnected: (peer: PeerId) => void): StreamTransport {
  return {
    framing: transport.framing,
    localUrl: transport.localUrl,
    remote: transport.remote,
    identityOf: (peer) => transport.identityOf?.(peer),
    open: (receiver) =>
      transport.open({
        connected: (peer) => receiver.connected(peer),
        bytes: (peer, chunk) => receiver.bytes(peer, chunk),
        disconnected: (peer, cause) => {
          receiver.disconnected(peer, cause);
          onDisconnected(peer);
        },
        closed: (cause) => receiver.closed(cause),
      }),
    send: (peer, bytes) => transport.send(peer, bytes),
    disconnect: (peer, advice) => {
      // The endpoint ends it by itself, and is not told of it.
      transport.disconnect(peer, advice);
      onDisconnected(peer);
    },
    connect: () => transport.connect?.(),
    close: () => transport.close(),
  };
}
