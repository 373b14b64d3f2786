import { nodeClock, nodeRandom } from '@motestack/coap/node';
import type { ClientOptions } from '../client-options.ts';
import { LwM2mClient as PortableLwM2mClient } from '../lwm2m-client.ts';
import { accountsOf } from '../server-account.ts';
import { assertServerUri, connectServer } from './connect-server.ts';
import { dtlsCredentials } from './dtls-credentials.ts';

/** A device: it registers at its server, keeps the registration alive, and is read, written, executed and observed. */
export class LwM2mClient extends PortableLwM2mClient {
  /**
   * Starts a client that speaks CoAP over UDP, and over DTLS where the server's URI says `coaps`.
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
    for (const { uri, security } of accountsOf(options)) {
      const { host } = assertServerUri(uri, security);
      if (security !== undefined) dtlsCredentials(security, host);
    }
    const client = new LwM2mClient(options, { connect: connectServer, clock: nodeClock, random: nodeRandom });
    client.begin();
    return client;
  }
}
