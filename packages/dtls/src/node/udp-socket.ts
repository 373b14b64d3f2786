import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { isIP, isIPv6 } from 'node:net';
import type { DatagramReceiver, DatagramTransport } from '../transport.ts';

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAPPED_PREFIX = '::ffff:';
const UNREACHABLE_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH']);

/** Where a socket is bound, or connected to. */
export interface UdpAddress {
  /** An address, or a name that is looked up once. */
  readonly host: string;
  readonly port: number;
}

/** What the system says to `::` where IPv6 is not built in, or is switched off. */
const WITHOUT_IPV6: ReadonlySet<unknown> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * What is left of a socket that could not be opened: a machine without IPv6 has no `::` to bind to, which stands for
 * IPv4 too.
 *
 * @param error what the system said
 * @returns what to open instead; `undefined`: nothing
 */
export function ipv4Fallback(local: UdpAddress, error: unknown): UdpAddress | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return local.host === '::' && WITHOUT_IPV6.has(code) ? { ...local, host: '0.0.0.0' } : undefined;
}

/** So many datagrams are sent before what came in meanwhile is read. */
const SENDS_PER_TURN = 64;
/** So many addresses are remembered as the system has them. */
const ADDRESSES_MAX = 4096;

interface Destination {
  readonly host: string;
  readonly port: number;
}

interface Outgoing {
  readonly address: string;
  readonly bytes: Uint8Array;
}

/** One UDP socket below an association layer. Addresses are written `127.0.0.1:5684` and `[::1]:5684`. */
export class UdpSocket implements DatagramTransport {
  readonly localUrl: string;
  readonly remote: string | undefined;
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  #receiver: DatagramReceiver | undefined;
  #queue: Outgoing[] = [];
  #isFlushing = false;
  readonly #destinations = new Map<string, Destination>();
  /** How the address that was heard last from a port is written. */
  readonly #names = new Map<number, { readonly host: string; readonly name: string }>();
  #closing: Promise<void> | undefined;

  private constructor(socket: Socket, isIpv6: boolean, remote: string | undefined) {
    const { address, port } = socket.address();
    this.localUrl = `coap://${written(address, port)}`;
    this.remote = remote;
    this.#socket = socket;
    this.#isIpv6 = isIpv6;
    socket.on('message', (bytes, { address, port }) => this.#receiver?.datagram(this.#nameOf(address, port), bytes));
    socket.on('error', (error) => this.#handleError(error));
  }

  /**
   * Opens a socket.
   *
   * @param local where it listens
   * @param remote the one peer that it is connected to
   * @throws {Error} what the system answered, with its `code`
   */
  static async open(local: UdpAddress, remote?: UdpAddress): Promise<UdpSocket> {
    try {
      return await UdpSocket.#open(local, remote);
    } catch (error) {
      const left = ipv4Fallback(local, error);
      if (left === undefined || remote !== undefined) throw error;
      return UdpSocket.#open(left);
    }
  }

  static async #open(local: UdpAddress, remote?: UdpAddress): Promise<UdpSocket> {
    const target = remote === undefined ? undefined : await resolve(remote.host);
    const address = await resolve(local.host);
    const isIpv6 = isIPv6(address);
    const socket = createSocket({
      type: isIpv6 ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      lookup: (host, _options, callback) => callback(null, host, isIpv6 ? 6 : 4),
    });
    try {
      await once(socket, (done) => socket.bind({ address, port: local.port }, done));
      if (remote !== undefined && target !== undefined)
        await once(socket, (done) => socket.connect(remote.port, target, done));
    } catch (error) {
      socket.close();
      throw error;
    }
    return new UdpSocket(
      socket,
      isIpv6,
      remote === undefined || target === undefined ? undefined : written(target, remote.port),
    );
  }

  open(receiver: DatagramReceiver): void {
    this.#receiver = receiver;
  }

  /** Unlike other transports it keeps `bytes`: a record is made for the one datagram. */
  send(address: string, bytes: Uint8Array): void {
    if (this.#closing !== undefined) return;
    if (this.#isFlushing) {
      this.#queue.push({ address, bytes });
      return;
    }
    // The first of a turn leaves at once, the others together, after all datagrams of this turn were read.
    this.#isFlushing = true;
    setImmediate(this.#flush);
    this.#sendNow({ address, bytes });
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolved) => {
      for (const outgoing of this.#queue.splice(0)) this.#sendNow(outgoing);
      // What was sent in this turn goes out first.
      setImmediate(() =>
        this.#socket.close(() => {
          this.#receiver?.closed();
          resolved();
        }),
      );
    });
    return this.#closing;
  }

  readonly #flush = (): void => {
    for (const outgoing of this.#queue.splice(0, SENDS_PER_TURN)) this.#sendNow(outgoing);
    if (this.#queue.length > 0) setImmediate(this.#flush);
    else this.#isFlushing = false;
  };

  #sendNow({ address, bytes }: Outgoing): void {
    const told = (error: Error | null): void => {
      if (error !== null) this.#receiver?.unreachable(address, error);
    };
    try {
      if (this.remote === undefined) {
        const { host, port } = this.#destinationOf(address);
        this.#socket.send(bytes, port, host, told);
      } else this.#socket.send(bytes, told);
    } catch (error) {
      if (error instanceof Error) this.#receiver?.unreachable(address, error);
    }
  }

  #nameOf(host: string, port: number): string {
    const known = this.#names.get(port);
    if (known?.host === host) return known.name;
    const name = written(host, port);
    if (this.#names.size >= ADDRESSES_MAX) this.#names.clear();
    this.#names.set(port, { host, name });
    return name;
  }

  #destinationOf(address: string): Destination {
    const known = this.#destinations.get(address);
    if (known !== undefined) return known;
    if (this.#destinations.size >= ADDRESSES_MAX) this.#destinations.clear();
    const destination = parsed(address, this.#isIpv6);
    this.#destinations.set(address, destination);
    return destination;
  }

  #handleError(error: Error): void {
    const isUnreachable = 'code' in error && typeof error.code === 'string' && UNREACHABLE_CODES.has(error.code);
    if (isUnreachable && this.remote !== undefined) this.#receiver?.unreachable(this.remote, error);
    else if (!isUnreachable) this.#receiver?.closed(error);
  }
}

/** IPv4 and its IPv6-mapped form are one address. */
function written(address: string, port: number): string {
  const bare =
    address.startsWith(MAPPED_PREFIX) && address.includes('.') ? address.slice(MAPPED_PREFIX.length) : address;
  return bare.includes(':') ? `[${bare}]:${port}` : `${bare}:${port}`;
}

function parsed(address: string, isIpv6: boolean): Destination {
  const colon = address.lastIndexOf(':');
  const bare = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return { host: isIpv6 && !bare.includes(':') ? MAPPED_PREFIX + bare : bare, port: Number(address.slice(colon + 1)) };
}

async function resolve(host: string): Promise<string> {
  return isIP(host) === 0 ? (await lookup(host)).address : host;
}

function once(socket: Socket, begin: (done: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolved, reject) => {
    socket.once('error', reject);
    begin((error) => {
      socket.off('error', reject);
      if (error) reject(error);
      else resolved();
    });
  });
}
