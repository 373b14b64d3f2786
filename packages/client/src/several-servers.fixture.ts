import { Device, Temperature } from '@motestack/objects';
import { SimulatedNetwork } from '@motestack/testkit';
import { LwM2mClient, type LwM2mError, type PortableClientOptions } from './index.ts';
import { ScriptedServer } from './scripted-server.fixture.ts';

/** Three scripted servers and one client, whose accounts are `coap://1` to `coap://3`. */
export class SeveralServers {
  readonly network = new SimulatedNetwork({ seed: 1 });
  readonly servers = [1, 2, 3].map((id) => new ScriptedServer(this.network, `10.0.1.${id}:5683`));
  readonly told: string[] = [];
  readonly errors: LwM2mError[] = [];
  #port = 1_000;

  /** One of the servers. */
  at(id: number): ScriptedServer {
    const server = this.servers[id - 1];
    if (server === undefined) throw new RangeError(`no server ${id}`);
    return server;
  }

  /** Starts a client; the network has not run yet. */
  async start(options: Partial<PortableClientOptions>): Promise<LwM2mClient> {
    const client = await LwM2mClient.start({
      endpoint: 'thermometer',
      objects: [
        Device.instance({ manufacturer: 'Acme', reboot: () => undefined }),
        Temperature.instance({ sensorValue: 21.5 }),
      ],
      connect: async (uri, candidate) => {
        const remote = `10.0.1.${uri.replace('coap://', '')}:5683`;
        return candidate === 0 ? this.network.transport(`10.0.0.2:${this.#port++}`, { remote }) : undefined;
      },
      clock: this.network.clock,
      random: this.network.randomSource,
      ...options,
    });
    client.on('state', (state, { shortServerId }) => void this.told.push(`${shortServerId} ${state}`));
    client.on('error', (error) => void this.errors.push(error));
    return client;
  }

  /** Starts a client and lets it register everywhere. */
  async registered(options: Partial<PortableClientOptions>): Promise<LwM2mClient> {
    const client = await this.start(options);
    await this.network.settle(client.registered());
    return client;
  }

  /** The code of a server's request. */
  code(id: number, ...request: Parameters<ScriptedServer['code']>): Promise<string> {
    return this.network.settle(this.at(id).code(...request));
  }
}
