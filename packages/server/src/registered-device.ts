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
import type { AttributeChangesFor } from './information-reporting/attributes.ts';
import type { Observation, ObserveOptions } from './information-reporting/observation.ts';
import type { LwM2mVersion, Registration } from './registration/registration.ts';

/** A path as text, `/3303/0/5700`: what stands there is not known to the compiler. */
export type PathText = `/${string}`;

/** What may be read: a typed path that says so, or a text. */
export type ReadablePath = TypedPath<unknown, Readable, unknown> | PathText;

/** What may be written: a typed path that says so, or a text. */
export type WritablePath = TypedPath<unknown, Writable, unknown> | PathText;

/** What can be executed: a typed path that says so, or a text. */
export type ExecutablePath = TypedPath<undefined, 'E'> | PathText;

/** An object instance, or a text. */
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
  /** Milliseconds until the request rejects with `TimeoutError`; the server's `requestTimeoutMs` unless said here. */
  readonly timeoutMs?: number | undefined;
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
   * Deletes an object instance.
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
    options?: RequestOptions,
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
}
