import type { ExecuteArguments, ObjectMembers, ValueOf } from '@motestack/model';
import type { ContentFormatName } from '../device-management/content-format-choice.ts';
import type { AttributeChangesFor } from '../information-reporting/attributes.ts';
import type { ExecutablePath, InstancePath, ReadablePath, WritablePath, WriteValue } from '../registered-device.ts';
import type { QueuedCommand } from './queued-command.ts';

/** How a command waits. */
export interface CommandOptions {
  /** Seconds after which it is no longer sent; its end is then `expired`. Default: it waits without end. */
  readonly ttlSeconds?: number | undefined;
  /** Higher goes first, also before awaited calls that wait. Default 0. */
  readonly priority?: number | undefined;
  /** The format to ask for or to write in; without it the server chooses by what the device says of itself now. */
  readonly contentFormat?: ContentFormatName | undefined;
}

/**
 * Commands to one device that need not be awaited: each has an id, waits until the device is awake, and ends in `commandFinished`. With
 * a store that survives a restart they do so too. One at a time, by priority and age.
 *
 * Every method resolves once the command is kept, and rejects with `InvalidArgumentError` for the caller's mistake, with
 * `LimitReachedError` where `commandsPerDeviceMax` or `commandsMax` wait already, and with what the store throws.
 *
 * @see LwM2M Transport §6.5 (Queue Mode)
 */
export interface DeviceQueue {
  /** As `device.read`; `command.value` is what was read. */
  read<const P extends ReadablePath>(path: P, options?: CommandOptions): Promise<QueuedCommand>;
  /** As `device.write`. */
  write<const P extends WritablePath>(path: P, value: WriteValue<P>, options?: CommandOptions): Promise<QueuedCommand>;
  /** As `device.replace`. */
  replace<const P extends WritablePath>(
    path: P,
    value: WriteValue<P>,
    options?: CommandOptions,
  ): Promise<QueuedCommand>;
  /** As `device.execute`; it is never sent twice. */
  execute(resource: ExecutablePath, args?: ExecuteArguments, options?: CommandOptions): Promise<QueuedCommand>;
  /** As `device.create`; `command.value` is the id of the new instance. It is never sent twice. */
  create<R, M extends keyof R>(
    object: ObjectMembers<R, M>,
    values: { readonly [N in keyof R]?: ValueOf<R[N]> },
    options?: CommandOptions & { readonly objectInstanceId?: number | undefined },
  ): Promise<QueuedCommand>;
  /** As `device.delete`; it is never sent twice. */
  delete(instance: InstancePath, options?: CommandOptions): Promise<QueuedCommand>;
  /** As `device.writeAttributes`. */
  writeAttributes<const P extends ReadablePath>(
    path: P,
    attributes: AttributeChangesFor<P>,
    options?: CommandOptions,
  ): Promise<QueuedCommand>;
  /** The commands that are not over, in the order in which they came. */
  commands(): readonly QueuedCommand[];
  /** Takes a command back. @returns whether it was not sent yet */
  cancel(id: string): Promise<boolean>;
}
