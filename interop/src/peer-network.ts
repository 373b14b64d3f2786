import { createServer } from 'node:net';
import { freeUdpPort } from './free-udp-port.ts';

/** What carries CoAP between a peer and us. */
export type PeerNetwork = 'udp' | 'tcp' | 'ws';

const schemes = { udp: 'coap', tcp: 'coap+tcp', ws: 'coap+ws' } as const;

/** Where a server on loopback is reached. */
export function urlOn(network: PeerNetwork, port: number | string): string {
  return `${schemes[network]}://127.0.0.1:${port}`;
}

/** A port on 127.0.0.1 that nobody uses now, for programs that cannot say which one they took. */
export function freePort(network: PeerNetwork): Promise<number> {
  return network === 'udp' ? freeUdpPort() : freeTcpPort();
}

function freeTcpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
