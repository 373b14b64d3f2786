import type { ClientCredentials } from '@motestack/coap';
import { nodeClock, nodeRandom } from '@motestack/coap/node';
import type { ClientOptions } from '../client-options.ts';
import { LwM2mClient as PortableLwM2mClient } from '../lwm2m-client.ts';
import { accountsOf, urisOf } from '../server-account.ts';
import { assertServerUri, NODE_BINDINGS, serverConnector } from './connect-server.ts';
import { dtlsCredentials } from './dtls-credentials.ts';
import { tlsCredentials } from './tls-credentials.ts';

/** A device: it registers at its server, keeps the registration alive, and is read, written, executed and observed. */
export class LwM2mClient extends PortableLwM2mClient {
  /**
   * Starts a client that speaks CoAP over UDP, DTLS, TCP, TLS or WebSocket, as its servers' URIs say.
   *
   * @param options what the device is and has
   * @returns once the engine runs; the registration is told by `registered`. Listeners that are added in the same tick
   *   miss nothing.
   * @throws {TypeError} for a server's URI that is none, for credentials that do not go with it, and for objects that do not go together
   * @throws {RangeError} for a number out of its range
   * @throws {ValueError} for a value that is not of its resource's type
   * @example
   * const client = await LwM2mClient.start({
   *   endpoint: 'urn:dev:mac:0024befffe804ff1',
   *   server: 'coap://localhost:5683',
   *   objects: [Device.instance({ manufacturer: 'Acme', reboot: () => client.stop() })],
   * });
   */
  static override async start(options: ClientOptions): Promise<LwM2mClient> {
    // What is wrong with keys is for the caller to see, and not for the first attempt.
    for (const account of accountsOf(options)) {
      for (const uri of urisOf(account, undefined)) assertReachable(uri, account.security);
    }
    const { bootstrap } = options;
    if (typeof bootstrap === 'string') assertReachable(bootstrap, undefined);
    else if (bootstrap !== undefined) assertReachable(bootstrap.uri, bootstrap.security);
    const platform = { connect: serverConnector(), clock: nodeClock, random: nodeRandom, bindings: NODE_BINDINGS };
    const client = new LwM2mClient(options, platform);
    client.begin();
    return client;
  }
}

/** @throws {TypeError} for a URI that is none, and for credentials that do not go with it */
function assertReachable(uri: string, security: ClientCredentials | undefined): void {
  const { scheme, host } = assertServerUri(uri, security);
  if (security === undefined) return;
  if (scheme === 'coaps:') dtlsCredentials(security, host);
  else tlsCredentials(security, host);
}
