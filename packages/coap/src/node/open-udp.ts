import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { AbortedError } from '../errors.ts';
import type { AbortSignalLike } from '../platform/abort-source.ts';
import type { DatagramTransport } from '../platform/transport.ts';
import { ipv4Fallback } from './ipv4-fallback.ts';
import { peerIdOf, resolveHost, udpUrl } from './peer-id.ts';
import { UdpTransport } from './udp-transport.ts';
import { whenDone } from './when-done.ts';

/** How a socket sends to multicast groups. */
export interface MulticastOptions {
  /** By which interface: for IPv4 one of its addresses, for IPv6 its name, such as `eth0`. Default: the system's choice. */
  readonly interface?: string | undefined;
  /** How far: 0 stays on this machine, 1 on the link. Default: 1. */
  readonly hops?: number | undefined;
}

/** Where a UDP socket is opened. */
export interface UdpOptions {
  /** Address or name of the interface. `::`, the default, takes IPv4 as well; for a `remote` of IPv4 it is `0.0.0.0`. */
  readonly host?: string | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Connects the socket to one peer: nobody else is heard, and ICMP errors end requests at once. */
  readonly remote?: { readonly host: string; readonly port: number } | undefined;
  /** How what is sent to a multicast group leaves. */
  readonly multicast?: MulticastOptions | undefined;
  /** How much the system is asked to keep until it is read, in bytes; it may give less. Default 4 MiB. */
  readonly receiveBufferBytes?: number | undefined;
  /** Ends the opening. */
  readonly signal?: AbortSignalLike | undefined;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;

/**
 * Opens a UDP socket.
 *
 * @throws {Error} what the system answered, with its `code`, such as `EADDRINUSE`
 * @throws {AbortedError} the signal was given
 */
export async function openUdp(options: UdpOptions = {}): Promise<DatagramTransport> {
  try {
    return await open(options);
  } catch (error) {
    const left = ipv4Fallback(options, error);
    if (left !== undefined) return open(left);
    throw error;
  }
}

async function open(options: UdpOptions): Promise<DatagramTransport> {
  const { remote, signal } = options;
  const remoteAddress = remote === undefined ? undefined : await resolveHost(remote.host);
  const wildcard = remoteAddress === undefined || isIPv6(remoteAddress) ? '::' : '0.0.0.0';
  const address = await resolveHost(options.host ?? wildcard);
  if (signal?.aborted) throw aborted(signal);
  const isIpv6 = isIPv6(address);
  const socket = createSocket({
    type: isIpv6 ? 'udp6' : 'udp4',
    recvBufferSize: options.receiveBufferBytes ?? RECEIVE_BUFFER_BYTES,
    // Only addresses come here: a name is resolved once, by whoever opens the socket.
    lookup: (host, _options, callback) => callback(null, host, isIpv6 ? 6 : 4),
  });
  try {
    await whenDone(socket, (done) => socket.bind({ address, port: options.port ?? 0 }, done));
    if (remote !== undefined && remoteAddress !== undefined) {
      const target = isIpv6 && !isIPv6(remoteAddress) ? `::ffff:${remoteAddress}` : remoteAddress;
      await whenDone(socket, (done) => socket.connect(remote.port, target, done));
    }
    if (options.multicast !== undefined) sendMulticast(socket, isIpv6, options.multicast);
    if (signal?.aborted) throw aborted(signal);
  } catch (error) {
    socket.close();
    throw error;
  }
  const local = socket.address();
  return new UdpTransport({
    socket,
    isIpv6,
    localUrl: udpUrl(local.address, local.port),
    remote: remote === undefined || remoteAddress === undefined ? undefined : peerIdOf(remoteAddress, remote.port),
  });
}

/** What is sent to a group also comes to members on this machine. */
function sendMulticast(socket: Socket, isIpv6: boolean, { interface: name, hops }: MulticastOptions): void {
  socket.setMulticastLoopback(true);
  socket.setMulticastTTL(hops ?? 1);
  if (name !== undefined) socket.setMulticastInterface(isIpv6 ? `::%${name}` : name);
}

function aborted(signal: AbortSignalLike): AbortedError {
  return new AbortedError('the opening of a socket was aborted', { cause: signal.reason });
}
