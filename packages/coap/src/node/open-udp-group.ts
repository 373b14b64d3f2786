import { createSocket } from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import type { DatagramTransport } from '../platform/transport.ts';
import { udpUrl } from './peer-id.ts';
import { UdpTransport } from './udp-transport.ts';
import { whenDone } from './when-done.ts';

/**
 * The groups of all CoAP nodes.
 *
 * @see RFC 7252 §12.8
 */
export const AllCoapNodes = {
  /** IPv4. */
  Ipv4: '224.0.1.187',
  /** IPv6, all on the link. */
  Ipv6LinkLocal: 'ff02::fd',
  /** IPv6, all of the site. */
  Ipv6SiteLocal: 'ff05::fd',
} as const;

/** Which group is joined. */
export interface UdpGroupOptions {
  /** The group's address, without a zone; see `AllCoapNodes`. */
  readonly address: string;
  /** Default: 5683. */
  readonly port?: number | undefined;
  /** On which interface: for IPv4 one of its addresses, for IPv6 its name, such as `eth0`. Default: the system's choice. */
  readonly interface?: string | undefined;
}

const COAP_PORT = 5683;

/**
 * Opens a socket that joined a multicast group and hears nothing else: Node does not tell to which address of a shared
 * socket a datagram came. A `GroupTransport` makes of it what an endpoint can be served with.
 *
 * The socket for the group's port and one for a wildcard address (`::`, `0.0.0.0`) on the same port get in each other's
 * way: serve each address of the machine by a socket of its own. Windows cannot bind a group's address: there the socket
 * hears whatever comes to its port.
 *
 * @throws {TypeError} an address that is none
 * @throws {Error} what the system answered, with its `code`, such as `EADDRINUSE` or `ENODEV`
 */
export async function openUdpGroup(options: UdpGroupOptions): Promise<DatagramTransport> {
  const { address, port = COAP_PORT, interface: name } = options;
  if (isIP(address) === 0) throw new TypeError(`not an IP address: ${address}`);
  const isIpv6 = isIPv6(address);
  // Of an address of the link, the link is a part.
  const scoped = isIpv6 && name !== undefined ? `${address}%${name}` : address;
  const wildcard = isIpv6 ? '::' : '0.0.0.0';
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    // Several members of a group on one machine are all heard.
    reuseAddr: true,
    ipv6Only: isIpv6,
    lookup: (host, _options, callback) => callback(null, host, isIpv6 ? 6 : 4),
  });
  try {
    const bound = process.platform === 'win32' ? wildcard : scoped;
    await whenDone(socket, (done) => socket.bind({ address: bound, port }, done));
    socket.addMembership(address, isIpv6 && name !== undefined ? `::%${name}` : name);
  } catch (error) {
    socket.close();
    throw error;
  }
  const localUrl = udpUrl(scoped, socket.address().port);
  return new UdpTransport({ socket, isIpv6, localUrl, remote: undefined });
}
