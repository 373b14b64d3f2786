import { isIP } from 'node:net';
import { type ClientCredentials, CoapStreamEndpoint, type StreamTransport } from '@motestack/coap';
import { openStreamClient } from '@motestack/coap/node';
import type { ConnectionWatcher, OpenEndpoint } from '../client-options.ts';
import { tlsCredentials } from './tls-credentials.ts';

/** A server that is to be connected to. */
export interface StreamDestination {
  readonly uri: string;
  readonly scheme: string;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly security: ClientCredentials | undefined;
}

/**
 * Makes a client's end of a connection over TCP, TLS or WebSocket, which is opened with what is sent first.
 *
 * @throws {TypeError} for credentials that TLS has no use for
 * @see RFC 8323 §8
 */
export async function openStream(destination: StreamDestination): Promise<OpenEndpoint> {
  const { uri, scheme, host, address, port, security } = destination;
  const isWebSocket = scheme.endsWith('+ws:');
  // HTTP names the host, and cannot be given another one; TCP and TLS go to the address that is this attempt's.
  const remote = isWebSocket ? uri : `${scheme}//${isIP(address) === 6 ? `[${address}]` : address}:${port}`;
  const tls = security === undefined ? {} : { tls: tlsCredentials(security, host) };
  const transport = await openStreamClient({ remote, ...tls });
  return (parts, watcher) => new CoapStreamEndpoint({ ...parts, transport: watched(transport, watcher) });
}

/** Tells when a connection that was there has ended by itself, and what goes over it. */
function watched(transport: StreamTransport, { lost, traffic }: ConnectionWatcher): StreamTransport {
  const open = transport.open.bind(transport);
  const send = transport.send.bind(transport);
  transport.send = (peer, bytes) => {
    traffic.sent(bytes.length);
    send(peer, bytes);
  };
  let isConnected = false;
  transport.open = (receiver) => {
    open({
      ...receiver,
      connected: (peer) => {
        isConnected = true;
        receiver.connected(peer);
      },
      bytes: (peer, chunk) => {
        traffic.received(chunk.length);
        receiver.bytes(peer, chunk);
      },
      disconnected: (peer, cause) => {
        const wasConnected = isConnected;
        isConnected = false;
        receiver.disconnected(peer, cause);
        if (wasConnected) lost();
      },
      closed: (cause) => receiver.closed(cause),
    });
  };
  return transport;
}
