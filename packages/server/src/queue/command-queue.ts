import { toHex } from '@motestack/bytes';
import { AbortSource, type Clock, type RandomSource } from '@motestack/coap';
import type { Awaitable } from '../awaitable.ts';
import { LwM2mError } from '../lwm2m-error.ts';
import { ExpiryQueue } from '../registration/expiry-queue.ts';
import { type AwakeGate, GateError } from './awake-gate.ts';
import { type CommandAnswer, type CommandState, isIdempotent, type StoredCommand } from './command.ts';
import type { CommandStore } from './command-store.ts';

/** What a command queue stands on. */
export interface CommandQueueOptions {
  /** Where commands are kept. */
  readonly store: CommandStore;
  /** Time. */
  readonly clock: Clock;
  /** For ids. */
  readonly random: RandomSource;
  /** How many commands may wait for one device. */
  readonly commandsPerDeviceMax: number;
  /** How many commands may wait in all. */
  readonly commandsMax: number;
  /** Sends a command to its device. @throws LwM2mError */
  readonly send: (command: StoredCommand) => Promise<CommandAnswer>;
  /** Told of each command that is over. */
  readonly onFinished: (command: StoredCommand) => Awaitable<void>;
  /** Told of a store that failed. */
  readonly onError: (error: unknown) => void;
}

/** A new command. */
export type CommandInit = Pick<
  StoredCommand,
  'endpoint' | 'operation' | 'path' | 'request' | 'priority' | 'expiresAtEpochMs'
>;

/** Which limit a new command would have broken. */
export type CommandLimit = 'commandsPerDeviceMax' | 'commandsMax';

/** How often a command that may be repeated is sent before it is given up. */
const ATTEMPTS_MAX = 5;
const ID_BYTES = 8;
const STORE_RETRY_MS = 30_000;

/**
 * Commands that wait for their devices, through restarts: each is kept before it is promised, marked before it is sent, and told of
 * before it is forgotten. What must not be done twice is never sent twice: its end is then `uncertain`.
 */
export class CommandQueue {
  readonly #options: CommandQueueOptions;
  readonly #entries = new Map<string, Entry>();
  /** By endpoint name. */
  readonly #devices = new Map<string, Set<Entry>>();
  readonly #gates = new Map<string, AwakeGate>();
  readonly #deadlines = new ExpiryQueue();
  #cancelWake: (() => void) | undefined;
  #isClosed = false;

  /** @param options what it stands on */
  constructor(options: CommandQueueOptions) {
    this.#options = options;
  }

  /** How many are not over. */
  get size(): number {
    return this.#entries.size;
  }

