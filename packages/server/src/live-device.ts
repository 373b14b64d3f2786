import { type AbortSignalLike, formatCode, type PeerId } from '@motestack/coap';
import type { DiscoveredNode } from '@motestack/codecs';
import {
  type ExecuteArguments,
  type ObjectInstance,
  type ObjectLookup,
  type ObjectMembers,
  parsePath,
  type ValueOf,
} from '@motestack/model';
import type { Target } from './device-management/device-management.ts';
import type { FlightEnd } from './device-management/device-requests.ts';
import type { OpaqueSource } from './device-management/opaque-streams.ts';
import { type DeviceContext, DeviceParts } from './device-parts.ts';
import { DeviceSignal } from './device-signal.ts';
import type { AttributeChangesFor } from './information-reporting/attributes.ts';
import type { DeviceObservation } from './information-reporting/device-observation.ts';
import type { Observation, ObserveCompositeOptions, ObserveOptions } from './information-reporting/observation.ts';
import type { ReportSource } from './information-reporting/report-source.ts';
import { CompositeSource, SingleSource } from './information-reporting/report-sources.ts';
import type { Sample } from './information-reporting/sample.ts';
import type { StandingObservation } from './information-reporting/standing-observation.ts';
import type { StandingDevice } from './information-reporting/standing-observations.ts';
import { ListenerError } from './lwm2m-error.ts';
import type { CommandAnswer, StoredCommand } from './queue/command.ts';
import type { DeviceQueue } from './queue/device-queue.ts';
import { valueOfAnswer } from './queue/value-of-answer.ts';
import type {
  CompositeReadOptions,
  CompositeResult,
  CompositeWrites,
  CreateOptions,
  DiscoverOptions,
  ExecutablePath,
  FormatOptions,
  InstancePath,
  ReadablePath,
  ReadOptions,
  ReadResult,
  RegisteredDevice,
  RequestOptions,
  StreamOptions,
  WritablePath,
  WriteValue,
} from './registered-device.ts';
import { type BindingMode, parseBinding } from './registration/binding.ts';
import type { Registration } from './registration/registration.ts';

/** A registered device as the server drives it: {@link RegisteredDevice} for users, and what the server tells it. */
export class LiveDevice implements RegisteredDevice, StandingDevice {
  readonly #context: DeviceContext;
  #registration: Registration;
  /** The first of those that have no loop. */
  standing: StandingObservation | undefined;
  /** What a quiet device does without. */
  #partsMade: DeviceParts | undefined;
  #signalMade: DeviceSignal | undefined;
  #ended: FlightEnd | undefined;

  /**
   * @param registration its first state
   * @param context the server
   */
  constructor(registration: Registration, context: DeviceContext) {
    this.#context = context;
    this.#registration = registration;
    this.standing = undefined;
  }

  /** The Endpoint Client Name. */
  get endpoint(): string {
    return this.#registration.endpoint;
  }

  /** The version of the enabler. */
  get lwm2mVersion(): Registration['lwm2mVersion'] {
    return this.#registration.lwm2mVersion;
  }

  /** Where the device is. */
  get peer(): PeerId {
    return this.#registration.peer;
  }

