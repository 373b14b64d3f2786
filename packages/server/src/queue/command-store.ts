import type { Awaitable } from '../awaitable.ts';
import type { StoredCommand } from './command.ts';

/** Keeps commands, so that they survive a restart. What it was told it must know again before it answers. */
export interface CommandStore {
  /** All that is kept, in no particular order; asked once, at start. */
  commands(): Awaitable<Iterable<StoredCommand>>;
  /** Keeps a command, or its new state. */
  put(command: StoredCommand): Awaitable<void>;
  /** Forgets a command. */
  remove(id: string): Awaitable<void>;
}

/** Keeps commands in memory: they end with the process. */
export class InMemoryCommandStore implements CommandStore {
  readonly #commands = new Map<string, StoredCommand>();

  commands(): Iterable<StoredCommand> {
    return [...this.#commands.values()];
  }

  put(command: StoredCommand): void {
    this.#commands.set(command.id, command);
  }

  remove(id: string): void {
    this.#commands.delete(id);
  }
}
