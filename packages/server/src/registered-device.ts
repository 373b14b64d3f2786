import type { AbortSignalLike, PeerId } from '@motestack/coap';
import type { DiscoveredNode } from '@motestack/codecs';
import type {
  ExecuteArguments,
  ObjectInstance,
  ObjectMembers,
  Readable,
  TypedPath,
  ValueOf,
  Writable,
} from '@motestack/model';
import type { ContentFormatName } from './device-management/content-format-choice.ts';
import type { OpaqueSource } from './device-management/opaque-streams.ts';
import type { AttributeChangesFor } from './information-reporting/attributes.ts';
import type { Observation, ObserveCompositeOptions, ObserveOptions } from './information-reporting/observation.ts';
import type { Sample } from './information-reporting/sample.ts';
import type { DeviceQueue } from './queue/device-queue.ts';
import type { BindingMode } from './registration/binding.ts';
import type { LwM2mVersion, Registration } from './registration/registration.ts';

/** A path as text, `/3303/0/5700`: what stands there is not known to the compiler. */
export type PathText = `/${string}`;

/** What may be read: a typed path that says so, or a text. */
export type ReadablePath = TypedPath<unknown, Readable, unknown> | PathText;

/** What may be written: a typed path that says so, or a text. */
export type WritablePath = TypedPath<unknown, Writable, unknown> | PathText;

/** What can be executed: a typed path that says so, or a text. */
export type ExecutablePath = TypedPath<undefined, 'E'> | PathText;

/** An object instance, a resource instance (1.2), or a text. */
export type InstancePath = TypedPath<unknown, 'RW', unknown> | PathText;

/** Numbers within a type may be `bigint`s too. */
export type WithBigint<Value> = Value extends number
  ? number | bigint
  : Value extends string | boolean | Date | Uint8Array | undefined
    ? Value
    : { readonly [Key in keyof Value]: WithBigint<Value[Key]> };

/** What reading a path gives; `unknown` for a text. */
export type ReadResult<Path, Options = unknown> = Path extends string
  ? unknown
  : Options extends { readonly bigint: true }
    ? WithBigint<ValueOf<Path>>
    : ValueOf<Path>;

/** What writing a path takes; `unknown` for a text. */
export type WriteValue<Path> = Path extends { readonly '~write': infer Written } ? Written : unknown;

/** What every request takes. */
export interface RequestOptions {
  /** Gives the request up: it rejects with `AbortedError`. */
  readonly signal?: AbortSignalLike | undefined;
  /**
   * Milliseconds until the request rejects with `TimeoutError`; the server's `requestTimeoutMs` unless said here. Of a device in queue
   * mode they count from when the request leaves.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * Whether to wait for a device in queue mode that sleeps, for as long as it is registered: `wait` (default), or `reject` with
   * `DeviceAsleepError`. What shall outlive this process goes through `device.queue`.
   */
  readonly whenAsleep?: 'wait' | 'reject' | undefined;
  /** Among the requests that wait for a device in queue mode, higher goes first. Default 0. */
  readonly priority?: number | undefined;
}

/** What a request with a payload takes. */
export interface FormatOptions extends RequestOptions {
  /** The format to ask for or to write in; without it the server chooses by what the device says of itself. */
  readonly contentFormat?: ContentFormatName | undefined;
}

/** What a Read takes. */
export interface ReadOptions extends FormatOptions {
  /** Gives integers beyond ±(2^53 − 1) as `bigint`; without it they are an `UnexpectedAnswerError`. Paths as text always do. */
  readonly bigint?: boolean | undefined;
}

/** What a Read-Composite takes. */
export interface CompositeReadOptions extends RequestOptions {
  /** The format to ask for, one of SenML's or LwM2M CBOR; without it the server chooses by what the device says of itself. */
  readonly contentFormat?: ContentFormatName | undefined;
  /** Gives integers beyond ±(2^53 − 1) as `bigint`. */
  readonly bigint?: boolean | undefined;
}

/** What a Discover takes. */
export interface DiscoverOptions extends RequestOptions {
  /**
   * How many levels below the path are listed, 0 to 3 (1.2; older devices pass it over). Default: what the device does, two levels
   * for an object and one for others.
   *
   * @see LwM2M Core 1.2 §6.3.2
   */
  readonly depth?: number | undefined;
}

