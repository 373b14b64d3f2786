import { type PeerNetwork, urlOn } from './peer-network.ts';
import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', 'target/classes:target/lib/*'];

/** A Californium server with the plugtest's resources, on a port of its own choice. */
export async function startCaliforniumServer(
  network: PeerNetwork = 'udp',
): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const args = [...java, 'org.motestack.interop.CaliforniumServerPeer', network];
  const peer = new PeerProcess('Californium server', 'java', args, places.californium);
  const { port } = await peer.event('listening');
  return { peer, url: urlOn(network, String(port)) };
}

/** A Californium client that does what it is told. */
export async function startCaliforniumClient(network: PeerNetwork = 'udp'): Promise<PeerProcess> {
  const args = [...java, 'org.motestack.interop.CaliforniumClientPeer', network];
  const peer = new PeerProcess('Californium client', 'java', args, places.californium);
  await peer.event('ready');
  return peer;
}
