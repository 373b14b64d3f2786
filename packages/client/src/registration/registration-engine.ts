import { type AbortSignalLike, AbortSource, type Clock, type CoapResponse, ResponseCode } from '@motestack/coap';
import { failureOf, refusal } from './registration-failure.ts';
import { registrationWakeAt, stepRegistration } from './registration-machine.ts';
import { isUsableLocation } from './registration-request.ts';
import type {
  RegistrationCommand,
  RegistrationContext,
  RegistrationInput,
  RegistrationState,
} from './registration-state.ts';

/** What a Register is sent by. */
type RegisterCommand = Extract<RegistrationCommand, { readonly kind: 'register' }>;

/** What an Update is sent by. */
type UpdateCommand = Extract<RegistrationCommand, { readonly kind: 'update' }>;

/** Carries the requests of the registration interface; each settles with the server's answer, whatever its code. */
export interface RegistrationCarrier {
  register(command: RegisterCommand, signal: AbortSignalLike): Promise<CoapResponse>;
  update(command: UpdateCommand, signal: AbortSignalLike): Promise<CoapResponse>;
  deregister(location: readonly string[], signal: AbortSignalLike): Promise<CoapResponse>;
  /** Ends the transport. */
  disconnect(): void;
}

/** What the engine tells. */
interface RegistrationListener {
  stateChanged(state: RegistrationState): void;
  registered(location: readonly string[]): void;
  updated(): void;
  failed(failure: RegistrationCommand & { readonly kind: 'tellFailure' }): void;
  forgetObservations(): void;
  /** The retry procedure has led nowhere. */
  bootstrap(): void;
}

/** What of a step's context the server's account and the client decide; asked at each step. */
export type RegistrationSurroundings = Pick<
  RegistrationContext,
  'facts' | 'retry' | 'awakeMs' | 'mayBootstrap' | 'isKnownAnywhere' | 'isOnline'
>;

/** What an engine is made of. */
export interface RegistrationEngineInit {
  readonly clock: Clock;
  /** Draws from [0, 1). */
  readonly random: () => number;
  /** What is true now. */
  readonly surroundings: () => RegistrationSurroundings;
  readonly carrier: RegistrationCarrier;
  readonly listener: RegistrationListener;
}

/** Drives the registration machine of one server: gives it inputs and the time, does what it says. */
export class RegistrationEngine {
  readonly #init: RegistrationEngineInit;
  readonly #inputs: RegistrationInput[] = [];
  readonly #waiting = new Set<(registered: boolean) => void>();
  #state: RegistrationState = { kind: 'idle' };
  #inFlight: AbortSource | undefined;
  #cancelWake: (() => void) | undefined;
  #stepping = false;
  #stopped: (() => void) | undefined;

  constructor(init: RegistrationEngineInit) {
    this.#init = init;
  }

  /** Where the registration stands. */
  get state(): RegistrationState {
    return this.#state;
  }

  /** Takes an input. One that comes while another is worked on waits for it. */
  handle(input: RegistrationInput): void {
    this.#inputs.push(input);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) this.#step(next);
    } finally {
      this.#stepping = false;
    }
  }

  /** Settles when the attempt to register that runs now has succeeded or failed; at once where none runs. */
  settled(): Promise<boolean> {
    if (this.#state.kind !== 'registering') return Promise.resolve(isRegistered(this.#state));
    return new Promise((resolve) => this.#waiting.add(resolve));
  }

  /** Ends the registration; settles when the last answer has come or was given up. */
  stop(deregister: boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
      this.handle({ kind: 'stop', deregister });
      this.#tellStopped();
    });
  }

  #step(input: RegistrationInput): void {
    const { clock, random, surroundings } = this.#init;
    const context = { ...surroundings(), now: clock.now(), random: random() };
    const before = this.#state;
    const { state, commands } = stepRegistration(before, input, context);
    this.#state = state;
    this.#cancelWake?.();
    const wakeAt = registrationWakeAt(state);
    this.#cancelWake =
      wakeAt === undefined ? undefined : clock.schedule(wakeAt, () => this.handle({ kind: 'timeout' }));
    if (state.kind !== before.kind) this.#init.listener.stateChanged(state);
    for (const command of commands) this.#run(command);
    if (state.kind !== 'registering') this.#settle(isRegistered(state));
    this.#tellStopped();
  }

  #run(command: RegistrationCommand): void {
    const { carrier, listener } = this.#init;
    switch (command.kind) {
      case 'register':
        this.#send((signal) => this.#register(command, signal));
        break;
      case 'update':
        this.#send((signal) => this.#update(command, signal));
        break;
      case 'deregister':
        this.#send((signal) => this.#deregister(command.location, signal));
        break;
      case 'disconnect':
        this.#abandon();
        carrier.disconnect();
        break;
      case 'abandon':
        this.#abandon();
        break;
      case 'bootstrap':
        listener.bootstrap();
        break;
      case 'forgetObservations':
        listener.forgetObservations();
        break;
      case 'tellRegistered':
        listener.registered(command.location);
        break;
      case 'tellUpdated':
        listener.updated();
        break;
      case 'tellFailure':
        listener.failed(command);
        break;
      default:
        command satisfies never;
    }
  }

  #abandon(): void {
    this.#inFlight?.abort(undefined);
    this.#inFlight = undefined;
  }

  /** Sends one request; its answer is an input unless another request has taken its place. */
  #send(request: (signal: AbortSignalLike) => Promise<RegistrationInput>): void {
    this.#abandon();
    const source = new AbortSource();
    this.#inFlight = source;
    void request(source.signal).then((input) => {
      if (this.#inFlight !== source) return;
      this.#inFlight = undefined;
      this.handle(input);
    });
  }

  async #register(command: RegisterCommand, signal: AbortSignalLike): Promise<RegistrationInput> {
    try {
      const response = await this.#init.carrier.register(command, signal);
      if (response.code !== ResponseCode.Created) return { kind: 'registerFailed', failure: refusal(response) };
      const location = response.locationPath;
      // Without a location nothing could be updated (LwM2M Transport 1.1.1 §6.4.3).
      if (isUsableLocation(location)) return { kind: 'registerAccepted', location };
      return { kind: 'registerFailed', failure: { reason: 'unusable' } };
    } catch (error) {
      return { kind: 'registerFailed', failure: failureOf(error) };
    }
  }

  async #update(command: UpdateCommand, signal: AbortSignalLike): Promise<RegistrationInput> {
    try {
      const response = await this.#init.carrier.update(command, signal);
      if (response.code === ResponseCode.Changed) return { kind: 'updateAccepted' };
      return { kind: 'updateFailed', failure: refusal(response) };
    } catch (error) {
      return { kind: 'updateFailed', failure: failureOf(error) };
    }
  }

  /** Whatever becomes of it, the client leaves: the server learns of it by the lifetime at the latest. */
  async #deregister(location: readonly string[], signal: AbortSignalLike): Promise<RegistrationInput> {
    try {
      await this.#init.carrier.deregister(location, signal);
    } catch {
      // Said above.
    }
    return { kind: 'deregisterFinished' };
  }

  #settle(registered: boolean): void {
    for (const resolve of this.#waiting) resolve(registered);
    this.#waiting.clear();
  }

  #tellStopped(): void {
    if (this.#state.kind === 'stopped') this.#stopped?.();
  }
}

/** Whether the server knows the client and may send it requests. */
export function isRegistered(state: RegistrationState): boolean {
  return ['registered', 'updating', 'asleep', 'deregistering'].includes(state.kind);
}