/** What reading and writing of long opaque values takes; `timeoutMs` counts for each block. */
export interface StreamOptions extends RequestOptions {
  /** Milliseconds until the whole transfer rejects with `TimeoutError`. Default: `coap.bodyTimeoutMs`. */
  readonly bodyTimeoutMs?: number | undefined;
}

/** What a Write-Composite takes for each path: the path and its value, or `null`, which removes a resource instance. */
export type CompositeWrites<Paths extends readonly WritablePath[]> = {
  readonly [Index in keyof Paths]: readonly [Paths[Index], WriteValue<Paths[Index]> | null];
};

/** What a Read-Composite gives: a value for each path, `undefined` where the device gives none. */
export type CompositeResult<Paths extends readonly ReadablePath[]> = {
  readonly [Index in keyof Paths]: ReadResult<Paths[Index]> | undefined;
};

/** What a Create takes. */
export interface CreateOptions extends FormatOptions {
  /** The id that the new instance is to have; without it the device chooses. */
  readonly objectInstanceId?: number | undefined;
}

/**
 * A device as long as its registration lasts. When it registers anew there is a new one, and this one's `signal` is given.
 *
 * Every method rejects with an error that names operation, endpoint, path and a code, and whose stack holds the caller's line:
 * `ResponseError` if the device refuses, `TimeoutError` if it is silent, `RegistrationReplacedError` or `DeviceGoneError` if the
 * registration ends, `InvalidArgumentError` for the caller's mistake; docs/errors.md has them all.
 *
 * @see LwM2M Core §6.3 (device management), §6.4 (information reporting)
 */
export interface RegisteredDevice {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** The version of the enabler that the device speaks. */
  readonly lwm2mVersion: LwM2mVersion;
  /** Where the device is, e.g. `192.0.2.7:5683`; it may change with an Update. */
  readonly peer: PeerId;
  /** What the device can be reached by, as its binding says. */
  readonly bindings: readonly BindingMode[];
  /** Whether a request would leave at once: always, but for a device in queue mode that sleeps (LwM2M Transport §6.5). */
  readonly isAwake: boolean;
  /** Commands that wait for the device, through restarts of the server if its `queue.store` does. */
  readonly queue: DeviceQueue;
  /** All that the device said when it registered or last updated. */
  readonly registration: Registration;
  /** Given when the registration ends; `reason` is then `deregister`, `expired`, `replaced` or `server-closed`. */
  readonly signal: AbortSignalLike;

  /**
   * The instances of an object that the device registered.
   *
   * @returns typed references, by ascending instance id; no request is sent
   */
  instances<R, M extends keyof R>(object: ObjectMembers<R, M>): readonly ObjectInstance<R>[];

  /**
   * Reads a resource, a resource instance, an object instance or an object.
   *
   * @returns a value; a multiple resource is a record by resource instance id, an instance a record by resource name, an object a
   *   record of those by instance id
   * @see LwM2M Core §6.3.1
   */
  read<const P extends ReadablePath, const O extends ReadOptions = ReadOptions>(
    path: P,
    options?: O,
  ): Promise<ReadResult<P, O>>;

  /**
   * Writes. A resource is replaced; in an object instance only the named resources change (Partial Update).
   *
   * @param value a value, an array or a record by resource instance id, or a record by resource name
   * @see LwM2M Core §6.3.3
   */
  write<const P extends WritablePath>(path: P, value: WriteValue<P>, options?: FormatOptions): Promise<void>;

  /**
   * Replaces an object instance or a resource: what is not named is removed if it is optional.
   *
   * @see LwM2M Core §6.3.3 (Replace)
   */
  replace<const P extends WritablePath>(path: P, value: WriteValue<P>, options?: FormatOptions): Promise<void>;

  /**
   * Updates in part: in an object instance the named resources, in a multiple resource the given instances; nothing is removed.
   *
   * @see LwM2M Core §6.3.3 (Partial Update)
   */
  update<const P extends WritablePath>(path: P, value: WriteValue<P>, options?: FormatOptions): Promise<void>;

  /**
   * Reads several paths in one request. A device of 1.1 or later may know how.
   *
   * @returns a value for each path, in their order; `undefined` where the device has none or may not give it
   * @see LwM2M Core §6.3.8 (Read-Composite)
   * @example
   * const [battery, celsius] = await device.readComposite([Device.batteryLevel, Temperature.sensorValue]);
   */
  readComposite<const P extends readonly ReadablePath[]>(
    paths: P,
    options?: CompositeReadOptions,
  ): Promise<CompositeResult<P>>;

