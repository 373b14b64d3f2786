import { LwM2mClient } from '@motestack/client/node';
import type { ClientCredentials } from '@motestack/coap';
import { Device, Temperature } from '@motestack/objects';
import type { Transcript } from './transcript.ts';

/** What the device calls itself at the server. */
export const DEMO_ENDPOINT = 'urn:dev:ops:000000-demo-0001';

/** The temperatures that the device measures, one every half second, again and again. */
const CELSIUS = [21, 21.2, 22, 22.1, 23.5, 24, 22.5, 21];

const MEASUREMENT_PERIOD_MS = 250;

/** A device with a thermometer; Execute on Reboot starts it again, as power coming back would. */
export class DemoDevice {
  readonly #server: string;
  readonly #security: ClientCredentials | undefined;
  readonly #transcript: Transcript;
  #client: LwM2mClient | undefined;
  #measurements: NodeJS.Timeout | undefined;

  /** @param security what a server at `coaps` is shown */
  constructor(server: string, security: ClientCredentials | undefined, transcript: Transcript) {
    this.#server = server;
    this.#security = security;
    this.#transcript = transcript;
  }

  /** Switches the device on: it registers. */
  async start(): Promise<void> {
    const client = await LwM2mClient.start({
      endpoint: DEMO_ENDPOINT,
      server: { uri: this.#server, lifetimeSeconds: 300 },
      ...(this.#security === undefined ? {} : { security: this.#security }),
      objects: [
        Device.instance({
          manufacturer: 'Motestack',
          modelNumber: 'Demo thermometer',
          batteryLevel: () => 87,
          utcOffset: '+00:00',
          reboot: () => void setTimeout(() => this.#reboot(), 100),
        }),
        Temperature.instance({ sensorValue: CELSIUS[0] ?? 0, sensorUnits: 'Cel' }),
      ],
    });
    client.on('error', (error) => this.#transcript.line('device', `error: ${error.message}`));
    this.#client = client;
    let step = 0;
    this.#measurements = setInterval(() => {
      step += 1;
      client.set(Temperature.sensorValue, CELSIUS[step % CELSIUS.length] ?? 0);
    }, MEASUREMENT_PERIOD_MS);
  }

  /** Switches the device off: it says goodbye. */
  async stop(): Promise<void> {
    await this.#halt(true);
  }

  async #halt(deregister: boolean): Promise<void> {
    clearInterval(this.#measurements);
    await this.#client?.stop({ deregister });
  }

  #reboot(): void {
    this.#transcript.line('device', 'goes down without a word, and starts again');
    this.#halt(false)
      .then(() => this.start())
      .catch((error: unknown) => this.#transcript.line('device', `did not come back: ${error}`));
  }
}
