import { type AbortSignalLike, AbortSource, type Clock } from '@motestack/coap';
import { AbortedError, InternalError, LwM2mError, ResponseError, UnexpectedAnswerError } from '../lwm2m-error.ts';
import type { BootstrapAnswer, BootstrapConfiguration } from './bootstrap-configuration.ts';
import { BootstrapDevice, type BootstrapDeviceOptions } from './bootstrap-device.ts';
import { bootstrapAccountInstanceOf, planBootstrap } from './bootstrap-plan.ts';
import { bootstrapContentFormats } from './bootstrap-request.ts';

/** What a session stands on. */
export interface BootstrapSessionOptions extends Omit<BootstrapDeviceOptions, 'signal'> {
  /** What the client gets. */
  readonly answer: Exclude<BootstrapAnswer, undefined>;
  /** Time. */
  readonly clock: Clock;
  /** Told that the client would not say what it has, so that `bootstrapAccountInstance` counts. */
  readonly onUndiscovered: (error: LwM2mError) => void;
}

/** EXCHANGE_LIFETIME (RFC 7252 §4.8.2): a client that heard nothing for so long has given up (LwM2M Core 1.1.1 §6.1.3.3). */
const SILENCE_MS = 247_000;
/** The default of `bootstrapAccountInstance`. */
const BOOTSTRAP_ACCOUNT_INSTANCE = 0;

/** One bootstrap of one client, from its request to Bootstrap-Finish. */
export class BootstrapSession {
  readonly #options: BootstrapSessionOptions;
  readonly #device: BootstrapDevice;
  readonly #source = new AbortSource();
  #cancelSilence: () => void = () => undefined;

  /** @param options what it stands on */
  constructor(options: BootstrapSessionOptions) {
    this.#options = options;
    this.#device = new BootstrapDevice({
      ...options,
      signal: this.#source.signal,
      onRequest: (outcome) => {
        this.#listen();
        options.onRequest(outcome);
      },
    });
  }

  /** Breaks off: what is in flight is given up. */
  end(reason: string): void {
    this.#source.abort(reason);
  }

  /** Goes through all steps. @returns why it broke off; `undefined` if the client has finished */
  async run(): Promise<LwM2mError | undefined> {
    this.#listen();
    try {
      await Promise.race([this.#steps(), aborted(this.#source.signal)]);
      return undefined;
    } catch (cause) {
      this.end('the bootstrap broke off');
      if (LwM2mError.is(cause)) return cause;
      return new InternalError('the configuration or the procedure failed', this.#detail(cause));
    } finally {
      this.#cancelSilence();
    }
  }

  async #steps(): Promise<void> {
    const { answer } = this.#options;
    if (typeof answer === 'function') await answer(this.#device);
    else await this.#configure(answer);
    await this.#device.finish();
  }

  async #configure(configuration: BootstrapConfiguration): Promise<void> {
    const { deletes, writes } = planBootstrap(configuration, await this.#bootstrapInstance(configuration));
    const { contentFormat } = configuration;
    const format = contentFormat === undefined ? undefined : bootstrapContentFormats[contentFormat];
    for (const path of deletes) await this.#device.delete(path);
    for (const write of writes) await this.#device.write(write, format);
  }

  /** Which instance of object 0 must not be written over: the client is asked first, since it alone knows. */
  async #bootstrapInstance(configuration: BootstrapConfiguration): Promise<number> {
    const { bootstrapAccountInstance = BOOTSTRAP_ACCOUNT_INSTANCE } = configuration;
    try {
      return bootstrapAccountInstanceOf(await this.#device.discover('/0')) ?? bootstrapAccountInstance;
    } catch (error) {
      // Clients of 1.0 need not answer a Discover here, and some write links that are none.
      if (!ResponseError.is(error) && !UnexpectedAnswerError.is(error)) throw error;
      this.#options.onUndiscovered(error);
      return bootstrapAccountInstance;
    }
  }

  /** Begins to wait for the next sign of life anew. */
  #listen(): void {
    const { clock } = this.#options;
    this.#cancelSilence();
    this.#cancelSilence = clock.schedule(clock.now() + SILENCE_MS, () =>
      this.end('nothing happened for EXCHANGE_LIFETIME'),
    );
  }

  #detail(cause: unknown): ConstructorParameters<typeof InternalError>[1] {
    return { operation: 'Bootstrap-Request', endpoint: this.#options.endpoint, path: undefined, cause };
  }
}

/** Rejects when the signal is given. */
function aborted(signal: AbortSignalLike): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => {
      const detail = {
        operation: 'Bootstrap-Request',
        endpoint: undefined,
        path: undefined,
        cause: signal.reason,
      } as const;
      reject(new AbortedError(`the bootstrap broke off: ${String(signal.reason)}`, detail));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
}
