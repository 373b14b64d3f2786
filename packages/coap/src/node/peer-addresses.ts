import type { PeerId } from '../effects.ts';
import { peerIdOf } from './peer-id.ts';

/** An address that a socket sends to. */
export interface PeerAddress {
  readonly id: PeerId;
  /** As the socket wants it: IPv4-mapped on a socket of IPv6. */
  readonly address: string;
  readonly port: number;
}

/** So many peers are remembered before all are forgotten. */
const PEERS_MAX = 65_536;

/**
 * The peers of one socket, by address and by name: to put a name together for each datagram costs more than to look it
 * up. A cache: everything in it can be found again.
 */
export class PeerAddresses {
  readonly #isIpv6: boolean;
  readonly #byId = new Map<PeerId, PeerAddress>();
  readonly #byAddress = new Map<string, Map<number, PeerId>>();

  constructor(isIpv6: boolean) {
    this.#isIpv6 = isIpv6;
  }

  /** The name of the peer that a datagram came from. */
  idOf(address: string, port: number): PeerId {
    return this.#byAddress.get(address)?.get(port) ?? this.#add(address, port);
  }

  /**
   * Where to send for a peer.
   *
   * @throws {TypeError} a name that is none of UDP
   */
  addressOf(id: PeerId): PeerAddress {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    const [, ipv6, ipv4, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(id) ?? [];
    const host = ipv6 ?? ipv4;
    if (host === undefined) throw new TypeError(`not the name of a UDP peer: ${id}`);
    const address = ipv6 === undefined && this.#isIpv6 ? `::ffff:${host}` : host;
    const found = { id, address, port: Number(port) };
    this.#makeRoom();
    this.#byId.set(id, found);
    return found;
  }

  #add(address: string, port: number): PeerId {
    const id = peerIdOf(address, port);
    this.#makeRoom();
    this.#byId.set(id, { id, address, port });
    const ports = this.#byAddress.get(address);
    if (ports === undefined) this.#byAddress.set(address, new Map([[port, id]]));
    else ports.set(port, id);
    return id;
  }

  #makeRoom(): void {
    if (this.#byId.size < PEERS_MAX) return;
    this.#byId.clear();
    this.#byAddress.clear();
  }
}
