import { freeUdpPort } from './free-udp-port.ts';
import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

/** A node-coap server. */
export async function startNodeCoapServer(): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const port = await freeUdpPort();
  const peer = new PeerProcess(
    'node-coap server',
    process.execPath,
    ['server-peer.mjs', String(port)],
    places.nodeCoap,
  );
  await peer.event('listening');
  return { peer, url: `coap://127.0.0.1:${port}` };
}

/** A node-coap client that does what it is told. */
export async function startNodeCoapClient(): Promise<PeerProcess> {
  const peer = new PeerProcess('node-coap client', process.execPath, ['client-peer.mjs'], places.nodeCoap);
  await peer.event('ready');
  return peer;
}
