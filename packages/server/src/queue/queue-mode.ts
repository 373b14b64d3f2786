import type { Clock, RandomSource } from '@motestack/coap';
import type { Registration } from '../registration/registration.ts';
import type { RegistrationStore } from '../registration/registration-store.ts';
import { AwakeGate } from './awake-gate.ts';
import type { CommandAnswer, StoredCommand } from './command.ts';
import { CommandQueue } from './command-queue.ts';
import { type CommandStore, InMemoryCommandStore } from './command-store.ts';
import { AWAKE_MS, Presence } from './presence.ts';

/** How a server treats devices in queue mode, and commands. */
export interface QueueOptions {
  /**
   * Milliseconds that a device stays awake after it was heard. Default 93,000, MAX_TRANSMIT_WAIT, which LwM2M Transport §6.5 advises
   * clients to stay awake.
   */
  readonly awakeMs?: number | ((registration: Registration) => number) | undefined;
  /** Where commands of `device.queue` are kept; in memory unless said here. */
  readonly store?: CommandStore | undefined;
  /** How many awaited requests may wait for one device; one more rejects with `LimitReachedError`. Default 100. */
  readonly waitingMax?: number | undefined;
  /** How many commands may wait for one device. Default 100. */
  readonly commandsPerDeviceMax?: number | undefined;
  /** How many commands may wait in all. Default 1,000,000. */
  readonly commandsMax?: number | undefined;
}

/** What queue mode stands on. */
export interface QueueModeOptions {
  /** The user's. */
  readonly options: QueueOptions;
  /** Time. */
  readonly clock: Clock;
  /** For ids. */
  readonly random: RandomSource;
  /** Sends a command, whose turn it is, to its device. */
  readonly send: (command: StoredCommand) => Promise<CommandAnswer>;
  /** Told that the device of a registration may sleep now. */
  readonly onAsleep: (registrationId: string) => void;
  /** Told of each command that is over. */
  readonly onFinished: (command: StoredCommand) => Promise<void>;
  /** Told of a store that failed. */
  readonly onError: (error: unknown) => void;
}

/**
 * Which devices are awake, and what waits for those that are not.
 *
 * @see LwM2M Transport §6.5
 */
export class QueueMode {
  /** What survives a restart. */
  readonly commands: CommandQueue;
  readonly #awakeMs: (registration: Registration) => number;
  readonly #waitingMax: number;
  readonly #presence: Presence;
  /** By registration id. */
  readonly #gates = new Map<string, AwakeGate>();

  /**
   * @param stand what it stands on
   * @throws {RangeError} for a limit that means nothing
   */
  constructor(stand: QueueModeOptions) {
    const { clock, random, send, onFinished, onError, onAsleep } = stand;
    const { awakeMs = AWAKE_MS, store = new InMemoryCommandStore() } = stand.options;
    const { waitingMax = 100, commandsPerDeviceMax = 100, commandsMax = 1_000_000 } = stand.options;
    for (const [name, limit] of Object.entries({ waitingMax, commandsPerDeviceMax, commandsMax })) {
      if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`queue.${name} is a positive integer`);
    }
    this.#waitingMax = waitingMax;
    this.#awakeMs = typeof awakeMs === 'number' ? () => awakeMs : awakeMs;
    this.#presence = new Presence(clock, (id) => {
      this.#gates.get(id)?.sleep();
      onAsleep(id);
    });
    this.commands = new CommandQueue({
      store,
      clock,
      random,
      commandsPerDeviceMax,
      commandsMax,
      send,
      onFinished,
      onError,
    });
  }

  /** Takes up the commands that were kept, for the devices that are registered still. */
  async start(registrations: RegistrationStore): Promise<void> {
    await this.commands.start();
    for (const endpoint of this.commands.endpoints) {
      const registration = await registrations.findByEndpoint(endpoint);
      if (registration !== undefined) this.attach(registration);
    }
  }

  /** Whether a request would leave at once. */
  isAwake({ id, queueMode }: Registration): boolean {
    return !queueMode || this.#presence.isAwake(id);
  }

  /** Where requests wait for a device; `undefined` for one that is always awake. */
  gateOf(registration: Registration): AwakeGate | undefined {
    return registration.queueMode ? this.#gate(registration) : undefined;
  }

  /** A device was heard. @returns whether it slept until now */
  heard(registration: Registration): boolean {
    const { id, queueMode } = registration;
    if (!queueMode) {
      // An Update may have ended its queue mode.
      this.#gates.get(id)?.wake();
      return false;
    }
    const woke = this.#presence.heard(id, this.#awakeMs(registration));
    this.#gates.get(id)?.wake();
    return woke;
  }

  /** A device was silent. @returns whether it was taken for awake until now */
  unheard({ id, queueMode }: Registration): boolean {
    if (!queueMode) return false;
    this.#gates.get(id)?.sleep();
    return this.#presence.unheard(id);
  }

  /** What waits for a device waits at its new registration from now on. */
  attach(registration: Registration): void {
    if (this.commands.commands(registration.endpoint).length > 0) this.expectCommands(registration);
  }

  /** Commands for a device are about to come. */
  expectCommands(registration: Registration): void {
    this.commands.attach(registration.endpoint, this.#gate(registration));
  }

  /** A registration ended. */
  ended({ id, endpoint }: Registration): void {
    this.#presence.unheard(id);
    const gate = this.#gates.get(id);
    if (gate === undefined) return;
    this.#gates.delete(id);
    gate.end();
    this.commands.detach(endpoint, gate);
  }

  /** Ends all waiting; what is kept stays kept. */
  close(): void {
    this.#presence.close();
    this.commands.close();
  }

  #gate(registration: Registration): AwakeGate {
    const { id } = registration;
    const known = this.#gates.get(id);
    if (known !== undefined) return known;
    const gate = new AwakeGate(this.#waitingMax, this.isAwake(registration));
    this.#gates.set(id, gate);
    return gate;
  }
}
