import { createSocket } from 'node:dgram';

/** Of so many datagrams one is lost, the first among them. */
const LOSS_EVERY = 3;

/** A relay between one client and the server at `url`, losing every third datagram, whichever way it goes. */
export async function startLossyRelay(
  url: string,
): Promise<{ readonly url: string; readonly lost: () => number; close(): void }> {
  const serverPort = Number(new URL(url).port);
  const inside = createSocket('udp4');
  const outside = createSocket('udp4');
  let clientPort = 0;
  let count = 0;
  let lost = 0;
  const isLost = (): boolean => {
    const hit = count % LOSS_EVERY === 0;
    count += 1;
    lost += hit ? 1 : 0;
    return hit;
  };
  outside.on('message', (datagram, { port }) => {
    clientPort = port;
    if (!isLost()) inside.send(datagram, serverPort, '127.0.0.1');
  });
  inside.on('message', (datagram) => {
    if (!isLost()) outside.send(datagram, clientPort, '127.0.0.1');
  });
  await new Promise<void>((resolve) => outside.bind(0, '127.0.0.1', resolve));
  const close = (): void => {
    inside.close();
    outside.close();
  };
  return { url: `coap://127.0.0.1:${outside.address().port}`, lost: () => lost, close };
}
