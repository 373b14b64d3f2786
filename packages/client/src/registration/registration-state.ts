import type { Instant } from '@motestack/coap';
import type { FactChanges, RegistrationFacts } from './registration-facts.ts';
import type { RetryPolicy, RetryPosition } from './retry-policy.ts';

/** What a server has acknowledged. */
export interface AcknowledgedRegistration {
  /** Where the server keeps it. */
  readonly location: readonly string[];
  /** What the server was told last. */
  readonly known: RegistrationFacts;
  /** When the next Update is due; `undefined`: never. */
  readonly updateAt: Instant | undefined;
  /** When it ends without an Update; `undefined`: never. */
  readonly expiresAt: Instant | undefined;
}

/** Where the registration at one server stands. */
export type RegistrationState =
  /** Its turn has not come (`/1/x/13`). */
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'registering';
      readonly position: RetryPosition;
      readonly sent: RegistrationFacts;
      readonly sentAt: Instant;
      /** The objects were listed; without, a Profile ID stands for them. */
      readonly listed: boolean;
      /** The client is being stopped: it de-registers as soon as it is registered. */
      readonly leaving: boolean;
    }
  | { readonly kind: 'waiting'; readonly position: RetryPosition; readonly until: Instant }
  | (AcknowledgedRegistration & {
      readonly kind: 'registered';
      /** When the awake window of queue mode ends; `undefined`: the client does not sleep. */
      readonly sleepAt: Instant | undefined;
    })
  | (Pick<AcknowledgedRegistration, 'location' | 'expiresAt'> & {
      readonly kind: 'updating';
      readonly sent: RegistrationFacts;
      readonly sentAt: Instant;
      /** Another Update was asked for meanwhile. */
      readonly again: boolean;
    })
  /** Queue mode: the awake window has ended. */
  | (AcknowledgedRegistration & { readonly kind: 'asleep' })
  /** There is no network. */
  | {
      readonly kind: 'offline';
      /** What the server may still know; `undefined`: nothing. */
      readonly registration: AcknowledgedRegistration | undefined;
      /** Its turn had come before, or has come since. */
      readonly begun: boolean;
    }
  | {
      readonly kind: 'deregistering';
      readonly location: readonly string[];
      /** How long to stay away afterwards; `undefined`: for good. */
      readonly disabledMs: number | undefined;
    }
  | { readonly kind: 'disabled'; readonly until: Instant }
  /** The bootstrap interface has the say; what it does is no business of this machine. */
  | { readonly kind: 'bootstrapping' }
  /** The last sequence of attempts has failed, and no other is allowed. */
  | { readonly kind: 'failed' }
  | { readonly kind: 'stopped' };

/** Why Register, Update or De-register did not succeed. */
export interface RegistrationFailure {
  /** `unusable`: the server accepted, and the client can do nothing with its answer. */
  readonly reason: 'refused' | 'timeout' | 'unreachable' | 'unusable' | 'failed';
  /** The answer's code as a byte, for `refused`. */
  readonly responseCode?: number;
  /** The answer's diagnostic payload, for `refused`. */
  readonly diagnostic?: string;
  /** What was thrown, for the others. */
  readonly cause?: unknown;
}

/** What happens to the registration from outside. */
export type RegistrationInput =
  /** Its turn has come; `delayMs` is the Initial Registration Delay, `/1/x/14`. */
  | { readonly kind: 'start'; readonly delayMs: number }
  | { readonly kind: 'registerAccepted'; readonly location: readonly string[] }
  | { readonly kind: 'registerFailed'; readonly failure: RegistrationFailure }
  | { readonly kind: 'updateAccepted' }
  | { readonly kind: 'updateFailed'; readonly failure: RegistrationFailure }
  | { readonly kind: 'deregisterFinished' }
  /** Something of `RegistrationContext.facts` may have changed. */
  | { readonly kind: 'factsChanged' }
  /** `/1/x/8` was executed, or the application asks for an Update. */
  | { readonly kind: 'updateTriggered' }
  /** The application wants to register now, whatever is waited for. */
  | { readonly kind: 'registerTriggered' }
  /** `/1/x/4` was executed. */
  | { readonly kind: 'disableRequested'; readonly durationMs: number }
  /** Something came from the server, or has to go to it: the awake window begins anew. */
  | { readonly kind: 'activity' }
  /** The network is gone. */
  | { readonly kind: 'networkLost' }
  /** The network is there again, as it was. */
  | { readonly kind: 'networkFound' }
  /** The network is another: old sockets and addresses are worth nothing. */
  | { readonly kind: 'networkChanged' }
  /** The connection (TCP, TLS, WebSocket) has ended by itself. */
  | { readonly kind: 'connectionLost' }
  /** The bootstrap interface takes over. */
  | { readonly kind: 'bootstrapStarted' }
  | { readonly kind: 'bootstrapFinished'; readonly succeeded: boolean }
  | { readonly kind: 'timeout' }
  /** With `deregister` after a De-register, and after the answer to a Register that is on its way; without, at once. */
  | { readonly kind: 'stop'; readonly deregister: boolean };

/** What an input is judged by. */
export interface RegistrationContext {
  /** What is true now. */
  readonly facts: RegistrationFacts;
  readonly retry: RetryPolicy;
  readonly now: Instant;
  /** One draw from [0, 1), for jitter. */
  readonly random: number;
  /** How long the client stays awake in queue mode; `undefined`: it does not sleep. */
  readonly awakeMs: number | undefined;
  /** Whether a failure may lead to a bootstrap: `/1/x/16`, and an account to bootstrap with. */
  readonly mayBootstrap: boolean;
  /** Whether the server knows the client by more than its address, so that an Update from another one is enough. */
  readonly isKnownAnywhere: boolean;
  /** Whether there is a network. */
  readonly isOnline: boolean;
}

/** What the driver is to do, in order. */
export type RegistrationCommand =
  /** Send a Register; `reconnect` first resolves the name and opens the transport anew. */
  | {
      readonly kind: 'register';
      readonly facts: RegistrationFacts;
      readonly listed: boolean;
      readonly reconnect: boolean;
    }
  /** Send an Update; `reconnect` first opens a new way to the server under the connection that there is. */
  | {
      readonly kind: 'update';
      readonly location: readonly string[];
      readonly changes: FactChanges;
      readonly reconnect: boolean;
    }
  | { readonly kind: 'deregister'; readonly location: readonly string[] }
  | { readonly kind: 'disconnect' }
  /** Give up the request that is on its way; the connection stays. */
  | { readonly kind: 'abandon' }
  /** Observations of an earlier registration are void. */
  | { readonly kind: 'forgetObservations' }
  | { readonly kind: 'tellRegistered'; readonly location: readonly string[] }
  | { readonly kind: 'tellUpdated' }
  /** The retry procedure leads nowhere: hand over to the bootstrap interface. */
  | { readonly kind: 'bootstrap' }
  | {
      readonly kind: 'tellFailure';
      readonly operation: 'Register' | 'Update';
      readonly failure: RegistrationFailure;
      /** The attempt that failed. */
      readonly position: RetryPosition;
      /** 0: at once; `Infinity`: not by itself. */
      readonly retryInMs: number;
      /** It was the last attempt of the last sequence. */
      readonly exhausted: boolean;
      /** Whether a bootstrap follows. */
      readonly bootstraps: boolean;
    };

/** What an input leads to. */
export interface RegistrationStep {
  readonly state: RegistrationState;
  readonly commands: readonly RegistrationCommand[];
}
