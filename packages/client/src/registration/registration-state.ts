import type { Instant } from '@motestack/coap';
import type { FactChanges, RegistrationFacts } from './registration-facts.ts';
import type { RetryPolicy, RetryPosition } from './retry-policy.ts';

/** Where the registration at one server stands. */
export type RegistrationState =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'registering';
      readonly position: RetryPosition;
      readonly sent: RegistrationFacts;
      readonly sentAt: Instant;
      /** The client is being stopped: it de-registers as soon as it is registered. */
      readonly leaving: boolean;
    }
  | { readonly kind: 'waiting'; readonly position: RetryPosition; readonly until: Instant }
  | {
      readonly kind: 'registered';
      readonly location: readonly string[];
      readonly known: RegistrationFacts;
      readonly updateAt: Instant | undefined;
    }
  | {
      readonly kind: 'updating';
      readonly location: readonly string[];
      readonly sent: RegistrationFacts;
      readonly sentAt: Instant;
      /** Another Update was asked for meanwhile. */
      readonly again: boolean;
    }
  | {
      readonly kind: 'deregistering';
      readonly location: readonly string[];
      /** How long to stay away afterwards; `undefined`: for good. */
      readonly disabledMs: number | undefined;
    }
  | { readonly kind: 'disabled'; readonly until: Instant }
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
  | { readonly kind: 'start' }
  | { readonly kind: 'registerAccepted'; readonly location: readonly string[] }
  | { readonly kind: 'registerFailed'; readonly failure: RegistrationFailure }
  | { readonly kind: 'updateAccepted' }
  | { readonly kind: 'updateFailed'; readonly failure: RegistrationFailure }
  | { readonly kind: 'deregisterFinished' }
  /** Something of `RegistrationContext.facts` may have changed. */
  | { readonly kind: 'factsChanged' }
  /** `/1/x/8` was executed. */
  | { readonly kind: 'updateTriggered' }
  /** `/1/x/4` was executed. */
  | { readonly kind: 'disableRequested'; readonly durationMs: number }
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
}

/** What the driver is to do, in order. */
export type RegistrationCommand =
  /** Send a Register; `reconnect` first resolves the name and opens the transport anew. */
  | { readonly kind: 'register'; readonly facts: RegistrationFacts; readonly reconnect: boolean }
  | { readonly kind: 'update'; readonly location: readonly string[]; readonly changes: FactChanges }
  | { readonly kind: 'deregister'; readonly location: readonly string[] }
  | { readonly kind: 'disconnect' }
  /** Observations of an earlier registration are void. */
  | { readonly kind: 'forgetObservations' }
  | { readonly kind: 'tellRegistered'; readonly location: readonly string[] }
  | { readonly kind: 'tellUpdated' }
  | {
      readonly kind: 'tellFailure';
      readonly operation: 'Register' | 'Update';
      readonly failure: RegistrationFailure;
      /** The attempt that failed. */
      readonly position: RetryPosition;
      /** 0: at once. */
      readonly retryInMs: number;
      readonly exhausted: boolean;
    };

/** What an input leads to. */
export interface RegistrationStep {
  readonly state: RegistrationState;
  readonly commands: readonly RegistrationCommand[];
}
