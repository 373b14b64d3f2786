import type { EndpointDriver, TakeBytes } from './endpoint/endpoint-driver.ts';
import type { DatagramReceiver, DatagramTransport } from './platform/transport.ts';

/** What opens a transport of datagrams for a driver: `take` gets what comes. */
export function openDatagrams(
  transport: DatagramTransport,
  take: TakeBytes,
): (driver: EndpointDriver, ends: Pick<DatagramReceiver, 'unreachable' | 'closed'>) => void {
  const isOwned = transport.givesBytesAway === true;
  return (driver, ends) =>
    transport.open({ ...ends, datagram: (peer, bytes) => driver.handleBytes(peer, bytes, take, isOwned) });
}
