import type { Operation } from '../lwm2m-error.ts';
import type { CommandState, StoredCommand } from './command.ts';

/** A command, as users see it: its state when it was asked for. */
export interface QueuedCommand {
  /** Names it, through restarts. */
  readonly id: string;
  /** The device's Endpoint Client Name. */
  readonly endpoint: string;
  /** What is done. */
  readonly operation: Operation;
  /** On what. */
  readonly path: string;
  /** What became of it. */
  readonly state: CommandState;
  /** Higher goes first. */
  readonly priority: number;
  /** How often it was sent. */
  readonly attempts: number;
  /** When it was queued. */
  readonly createdAt: Date;
  /** When it is no longer sent; `undefined`: it waits without end. */
  readonly expiresAt: Date | undefined;
  /** What the device answered, `2.04`; `undefined` before, and where it did not answer. */
  readonly responseCode?: string | undefined;
  /** The code of the error where there was no answer, `timeout` say. */
  readonly errorCode?: string | undefined;
  /** What was read, or the id of the instance that was created. */
  readonly value?: unknown;
}

/** A command as users see it. @param value what its answer says */
export function queuedCommand(command: StoredCommand, value?: unknown): QueuedCommand {
  const { id, endpoint, operation, path, state, priority, attempts, answer, errorCode } = command;
  const { createdAtEpochMs, expiresAtEpochMs } = command;
  return {
    id,
    endpoint,
    operation,
    path,
    state,
    priority,
    attempts,
    createdAt: new Date(createdAtEpochMs),
    expiresAt: expiresAtEpochMs === undefined ? undefined : new Date(expiresAtEpochMs),
    ...(answer === undefined ? {} : { responseCode: answer.responseCode }),
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(value === undefined ? {} : { value }),
  };
}
