import { createSocket, type Socket } from 'node:dgram';

/** A NAT between one client and the server at a URL. */
export interface MovingRelay {
  /** Where the client has to go, with the scheme of the server's URL. */
  readonly url: string;
  /** Forgets the client's mapping: what it sends from now on comes from another port, and the old one leads nowhere. */
  move(): Promise<void>;
  close(): void;
}

/** Starts a relay on loopback. */
export async function startMovingRelay(url: string): Promise<MovingRelay> {
  const { protocol, port } = new URL(url.replace(/^(coaps?):/, 'http:'));
  if (protocol !== 'http:') throw new TypeError(`not a URL of CoAP: ${url}`);
  const outside = createSocket('udp4');
  await bound(outside);
  let clientPort = 0;
  const openInside = async (): Promise<Socket> => {
    const socket = createSocket('udp4');
    await bound(socket);
    socket.on('message', (datagram) => outside.send(datagram, clientPort, '127.0.0.1'));
    return socket;
  };
  let inside = await openInside();
  outside.on('message', (datagram, from) => {
    clientPort = from.port;
    inside.send(datagram, Number(port), '127.0.0.1');
  });
  return {
    url: `${url.slice(0, url.indexOf(':'))}://127.0.0.1:${outside.address().port}`,
    async move() {
      // The new one first, so that it cannot get the old one's port.
      const next = await openInside();
      inside.close();
      inside = next;
    },
    close() {
      inside.close();
      outside.close();
    },
  };
}

function bound(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
}
