import { freeUdpPort } from './free-udp-port.ts';
import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

/** A go-coap server. */
export async function startGoCoapServer(): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const port = await freeUdpPort();
  const peer = new PeerProcess('go-coap server', './target/server-peer', ['udp', String(port)], places.goCoap);
  await peer.event('listening');
  return { peer, url: `coap://127.0.0.1:${port}` };
}

/** A go-coap client that does what it is told. */
export async function startGoCoapClient(): Promise<PeerProcess> {
  const peer = new PeerProcess('go-coap client', './target/client-peer', ['udp'], places.goCoap);
  await peer.event('ready');
  return peer;
}
