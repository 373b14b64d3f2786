import { join } from 'node:path';
import { freeUdpPort } from './free-udp-port.ts';
import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

const python = join(places.aiocoapEnvironment, 'bin/python');

/** An aiocoap server with /hello, /echo, /separate, /observe and /store. */
export async function startAiocoapServer(): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const port = await freeUdpPort();
  const peer = new PeerProcess('aiocoap server', python, ['server_peer.py', String(port)], places.aiocoap);
  await peer.event('listening');
  return { peer, url: `coap://127.0.0.1:${port}` };
}

/** An aiocoap client that does what it is told. */
export async function startAiocoapClient(): Promise<PeerProcess> {
  const peer = new PeerProcess('aiocoap client', python, ['client_peer.py'], places.aiocoap);
  await peer.event('ready');
  return peer;
}
