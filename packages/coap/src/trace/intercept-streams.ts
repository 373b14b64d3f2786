import { DecodeError } from '@motestack/bytes';
import { datagramOfMessage, type FrameLimits, FrameReader } from '../connection/frame-reader.ts';
import type { PeerId } from '../effects.ts';
import type { Clock } from '../platform/clock.ts';
import type { StreamTransport } from '../platform/stream-transport.ts';
import { decodeMessage, EMPTY_CODE, EXTENDED_TOKEN_LENGTH_MAX } from '../wire/index.ts';
import type { Interceptor } from './interceptor.ts';

/** The endpoint has limits of its own: what it takes, an onlooker can read. */
const ANY: FrameLimits = { messageBytesMax: 0xffff_ffff, tokenBytesMax: EXTENDED_TOKEN_LENGTH_MAX };

/**
 * Lets interceptors see what goes through connections, signaling included. Requests look Confirmable and all else
 * Non-confirmable, with message ID 0: there is no such thing over connections. What interceptors throw is thrown away.
 *
 * @param transport carries the connections
 * @param interceptors see the messages, in this order
 * @param clock says when
 * @returns the transport for the endpoint; without interceptors `transport` itself
 * @example
 * const transport = interceptStreams(webSocketTransport(socket), [tracePrinter(console.log)], clock);
 */
export function interceptStreams(
  transport: StreamTransport,
  interceptors: readonly Interceptor[] | undefined,
  clock: Pick<Clock, 'now'>,
): StreamTransport {
  if (interceptors === undefined || interceptors.length === 0) return transport;
  const readers = new Map<PeerId, FrameReader>();
  const tell = (run: (interceptor: Interceptor) => void): void => {
    for (const interceptor of interceptors) {
      try {
        run(interceptor);
      } catch {
        // The interceptor's own affair.
      }
    }
  };
  const see = (way: 'incoming' | 'outgoing', peer: PeerId, chunk: Uint8Array): void => {
    const seen = { peer, at: clock.now(), isRepeated: false };
    const show = (datagram: Uint8Array): boolean => {
      if (datagram[1] === EMPTY_CODE) return true;
      const message = decodeMessage(datagram, { extendedTokens: true });
      tell((each) => each[way]?.(message, { ...seen, byteLength: datagram.length - 2 }));
      return true;
    };
    try {
      // What is sent is whole; what comes is as the network cut it.
      const reader = way === 'outgoing' ? new FrameReader(ANY) : readers.get(peer);
      if (transport.framing === 'message') show(datagramOfMessage(chunk, ANY));
      else reader?.read(chunk, show);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      // The endpoint ends this connection: nothing that comes can be read on.
      readers.delete(peer);
      tell((each) => each.malformed?.(error, { ...seen, byteLength: chunk.length }));
    }
  };
  return {
    framing: transport.framing,
    localUrl: transport.localUrl,
    remote: transport.remote,
    identityOf: (peer) => transport.identityOf?.(peer),
    hostOf: (peer) => transport.hostOf?.(peer),
    open(receiver) {
      transport.open({
        connected(peer) {
          readers.set(peer, new FrameReader(ANY));
          receiver.connected(peer);
        },
        bytes(peer, chunk) {
          see('incoming', peer, chunk);
          receiver.bytes(peer, chunk);
        },
        disconnected(peer, cause) {
          readers.delete(peer);
          receiver.disconnected(peer, cause);
        },
        closed: (cause) => receiver.closed(cause),
      });
    },
    send(peer, bytes) {
      see('outgoing', peer, bytes);
      transport.send(peer, bytes);
    },
    disconnect(peer, advice) {
      readers.delete(peer);
      transport.disconnect(peer, advice);
    },
    connect: () => transport.connect?.(),
    close: () => transport.close(),
  };
}
