import type { LiveDevice } from '../live-device.ts';
import { DeviceGoneError } from '../lwm2m-error.ts';
import type { Registration } from '../registration/registration.ts';
import type { RegistrationStore } from '../registration/registration-store.ts';
import type { ServerVoice } from '../server-voice.ts';
import type { CommandAnswer, StoredCommand } from './command.ts';
import { queuedCommand } from './queued-command.ts';

/** What the commands of a server need of it. */
export interface ServerCommandsOptions {
  /** Where registrations are. */
  readonly store: RegistrationStore;
  /** The device of a registration. */
  readonly deviceOf: (registration: Registration) => LiveDevice;
  /** Tells what happens. */
  readonly voice: ServerVoice;
}

/** Brings commands to their devices, and tells what became of them. */
export class ServerCommands {
  readonly #options: ServerCommandsOptions;

  /** @param options what it needs */
  constructor(options: ServerCommandsOptions) {
    this.#options = options;
  }

  /** Sends a command whose turn it is. @throws {LwM2mError} */
  async perform(command: StoredCommand): Promise<CommandAnswer> {
    const device = await this.#deviceOf(command);
    if (device === undefined) throw new DeviceGoneError('the registration ended', command);
    return await device.perform(command);
  }

  /** Tells that a command is over, with what its answer says. */
  async finished(command: StoredCommand): Promise<void> {
    const { voice } = this.#options;
    const device = await this.#deviceOf(command);
    let value: unknown;
    try {
      value = device?.valueOf(command);
    } catch (error) {
      voice.fail(error, device);
    }
    const target = { endpoint: command.endpoint, registered: device };
    voice.report('commandFinished', device, [target, queuedCommand(command, value)]);
  }

  async #deviceOf({ endpoint }: StoredCommand): Promise<LiveDevice | undefined> {
    const { store, deviceOf } = this.#options;
    const registration = await store.findByEndpoint(endpoint);
    return registration === undefined ? undefined : deviceOf(registration);
  }
}
