import type { DatagramReceiver, DatagramTransport, PeerId, PeerIdentity } from '@motestack/coap';
import type { TrafficCounter } from '../objects/traffic-meter.ts';

/**
 * A connected transport under which another one can take the place of the first: the CoAP endpoint above, with its tokens
 * and observations, goes on when the device's network is another.
 *
 * Its peer is named `server`, whatever the address beneath.
 */
export class SwitchableTransport implements DatagramTransport {
  readonly localUrl: string;
  readonly remote: PeerId = SERVER;
  readonly #traffic: TrafficCounter;
  #current: DatagramTransport;
  #receiver: DatagramReceiver | undefined;

  /**
   * @param first connected to the server
   * @param traffic counts what goes over it
   */
  constructor(first: DatagramTransport, traffic: TrafficCounter) {
    this.#traffic = traffic;
    this.#current = first;
    this.localUrl = first.localUrl;
  }

  identityOf(): PeerIdentity | undefined {
    const { remote } = this.#current;
    return remote === undefined ? undefined : this.#current.identityOf?.(remote);
  }

  open(receiver: DatagramReceiver): void {
    this.#receiver = receiver;
    this.#listen();
  }

  send(_peer: PeerId, bytes: Uint8Array): void {
    const { remote } = this.#current;
    if (remote === undefined) return;
    this.#traffic.sent(bytes.length);
    this.#current.send(remote, bytes);
  }

  close(): Promise<void> {
    return this.#current.close();
  }

  /** Goes on with another transport; the former is closed, and what still comes from it is not heard. */
  async switchTo(next: DatagramTransport): Promise<void> {
    const former = this.#current;
    this.#current = next;
    this.#listen();
    await former.close();
  }

  #listen(): void {
    const receiver = this.#receiver;
    const transport = this.#current;
    if (receiver === undefined) return;
    const heard = (tell: () => void): void => {
      if (this.#current === transport) tell();
    };
    transport.open({
      datagram: (_peer, bytes) =>
        heard(() => {
          this.#traffic.received(bytes.length);
          receiver.datagram(SERVER, bytes);
        }),
      unreachable: (_peer, cause) => heard(() => receiver.unreachable(SERVER, cause)),
      closed: (cause) => heard(() => receiver.closed(cause)),
    });
  }
}

const SERVER = 'server';
