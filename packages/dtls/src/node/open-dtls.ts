import { encodeUtf8 } from '@motestack/bytes';
import { DtlsClientTransport, type DtlsClientTransportOptions } from '../client/dtls-client-transport.ts';
import type { PskCredential } from '../credentials/psk-credential.ts';
import { DtlsServerTransport, type DtlsServerTransportOptions } from '../server/dtls-server-transport.ts';
import { nodeClock } from './node-clock.ts';
import { nodeCryptoProvider } from './node-crypto-provider.ts';
import { nodeRandom } from './node-random.ts';
import { UdpSocket } from './udp-socket.ts';

/** What the machine provides. */
type Provided = 'transport' | 'clock' | 'provider' | 'random';

/** How a client is opened. */
export interface OpenDtlsOptions extends Omit<DtlsClientTransportOptions, Provided | 'psk'> {
  /** Where the server is; the port of `coaps` is 5684. */
  readonly remote: { readonly host: string; readonly port: number };
  /** The port of this side. Default: any that is free. A server finds an imported association without connection ID by it. */
  readonly localPort?: number | undefined;
  /** An association that was exported, and the key that it is sealed with: instead of a handshake. */
  readonly imported?: { readonly exported: Uint8Array; readonly key: Uint8Array } | undefined;
  /** A pre-shared key that the client shows that it is by; text is UTF-8. */
  readonly psk?: { readonly identity: string | Uint8Array; readonly key: PskCredential['key'] } | undefined;
}

/** How a server is opened. */
export interface OpenDtlsServerOptions extends Omit<DtlsServerTransportOptions, Provided> {
  /** Address of the interface; default `::`, which takes IPv4 as well. */
  readonly host?: string | undefined;
  /** Default 5684, the port of `coaps`; 0: any that is free. */
  readonly port?: number | undefined;
}

const COAPS_PORT = 5684;

/**
 * Opens a UDP socket and makes an association with a server.
 *
 * @returns the transport, connected
 * @throws {DtlsError} the handshake came to nothing
 * @throws {ImportError} why what was exported was not imported
 * @throws {RangeError} a credential or an option out of its bounds
 * @throws {Error} what the system answered, with its `code`
 */
export async function openDtls(options: OpenDtlsOptions): Promise<DtlsClientTransport> {
  const { remote, psk, localPort = 0, imported, ...rest } = options;
  const isIpv6 = remote.host.includes(':');
  const transport = await UdpSocket.open({ host: isIpv6 ? '::' : '0.0.0.0', port: localPort }, remote);
  try {
    const client = new DtlsClientTransport({
      ...rest,
      transport,
      clock: nodeClock,
      provider: nodeCryptoProvider,
      random: nodeRandom,
      psk: psk === undefined ? undefined : { identity: identityOf(psk.identity), key: psk.key },
    });
    if (imported !== undefined) client.importAssociation(imported.exported, imported.key);
    await client.connect();
    return client;
  } catch (error) {
    await transport.close();
    throw error;
  }
}

/**
 * Opens a UDP socket for a server.
 *
 * @throws {RangeError} an option out of its bounds
 * @throws {Error} what the system answered, with its `code`, such as `EADDRINUSE`
 */
export async function openDtlsServer(options: OpenDtlsServerOptions): Promise<DtlsServerTransport> {
  const { host = '::', port = COAPS_PORT, ...rest } = options;
  const transport = await UdpSocket.open({ host, port });
  try {
    return new DtlsServerTransport({
      ...rest,
      transport,
      clock: nodeClock,
      provider: nodeCryptoProvider,
      random: nodeRandom,
    });
  } catch (error) {
    await transport.close();
    throw error;
  }
}

function identityOf(identity: string | Uint8Array): Uint8Array {
  return typeof identity === 'string' ? encodeUtf8(identity) : identity;
}
