import { nodeClock, nodeRandom } from '@motestack/coap/node';
import type { ClientOptions } from '../client-options.ts';
import { LwM2mClient as PortableLwM2mClient } from '../lwm2m-client.ts';
import { assertServerUri, connectUdp } from './connect-udp.ts';

/** A device: it registers at its server, keeps the registration alive, and is read, written, executed and observed. */
export class LwM2mClient extends PortableLwM2mClient {
  /**
   * Starts a client that speaks CoAP over UDP.
   *
   * @param options what the device is and has
   * @returns once the engine runs; the registration is told by `registered`. Listeners that are added in the same tick
   *   miss nothing.
   * @throws {TypeError} for a server's URI that is none, and for objects that do not go together
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
    assertServerUri(typeof options.server === 'string' ? options.server : options.server.uri);
    const client = new LwM2mClient(options, { connect: connectUdp, clock: nodeClock, random: nodeRandom });
    client.begin();
    return client;
  }
}
