import { DecodeError } from '@motestack/bytes';
import type { PeerId } from '../effects.ts';
import type { Clock } from '../platform/clock.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { decodeMessage, type Message } from '../wire/index.ts';
import type { InterceptedAbout, Interceptor } from './interceptor.ts';
import { Repeats } from './repeats.ts';

/**
 * Lets interceptors see what goes through a transport. What they throw is thrown away: to look on must not change
 * anything.
 *
 * @param transport carries the datagrams
 * @param interceptors see them, in this order
 * @param clock says when
 * @returns the transport for the endpoint; without interceptors `transport` itself
 * @example
 * const transport = interceptDatagrams(await openUdp(), [tracePrinter(console.log)], nodeClock);
 */
export function interceptDatagrams(
  transport: DatagramTransport,
  interceptors: readonly Interceptor[] | undefined,
  clock: Pick<Clock, 'now'>,
): DatagramTransport {
  if (interceptors === undefined || interceptors.length === 0) return transport;
  const incoming = new Repeats();
  const outgoing = new Repeats();
  const see = (way: 'incoming' | 'outgoing', peer: PeerId, bytes: Uint8Array): void => {
    const at = clock.now();
    const about = { peer, at, byteLength: bytes.length };
    let message: Message;
    try {
      message = decodeMessage(bytes, { extendedTokens: true });
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      const decodeError = error;
      tell(interceptors, (each) => each.malformed?.(decodeError, { ...about, isRepeated: false }));
      return;
    }
    const repeats = way === 'incoming' ? incoming : outgoing;
    const whole: InterceptedAbout = { ...about, isRepeated: repeats.note(peer, message, at) };
    tell(interceptors, (each) => each[way]?.(message, whole));
  };
  return {
    localUrl: transport.localUrl,
    remote: transport.remote,
    identityOf: (peer) => transport.identityOf?.(peer),
    open(receiver) {
      transport.open({
        datagram(peer, bytes) {
          see('incoming', peer, bytes);
          receiver.datagram(peer, bytes);
        },
        unreachable: (peer, cause) => receiver.unreachable(peer, cause),
        closed: (cause) => receiver.closed(cause),
      });
    },
    send(peer, bytes) {
      see('outgoing', peer, bytes);
      transport.send(peer, bytes);
    },
    close: () => transport.close(),
  };
}

function tell(interceptors: readonly Interceptor[], run: (interceptor: Interceptor) => void): void {
  for (const interceptor of interceptors) {
    try {
      run(interceptor);
    } catch {
      // The interceptor's own affair.
    }
  }
}
