import { join } from 'node:path';
import { freePort, type PeerNetwork, urlOn } from './peer-network.ts';
import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

const python = join(places.aiocoapEnvironment, 'bin/python');

/** An aiocoap server with /hello, /echo, /separate, /observe and /store. */
export async function startAiocoapServer(
  network: PeerNetwork = 'udp',
): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const port = await freePort(network);
  const peer = new PeerProcess('aiocoap server', python, ['server_peer.py', network, String(port)], places.aiocoap);
  await peer.event('listening');
  return { peer, url: urlOn(network, port) };
}

/** An aiocoap client that does what it is told, over what the URLs say. */
export async function startAiocoapClient(): Promise<PeerProcess> {
  const peer = new PeerProcess('aiocoap client', python, ['client_peer.py'], places.aiocoap);
  await peer.event('ready');
  return peer;
}
