import { PeerProcess } from './peer-process.ts';
import { places } from './places.ts';

const java = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', 'target/classes:target/lib/*'];

/** A Leshan server on a port of its own choice. */
export async function startLeshanServer(): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const args = [...java, 'org.motestack.interop.LeshanServerPeer', '0'];
  const peer = new PeerProcess('Leshan server', 'java', args, places.leshan);
  const { port } = await peer.event('listening');
  return { peer, url: `coap://127.0.0.1:${String(port)}` };
}

/** A Leshan server at `coaps`, for one endpoint name with the credentials of a folder. */
export async function startSecureLeshanServer(
  kind: string,
  folder: string,
  endpoint: string,
): Promise<{ readonly peer: PeerProcess; readonly url: string }> {
  const args = [...java, 'org.motestack.interop.LeshanServerPeer', '0', kind, folder, endpoint];
  const peer = new PeerProcess('Leshan server', 'java', args, places.leshan);
  const { port } = await peer.event('listening');
  return { peer, url: `coaps://127.0.0.1:${String(port)}` };
}

/** A Leshan client (LwM2M 1.1) that registers at once at a server at `coaps`, with the credentials of a folder. */
export function startSecureLeshanClient(
  serverUrl: string,
  endpoint: string,
  credentials: { readonly kind: string; readonly folder: string },
): PeerProcess {
  const { kind, folder } = credentials;
  const args = [...java, 'org.motestack.interop.LeshanClientPeer', serverUrl, '300', endpoint, kind, folder];
  return new PeerProcess('Leshan client', 'java', args, places.leshan);
}

/** A Leshan client (LwM2M 1.1) that registers at once. */
export function startLeshanClient(serverUrl: string, endpoint: string, lifetimeSeconds: number): PeerProcess {
  const args = [...java, 'org.motestack.interop.LeshanClientPeer', serverUrl, String(lifetimeSeconds), endpoint];
  return new PeerProcess('Leshan client', 'java', args, places.leshan);
}

/** A Leshan client (LwM2M 1.1) that knows a bootstrap server alone, and asks it at once. */
export function startLeshanClientToBootstrap(bootstrapUrl: string, endpoint: string): PeerProcess {
  const args = [...java, 'org.motestack.interop.LeshanClientPeer', bootstrapUrl, 'bootstrap', endpoint];
  return new PeerProcess('Leshan client', 'java', args, places.leshan);
}
