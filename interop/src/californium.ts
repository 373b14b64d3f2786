import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', 'target/classes:target/lib/*'];

/** A Californium server with the plugtest's resources, on a port of its own choice. */
export async function startCaliforniumServer(): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const args = [...java, 'org.motestack.interop.CaliforniumServerPeer', 'udp'];
  const peer = new PeerProcess('Californium server', 'java', args, places.californium);
  const { port } = await peer.event('listening');
  return { peer, url: `coap://127.0.0.1:${String(port)}` };
}

/** A Californium client that does what it is told. */
export async function startCaliforniumClient(): Promise<PeerProcess> {
  const args = [...java, 'org.motestack.interop.CaliforniumClientPeer', 'udp'];
  const peer = new PeerProcess('Californium client', 'java', args, places.californium);
  await peer.event('ready');
  return peer;
}
