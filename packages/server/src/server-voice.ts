import type { AbortSignalLike, Logger } from '@motestack/coap';
import { Listeners } from './listeners.ts';
import { InternalError, ListenerError, LwM2mError, type Operation } from './lwm2m-error.ts';
import type { RegisteredDevice } from './registered-device.ts';
import type { EndReason } from './registration/registration-change.ts';
import type { ServerEvents } from './server-events.ts';
import type { DiagnosticsEvent, DiagnosticsListener } from './server-options.ts';

/** Whom a {@link ServerVoice} tells besides its listeners. */
export interface ServerVoiceOptions {
  /** Takes what an operator may want to read; never endpoint names, keys or payloads. */
  readonly logger: Logger | undefined;
  /** Told of what happens, as plain data. */
  readonly diagnostics: DiagnosticsListener | undefined;
}

/** Tells what happens: to listeners, to the logger and to diagnostics. What one of them throws stops nobody. */
export class ServerVoice {
  readonly #options: ServerVoiceOptions;
  readonly #listeners = new Listeners<ServerEvents>();

  /** @param options whom to tell besides listeners */
  constructor(options: ServerVoiceOptions) {
    this.#options = options;
  }

  /** Adds a listener, until `signal` is given. */
  add<Event extends keyof ServerEvents>(
    event: Event,
    listener: ServerEvents[Event],
    signal: AbortSignalLike | undefined,
  ): void {
    this.#listeners.add(event, listener, signal);
  }

  /** Drops all listeners. */
  close(): void {
    this.#listeners.clear();
  }

  /** Tells of a registration. */
  tell(event: 'registered' | 'updated' | 'disconnected' | 'awake' | 'asleep', device: RegisteredDevice): void;
  tell(event: 'deregistered', device: RegisteredDevice, reason: EndReason): void;
  tell(
    event: 'registered' | 'updated' | 'disconnected' | 'awake' | 'asleep' | 'deregistered',
    device: RegisteredDevice,
    reason?: EndReason,
  ): void {
    const { endpoint, peer, lwm2mVersion } = device;
    const why = reason === undefined ? {} : { reason };
    this.#options.logger?.info?.({ event, peer, lwm2mVersion, ...why }, `device ${event}`);
    this.diagnose(event, { endpoint, peer, lwm2mVersion, ...why });
    if (reason === undefined) this.report(event as 'registered', device, [device]);
    else this.report('deregistered', device, [device, reason]);
  }

  /** Calls the listeners of an event about a device. */
  report<Event extends Exclude<keyof ServerEvents, 'error'>>(
    event: Event,
    device: RegisteredDevice | undefined,
    args: Parameters<ServerEvents[Event]>,
  ): void {
    this.#listeners.tell(event, args, (name, cause) => this.#listenerFailed(name, cause, device));
  }

  /** Tells of an error that nobody waits for: the `error` listeners, or the logger if there are none. */
  fail(cause: unknown, device?: RegisteredDevice, operation: Operation = 'Event'): void {
    const detail = { operation, endpoint: device?.endpoint, path: undefined, cause } as const;
    const what = operation === 'Event' ? 'something failed in the background' : 'the device was told 5.00';
    const error = LwM2mError.is(cause) ? cause : new InternalError(what, detail);
    this.diagnose('error', { endpoint: device?.endpoint, error });
    const args: [Error, RegisteredDevice?] = device === undefined ? [error] : [error, device];
    const { logger } = this.#options;
    const heard = this.#listeners.tell('error', args, (_event, thrown) =>
      logError(logger, 'an error listener failed', thrown),
    );
    if (!heard) logError(logger, 'an error without a listener', error);
  }

  /** Tells diagnostics. */
  diagnose(event: DiagnosticsEvent, message: Readonly<Record<string, unknown>>): void {
    try {
      this.#options.diagnostics?.(event, message);
    } catch (error) {
      logError(this.#options.logger, 'a diagnostics listener failed', error);
    }
  }

  #listenerFailed(event: keyof ServerEvents, cause: unknown, device: RegisteredDevice | undefined): void {
    const detail = { operation: 'Event', endpoint: device?.endpoint, path: undefined, event, cause } as const;
    this.fail(new ListenerError(detail), device);
  }
}

/** Messages of errors may name the device: the log gets what they are and where they come from, no text. */
function logError(logger: Logger | undefined, message: string, error: unknown): void {
  const chain: object[] = [];
  for (let link: unknown = error; link instanceof Error && chain.length < CAUSES_LOGGED_MAX; link = link.cause) {
    const { name, stack = '' } = link;
    const frames = stack.split('\n').filter((line) => line.startsWith('    at '));
    const facts = LwM2mError.is(link) ? { operation: link.operation, path: link.path } : {};
    chain.push({ name, code: 'code' in link ? link.code : undefined, ...facts, frames });
  }
  logger?.error?.({ errors: chain }, message);
}

const CAUSES_LOGGED_MAX = 4;
