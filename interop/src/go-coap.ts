import { freePort, type PeerNetwork, urlOn } from './peer-network.ts';
import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

/** A go-coap server. */
export async function startGoCoapServer(
  network: PeerNetwork = 'udp',
): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const port = await freePort(network);
  const peer = new PeerProcess('go-coap server', './target/server-peer', [network, String(port)], places.goCoap);
  await peer.event('listening');
  return { peer, url: urlOn(network, port) };
}

/** A go-coap client that does what it is told. */
export async function startGoCoapClient(network: PeerNetwork = 'udp'): Promise<PeerProcess> {
  const peer = new PeerProcess('go-coap client', './target/client-peer', [network], places.goCoap);
  await peer.event('ready');
  return peer;
}