  /**
   * Writes several paths in one request, all of them or none. `null` removes a resource instance.
   *
   * @see LwM2M Core §6.3.9 (Write-Composite)
   * @example
   * await device.writeComposite([[Server.at(1).lifetime, 300], [Device.utcOffset, '+01:00']]);
   */
  writeComposite<const P extends readonly WritablePath[]>(
    writes: readonly [...CompositeWrites<P>],
    options?: FormatOptions,
  ): Promise<void>;

  /**
   * Reads one opaque value of any length as it comes; whoever leaves the loop ends the transfer.
   *
   * @throws {InvalidArgumentError} at once, for a path that is no single opaque value; the loop throws what `read` rejects with
   * @see LwM2M Core §7.4.2; RFC 7959
   */
  readStream(path: ReadablePath, options?: StreamOptions): AsyncIterable<Uint8Array>;

  /**
   * Writes one opaque value of any length, from chunks or from a `BodySource`: no more of it is read than is sent.
   *
   * @param options `sizeBytes`: how long it is, which the device is told (Size1)
   * @see LwM2M Core §7.4.2; RFC 7959
   */
  writeStream(
    path: WritablePath,
    source: OpaqueSource,
    options?: StreamOptions & { readonly sizeBytes?: number | undefined },
  ): Promise<void>;

  /**
   * Executes a resource.
   *
   * @param args `{ 0: 'a', 3: undefined }` is `0='a',3`
   * @see LwM2M Core §6.3.5
   */
  execute(resource: ExecutablePath, args?: ExecuteArguments, options?: RequestOptions): Promise<void>;

  /**
   * Creates an object instance.
   *
   * @param values by resource name
   * @returns the new instance, with the id that the device gave or took
   * @see LwM2M Core §6.3.6
   */
  create<R, M extends keyof R>(
    object: ObjectMembers<R, M>,
    values: { readonly [N in keyof R]?: ValueOf<R[N]> },
    options?: CreateOptions,
  ): Promise<ObjectInstance<R>>;

  /**
   * Deletes an object instance; of a 1.2 device also an instance of a multiple resource.
   *
   * @see LwM2M Core §6.3.7
   */
  delete(instance: InstancePath, options?: RequestOptions): Promise<void>;

  /**
   * Asks which instances and resources are there, and which attributes are attached to them.
   *
   * @param path an object, an object instance or a resource
   * @see LwM2M Core §6.3.2
   */
  discover(
    path: TypedPath<unknown, 'R' | 'W' | 'RW' | 'E', unknown> | PathText,
    options?: DiscoverOptions,
  ): Promise<readonly DiscoveredNode[]>;

  /**
   * Attaches notification attributes; a name with the value `undefined` is unset.
   *
   * @see LwM2M Core §6.3.4, §5.1.2
   */
  writeAttributes<const P extends ReadablePath>(
    path: P,
    attributes: AttributeChangesFor<P>,
    options?: RequestOptions,
  ): Promise<void>;

  /**
   * Observes a path. Nothing is sent before the first step of a loop over the observation; the first value is that of the first
   * answer. The loop ends when the registration does, and throws if the device refuses.
   *
   * @throws {InvalidArgumentError} at once, for a path or an option that means nothing
   * @see LwM2M Core §6.4.1
   */
  observe<const P extends ReadablePath>(path: P, options?: ObserveOptions<P>): Observation<ReadResult<P>>;

  /**
   * Observes several paths at once: each notification has a value for each of them, `undefined` where the device has none.
   *
   * @throws {InvalidArgumentError} at once, for a path or an option that means nothing
   * @see LwM2M Core §6.4.4 (Observe-Composite)
   */
  observeComposite<const P extends readonly ReadablePath[]>(
    paths: P,
    options?: ObserveCompositeOptions,
  ): Observation<CompositeResult<P>>;

  /**
   * Observes a path for those who listen to the server's `notify`: no loop is needed, and nothing is kept of what was told.
   *
   * @returns the first value, when the device has taken the observation
   * @see LwM2M Core §6.4.1
   */
  startObservation<const P extends ReadablePath>(path: P, options?: ObserveOptions<P>): Promise<Sample<ReadResult<P>>>;

  /** Ends what `startObservation` began at this path; without such a one nothing is done. */
  cancelObservation(path: ReadablePath): Promise<void>;
}
