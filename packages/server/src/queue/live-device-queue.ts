import type { ExecuteArguments } from '@motestack/model';
import type {
  DeviceManagement,
  OperationRequest,
  ResolvedCall,
  Target,
  WriteMode,
} from '../device-management/device-management.ts';
import type { DeviceRequests } from '../device-management/device-requests.ts';
import { LimitReachedError, type Operation } from '../lwm2m-error.ts';
import type { Registration } from '../registration/registration.ts';
import type { CommandOptions, DeviceQueue } from './device-queue.ts';
import type { QueueMode } from './queue-mode.ts';
import { type QueuedCommand, queuedCommand } from './queued-command.ts';

/** What the queue of one device stands on. */
export interface LiveDeviceQueueOptions {
  /** Makes requests. */
  readonly management: DeviceManagement;
  /** Knows what errors say of the device. */
  readonly requests: DeviceRequests;
  /** The present state of the registration. */
  readonly registration: () => Registration;
  /** Where commands wait. */
  readonly queueMode: QueueMode;
  /** Wall time. */
  readonly epochMs: () => number;
}

/** The commands for one device: made into requests when they are queued, with what the device says of its formats by then. */
export class LiveDeviceQueue implements DeviceQueue {
  readonly #options: LiveDeviceQueueOptions;

  /** @param options what it stands on */
  constructor(options: LiveDeviceQueueOptions) {
    this.#options = options;
  }

  async read(path: Target, options: CommandOptions = {}): Promise<QueuedCommand> {
    return await this.#add('Read', path, options, (management, call) => management.readRequest(call, options));
  }

  async write(path: Target, value: unknown, options: CommandOptions = {}): Promise<QueuedCommand> {
    return await this.#write(path, value, 'write', options);
  }

  async replace(path: Target, value: unknown, options: CommandOptions = {}): Promise<QueuedCommand> {
    return await this.#write(path, value, 'replace', options);
  }

  async execute(resource: Target, args: ExecuteArguments = {}, options: CommandOptions = {}): Promise<QueuedCommand> {
    return await this.#add('Execute', resource, options, (management, call) => management.executeRequest(call, args));
  }

  async create(
    object: Target,
    values: unknown,
    options: CommandOptions & { readonly objectInstanceId?: number | undefined } = {},
  ): Promise<QueuedCommand> {
    return await this.#add('Create', object, options, (management, call) =>
      management.createRequest(call, values, options),
    );
  }

  async delete(instance: Target, options: CommandOptions = {}): Promise<QueuedCommand> {
    return await this.#add('Delete', instance, options, (management, call) => management.deleteRequest(call));
  }

  async writeAttributes(path: Target, attributes: object, options: CommandOptions = {}): Promise<QueuedCommand> {
    return await this.#add('Write-Attributes', path, options, (management, call) => ({
      method: 'PUT',
      path: management.segments(call.at),
      query: management.attributeQuery(call, attributes),
    }));
  }

  commands(): readonly QueuedCommand[] {
    const { queueMode, registration } = this.#options;
    return queueMode.commands.commands(registration().endpoint).map((command) => queuedCommand(command));
  }

  async cancel(id: string): Promise<boolean> {
    const isOwn = this.commands().some((command) => command.id === id);
    return isOwn && (await this.#options.queueMode.commands.cancel(id));
  }

  #write(path: Target, value: unknown, mode: WriteMode, options: CommandOptions): Promise<QueuedCommand> {
    return this.#add('Write', path, options, (management, call) =>
      management.writeRequest(call, value, { ...options, mode }),
    );
  }

  async #add(
    operation: Operation,
    target: Target,
    { ttlSeconds, priority = 0 }: CommandOptions,
    make: (management: DeviceManagement, call: ResolvedCall) => OperationRequest,
  ): Promise<QueuedCommand> {
    const { management, requests, registration, queueMode, epochMs } = this.#options;
    const call = management.resolve(operation, target, new Error('called from'));
    const { path: _path, ...request } = make(management, call);
    management.guardArgument(call, () => {
      if (ttlSeconds !== undefined && !(ttlSeconds > 0 && Number.isFinite(ttlSeconds)))
        throw new RangeError('ttlSeconds is a positive number of seconds');
    });
    const { endpoint } = registration();
    const limit = queueMode.commands.limitFor(endpoint);
    if (limit !== undefined) throw new LimitReachedError({ ...requests.detail(call), limit });
    queueMode.expectCommands(registration());
    const expiresAtEpochMs = ttlSeconds === undefined ? undefined : epochMs() + ttlSeconds * 1000;
    const { path } = call;
    return queuedCommand(
      await queueMode.commands.add({ endpoint, operation, path, request, priority, expiresAtEpochMs }),
    );
  }
}