  /** The names of the devices that commands wait for. */
  get endpoints(): readonly string[] {
    return [...this.#devices.keys()];
  }

  /** Takes up what was kept: what was under way when the process ended goes again, or is `uncertain`. */
  async start(): Promise<void> {
    for (const command of await this.#options.store.commands()) {
      if (command.state === 'queued') this.#keep(command);
      else if (command.state !== 'sent') await this.#tell(command);
      else if (isIdempotent(command)) this.#keep({ ...command, state: 'queued' });
      else await this.#finish(this.#keep(command), 'uncertain', {});
    }
    this.#arm();
  }

  /** The limit that one more command for this device would break; `undefined`: none. */
  limitFor(endpoint: string): CommandLimit | undefined {
    const { commandsMax, commandsPerDeviceMax } = this.#options;
    if (this.#entries.size >= commandsMax) return 'commandsMax';
    return (this.#devices.get(endpoint)?.size ?? 0) >= commandsPerDeviceMax ? 'commandsPerDeviceMax' : undefined;
  }

  /** Queues a command. @returns it, once it is kept @throws what the store throws */
  async add(init: CommandInit): Promise<StoredCommand> {
    const { store, clock, random } = this.#options;
    const id = new Uint8Array(ID_BYTES);
    random.fill(id);
    const command: StoredCommand = {
      ...init,
      id: toHex(id),
      createdAtEpochMs: clock.epochMs(),
      state: 'queued',
      attempts: 0,
    };
    const entry = this.#keep(command);
    try {
      await store.put(command);
    } catch (error) {
      this.#drop(entry);
      throw error;
    }
    this.#arm();
    const gate = this.#gates.get(init.endpoint);
    if (gate !== undefined) void this.#run(entry, gate);
    return command;
  }

  /** Takes a command back that was not sent yet. @returns whether it was not */
  async cancel(id: string): Promise<boolean> {
    const entry = this.#entries.get(id);
    if (entry === undefined || entry.command.state !== 'queued') return false;
    await this.#finish(entry, 'cancelled', {});
    return true;
  }

  /** The commands for a device that are not over, in the order in which they came. */
  commands(endpoint: string): readonly StoredCommand[] {
    return [...(this.#devices.get(endpoint) ?? [])].map(({ command }) => command);
  }

  /** A device registered: its commands wait at this gate from now on. */
  attach(endpoint: string, gate: AwakeGate): void {
    if (this.#gates.get(endpoint) === gate) return;
    this.#gates.set(endpoint, gate);
    for (const entry of this.#devices.get(endpoint) ?? []) void this.#run(entry, gate);
  }

  /** A registration ended, and its gate with it. */
  detach(endpoint: string, gate: AwakeGate): void {
    if (this.#gates.get(endpoint) === gate) this.#gates.delete(endpoint);
  }

  /** Sends nothing more; what is kept stays kept. */
  close(): void {
    this.#isClosed = true;
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    for (const { source } of this.#entries.values()) source.abort('closed');
  }

  async #run(entry: Entry, gate: AwakeGate): Promise<void> {
    const { priority } = entry.command;
    let release: () => void;
    try {
      release = await gate.enter({ priority, signal: entry.source.signal });
    } catch (error) {
      // Its gate has ended, or it was cancelled: another gate will come, or nobody needs one.
      if (error instanceof GateError) return;
      throw error;
    }
    let hasFailed = false;
    try {
      if (!this.#isClosed && entry.command.state === 'queued') await this.#send(entry);
    } catch (error) {
      hasFailed = true;
      this.#options.onError(error);
    } finally {
      release();
    }
    if (hasFailed) this.#runLater(entry);
    else this.#runAgain(entry);
  }

  /** What was not answered and may be repeated goes once more, when the device is heard again. */
  #runAgain(entry: Entry): void {
    const { id, endpoint, state } = entry.command;
    const gate = this.#gates.get(endpoint);
    if (!this.#isClosed && this.#entries.has(id) && state === 'queued' && gate !== undefined)
      void this.#run(entry, gate);
  }

  /** A store that failed is not asked again at once. */
  #runLater(entry: Entry): void {
    const { clock } = this.#options;
    clock.schedule(clock.now() + STORE_RETRY_MS, () => this.#runAgain(entry));
  }

  async #send(entry: Entry): Promise<void> {
    const { store, send } = this.#options;
    const sent: StoredCommand = { ...entry.command, state: 'sent', attempts: entry.command.attempts + 1 };
    const waiting = entry.command;
    entry.command = sent;
    try {
      await store.put(sent);
    } catch (error) {
      entry.command = waiting;
      throw error;
    }
    let answer: CommandAnswer;
    try {
      answer = await send(sent);
    } catch (error) {
      return await this.#unanswered(entry, error);
    }
    const state = answer.responseCode.startsWith('2.') ? 'succeeded' : 'failed';
    await this.#finish(entry, state, { answer });
  }

  async #unanswered(entry: Entry, error: unknown): Promise<void> {
    const errorCode = LwM2mError.is(error) ? error.code : 'internal';
    // Nothing that was refused before it left can have been done.
    if (errorCode === 'invalid-argument' || errorCode === 'limit-reached')
      return await this.#finish(entry, 'failed', { errorCode });
    if (!isIdempotent(entry.command)) return await this.#finish(entry, 'uncertain', { errorCode });
    if (entry.command.attempts >= ATTEMPTS_MAX) return await this.#finish(entry, 'failed', { errorCode });
    entry.command = { ...entry.command, state: 'queued' };
    await this.#options.store.put(entry.command);
  }

  async #finish(
    entry: Entry,
    state: CommandState,
    end: { readonly answer?: CommandAnswer; readonly errorCode?: string },
  ): Promise<void> {
    const finished: StoredCommand = { ...entry.command, state, ...end };
    entry.command = finished;
    this.#drop(entry);
    await this.#options.store.put(finished);
    await this.#tell(finished);
  }

  /** Told first and forgotten then: after a crash in between it is told once more, never not at all. */
  async #tell(command: StoredCommand): Promise<void> {
    await this.#options.onFinished(command);
    await this.#options.store.remove(command.id);
  }

  #keep(command: StoredCommand): Entry {
    const entry: Entry = { command, source: new AbortSource() };
    this.#entries.set(command.id, entry);
    const own = this.#devices.get(command.endpoint) ?? new Set();
    this.#devices.set(command.endpoint, own.add(entry));
    const { clock } = this.#options;
    if (command.expiresAtEpochMs !== undefined)
      this.#deadlines.track(command.id, clock.now() + (command.expiresAtEpochMs - clock.epochMs()));
    return entry;
  }

  #drop(entry: Entry): void {
    const { id, endpoint } = entry.command;
    this.#entries.delete(id);
    this.#deadlines.untrack(id);
    const own = this.#devices.get(endpoint);
    own?.delete(entry);
    if (own?.size === 0) this.#devices.delete(endpoint);
    entry.source.abort('over');
    this.#arm();
  }

  #arm(): void {
    this.#cancelWake?.();
    const { wakeAt } = this.#deadlines;
    const { clock } = this.#options;
    this.#cancelWake =
      wakeAt === undefined || this.#isClosed ? undefined : clock.schedule(wakeAt, () => this.#handleTimeout());
  }

  #handleTimeout(): void {
    const { expired } = this.#deadlines.handleTimeout(this.#options.clock.now());
    for (const id of expired) {
      const entry = this.#entries.get(id);
      // What is under way has left in time.
      if (entry?.command.state === 'queued') this.#finish(entry, 'expired', {}).catch(this.#options.onError);
    }
    this.#arm();
  }
}

interface Entry {
  command: StoredCommand;
  readonly source: AbortSource;
}