  /** What it can be reached by. */
  get bindings(): readonly BindingMode[] {
    return parseBinding(this.#registration.binding).modes;
  }

  /** See {@link RegisteredDevice.isAwake}. */
  get isAwake(): boolean {
    return this.#context.queueMode.isAwake(this.#registration);
  }

  /** See {@link RegisteredDevice.queue}. */
  get queue(): DeviceQueue {
    return this.#parts.queue as DeviceQueue;
  }

  /** The present state of the registration. */
  get registration(): Registration {
    return this.#registration;
  }

  /** Given when the registration ends. */
  get signal(): AbortSignalLike {
    if (this.#signalMade === undefined) {
      this.#signalMade = new DeviceSignal();
      if (this.#ended !== undefined) this.#signalMade.give(this.#ended, () => {});
    }
    return this.#signalMade;
  }

  /** How many requests wait for an answer. */
  get requestsInFlight(): number {
    return this.#partsMade?.requests.inFlight ?? 0;
  }

  /** How many observations are open. */
  get observations(): number {
    return (this.#partsMade?.observations.size ?? 0) + this.#context.standing.countOf(this);
  }

  /** How many samples the open observations dropped. */
  get samplesDropped(): number {
    return this.#partsMade?.observations.samplesDropped ?? 0;
  }

  /** See {@link RegisteredDevice.instances}. */
  instances<R, M extends keyof R>(object: ObjectMembers<R, M>): readonly ObjectInstance<R>[] {
    const { id } = object.definition;
    const ids = this.#registration.inventory.objects
      .filter(({ objectId }) => objectId === id)
      .flatMap((own) => own.instances);
    return [...new Set(ids)].sort((a, b) => a - b).map((objectInstanceId) => object.at(objectInstanceId));
  }

  /** See {@link RegisteredDevice.read}. */
  async read<const P extends ReadablePath, const O extends ReadOptions>(
    path: P,
    options?: O,
  ): Promise<ReadResult<P, O>> {
    return (await this.#parts.management.read(path, options ?? {}, new Error('called from'))) as ReadResult<P, O>;
  }

  /** See {@link RegisteredDevice.write}. */
  async write<const P extends WritablePath>(path: P, value: WriteValue<P>, options: FormatOptions = {}): Promise<void> {
    await this.#parts.management.write(path, value, { ...options, mode: 'write' }, new Error('called from'));
  }

  /** See {@link RegisteredDevice.replace}. */
  async replace<const P extends WritablePath>(
    path: P,
    value: WriteValue<P>,
    options: FormatOptions = {},
  ): Promise<void> {
    await this.#parts.management.write(path, value, { ...options, mode: 'replace' }, new Error('called from'));
  }

  /** See {@link RegisteredDevice.update}. */
  async update<const P extends WritablePath>(
    path: P,
    value: WriteValue<P>,
    options: FormatOptions = {},
  ): Promise<void> {
    await this.#parts.management.write(path, value, { ...options, mode: 'update' }, new Error('called from'));
  }

  /** See {@link RegisteredDevice.readComposite}. */
  async readComposite<const P extends readonly ReadablePath[]>(
    paths: P,
    options: CompositeReadOptions = {},
  ): Promise<CompositeResult<P>> {
    return (await this.#parts.composite.read(paths, options, new Error('called from'))) as CompositeResult<P>;
  }

  /** See {@link RegisteredDevice.writeComposite}. */
  async writeComposite<const P extends readonly WritablePath[]>(
    writes: readonly [...CompositeWrites<P>],
    options: FormatOptions = {},
  ): Promise<void> {
    const pairs = writes as readonly (readonly [WritablePath, unknown])[];
    await this.#parts.composite.write(pairs, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.readStream}. */
  readStream(path: ReadablePath, options: StreamOptions = {}): AsyncIterable<Uint8Array> {
    return this.#parts.streams.read(path, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.writeStream}. */
  async writeStream(
    path: WritablePath,
    source: OpaqueSource,
    options: StreamOptions & { readonly sizeBytes?: number | undefined } = {},
  ): Promise<void> {
    await this.#parts.streams.write(path, source, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.execute}. */
  async execute(resource: ExecutablePath, args: ExecuteArguments = {}, options: RequestOptions = {}): Promise<void> {
    await this.#parts.management.execute(resource, args, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.create}. */
  async create<R, M extends keyof R>(
    object: ObjectMembers<R, M>,
    values: { readonly [N in keyof R]?: ValueOf<R[N]> },
    options: CreateOptions = {},
  ): Promise<ObjectInstance<R>> {
    return object.at(await this.#parts.management.create(object, values, options, new Error('called from')));
  }

  /** See {@link RegisteredDevice.delete}. */
  async delete(instance: InstancePath, options: RequestOptions = {}): Promise<void> {
    await this.#parts.management.delete(instance, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.discover}. */
  async discover(path: Target, options: DiscoverOptions = {}): Promise<readonly DiscoveredNode[]> {
    return await this.#parts.management.discover(path, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.writeAttributes}. */
  async writeAttributes<const P extends ReadablePath>(
    path: P,
    attributes: AttributeChangesFor<P>,
    options: RequestOptions = {},
  ): Promise<void> {
    await this.#parts.management.writeAttributes(path, attributes, options, new Error('called from'));
  }

  /** See {@link RegisteredDevice.observe}. */
  observe<const P extends ReadablePath>(path: P, options: ObserveOptions<P> = {}): Observation<ReadResult<P>> {
    return this.#observe(this.#source<P>(path, options));
  }

  /** See {@link RegisteredDevice.observeComposite}. */
  observeComposite<const P extends readonly ReadablePath[]>(
    paths: P,
    options: ObserveCompositeOptions = {},
  ): Observation<CompositeResult<P>> {
    const calledFrom = new Error('called from');
    this.#parts.composite.resolve('Observe-Composite', paths, {}, calledFrom);
    return this.#observe(new CompositeSource<CompositeResult<P>>(paths, options, calledFrom));
  }

  /** See {@link RegisteredDevice.startObservation}. */
  async startObservation<const P extends ReadablePath>(
    path: P,
    options: ObserveOptions<P> = {},
  ): Promise<Sample<ReadResult<P>>> {
    const calledFrom = new Error('called from');
    const request = { path, options: options as ObserveOptions<string>, calledFrom };
    return (await this.#context.standing.start(this, request)) as Sample<ReadResult<P>>;
  }

  /** See {@link RegisteredDevice.cancelObservation}. */
  async cancelObservation(path: ReadablePath): Promise<void> {
    await this.#context.standing.cancel(this, String(path), new Error('called from'));
  }

  /** The definitions that count for the device. */
  lookup(): ObjectLookup {
    return this.#context.lookupFor(this.#registration);
  }

  /** Has work done; if nothing else goes on with the device then, what was made for it is dropped. */
  async withParts<Result>(work: (parts: DeviceParts) => Promise<Result>): Promise<Result> {
    const parts = this.#parts;
    parts.uses += 1;
    try {
      return await work(parts);
    } finally {
      parts.uses -= 1;
      if (parts.isIdle && this.#ended === undefined) this.#partsMade = undefined;
    }
  }

  /** The device updated its registration; from another address, what waits for the old one ends, and observations begin anew. */
  applyUpdate(registration: Registration): void {
    const previous = this.#registration;
    this.#registration = registration;
    if (registration.peer === previous.peer && registration.localUrl === previous.localUrl) return;
    this.#partsMade?.requests.end('address-changed');
    this.#partsMade?.observations.reopenAll();
    const { standing } = this.#context;
    standing.restart(this, standing.take(this));
  }

  /** Sends a command whose turn it is. @throws {LwM2mError} */
  async perform({ operation, path, request }: StoredCommand): Promise<CommandAnswer> {
    const { management } = this.#parts;
    const call = { operation, path, calledFrom: new Error('called from') };
    const init = { ...request, path: management.segments(parsePath(path)) };
    const response = await management.send(call, init, { isAdmitted: true });
    const { code, contentFormat, payload, locationPath } = response;
    return { responseCode: formatCode(code), contentFormat, payload, locationPath };
  }

  /** What the answer to a command says. @throws {UnexpectedAnswerError} */
  valueOf(command: StoredCommand): unknown {
    return valueOfAnswer(this.#parts.management, command);
  }

  /** The registration ended, or the server closes. */
  end(reason: FlightEnd): void {
    this.#ended ??= reason;
    // Requests first, so that those of an observation say why they end; its loop ends before it hears of that.
    this.#partsMade?.requests.end(reason);
    this.#partsMade?.observations.end();
    this.#context.standing.end(this);
    const detail = { operation: 'Event', endpoint: this.endpoint, path: undefined, event: 'abort' } as const;
    this.#signalMade?.give(reason, (cause) => {
      this.#context.onBackgroundError(new ListenerError({ ...detail, cause }), this);
    });
  }

  /** The device registered anew: what is observed goes over to its new registration. @returns begins there, once it may be asked */
  handObservationsTo(next: LiveDevice): () => void {
    const { standing } = this.#context;
    const targets = standing.take(this);
    const parts = this.#partsMade;
    const loops = parts === undefined || parts.observations.size === 0 ? undefined : parts.observations;
    if (loops !== undefined) loops.moveTo(next.#parts.observations);
    return () => {
      if (loops !== undefined) next.#parts.observations.reopenAll();
      standing.restart(next, targets);
    };
  }

  get #parts(): DeviceParts {
    this.#partsMade ??= this.#makeParts();
    return this.#partsMade;
  }

  #makeParts(): DeviceParts {
    const lookup = (): ObjectLookup => this.lookup();
    const parts = new DeviceParts({ device: this, registration: () => this.#registration, lookup }, this.#context);
    if (this.#ended !== undefined) parts.requests.end(this.#ended);
    return parts;
  }

  #source<P extends ReadablePath>(path: P, options: ObserveOptions<P>): SingleSource<ReadResult<P>> {
    const calledFrom = new Error('called from');
    this.#parts.management.resolve('Observe', path, calledFrom);
    return new SingleSource<ReadResult<P>>(path, options as ObserveOptions<string>, calledFrom);
  }

  #observe<Value>(source: ReportSource<Value>): DeviceObservation<Value> {
    return this.#parts.observations.observe(source);
  }
}
