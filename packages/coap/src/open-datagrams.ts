import type { EndpointDriver, TakeBytes } from './endpoint/endpoint-driver.ts';
import type { DatagramReceiver, DatagramTransport } from './platform/transport.ts';

/** Opens a transport of datagrams: `take` gets what comes. */
export function openDatagrams(
  transport: DatagramTransport,
  driver: EndpointDriver,
  take: TakeBytes,
  ends: Pick<DatagramReceiver, 'unreachable' | 'closed'>,
): void {
  transport.open({ ...ends, datagram: (peer, bytes) => driver.handleBytes(peer, bytes, take) });
}
