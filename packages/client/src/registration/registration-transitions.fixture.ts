import type { RegistrationFacts } from './registration-facts.ts';
import { stepRegistration } from './registration-machine.ts';
import type { RegistrationContext, RegistrationInput, RegistrationState } from './registration-state.ts';
import { defaultRetryPolicy, SEQUENCE_DELAY_NEVER } from './retry-policy.ts';

const NOW = 1_000_000;
const facts: RegistrationFacts = { lifetimeSeconds: 300, bindingMode: 'U', queueMode: false, objectLinks: '</1/0>' };
const location = ['rd', 'a'];
const position = { attempt: 1, sequence: 1 };
const last = { attempt: defaultRetryPolicy.count, sequence: 1 };
const alive = { location, known: facts, updateAt: NOW + 1, expiresAt: NOW + 100_000 };
const due = { ...alive, updateAt: NOW };
const expired = { ...alive, expiresAt: NOW };

const registering = { kind: 'registering', position, sent: facts, sentAt: 0, listed: true, leaving: false } as const;
const updating = { kind: 'updating', location, sent: facts, sentAt: 0, again: false, expiresAt: NOW + 1 } as const;

/** Every kind of state, in every shape that makes a difference. */
const STATES: readonly RegistrationState[] = [
  { kind: 'idle' },
  registering,
  { ...registering, leaving: true },
  { ...registering, listed: false },
  { ...registering, position: last },
  { kind: 'waiting', position, until: NOW },
  { kind: 'registered', ...alive, sleepAt: undefined },
  { kind: 'registered', ...alive, sleepAt: NOW },
  { kind: 'registered', ...due, sleepAt: undefined },
  updating,
  { ...updating, again: true },
  { kind: 'asleep', ...alive },
  { kind: 'asleep', ...due },
  { kind: 'offline', registration: alive, begun: true },
  { kind: 'offline', registration: expired, begun: true },
  { kind: 'offline', registration: undefined, begun: false },
  { kind: 'deregistering', location, disabledMs: 5_000 },
  { kind: 'deregistering', location, disabledMs: undefined },
  { kind: 'disabled', until: NOW },
  { kind: 'bootstrapping' },
  { kind: 'failed' },
  { kind: 'stopped' },
];

const refusedBy = (responseCode: number) => ({ reason: 'refused', responseCode }) as const;

/** Every kind of input, in every shape that makes a difference. */
const INPUTS: readonly RegistrationInput[] = [
  { kind: 'start', delayMs: 0 },
  { kind: 'start', delayMs: 1 },
  { kind: 'registerAccepted', location },
  { kind: 'registerFailed', failure: { reason: 'timeout' } },
  { kind: 'registerFailed', failure: refusedBy(0x83) },
  { kind: 'registerFailed', failure: refusedBy(0x89) },
  { kind: 'updateAccepted' },
  { kind: 'updateFailed', failure: { reason: 'timeout' } },
  { kind: 'updateFailed', failure: refusedBy(0x84) },
  { kind: 'deregisterFinished' },
  { kind: 'factsChanged' },
  { kind: 'updateTriggered' },
  { kind: 'registerTriggered' },
  { kind: 'disableRequested', durationMs: 5_000 },
  { kind: 'activity' },
  { kind: 'networkLost' },
  { kind: 'networkFound' },
  { kind: 'networkChanged' },
  { kind: 'connectionLost' },
  { kind: 'bootstrapStarted' },
  { kind: 'bootstrapFinished', succeeded: true },
  { kind: 'bootstrapFinished', succeeded: false },
  { kind: 'timeout' },
  { kind: 'stop', deregister: true },
  { kind: 'stop', deregister: false },
];

const plain: RegistrationContext = {
  facts,
  retry: { ...defaultRetryPolicy, jitterFactor: 1 },
  now: NOW,
  random: 0,
  awakeMs: undefined,
  mayBootstrap: false,
  isKnownAnywhere: false,
  isOnline: true,
};

/** Every circumstance that makes a difference. */
const CONTEXTS: readonly RegistrationContext[] = [
  plain,
  { ...plain, facts: { ...facts, lifetimeSeconds: 600 } },
  { ...plain, retry: { ...plain.retry, sequenceDelaySeconds: SEQUENCE_DELAY_NEVER } },
  { ...plain, awakeMs: 93_000 },
  { ...plain, retry: { ...plain.retry, count: 1, sequenceDelaySeconds: SEQUENCE_DELAY_NEVER } },
  { ...plain, mayBootstrap: true },
  { ...plain, mayBootstrap: true, retry: { ...plain.retry, count: 1 } },
  { ...plain, isKnownAnywhere: true },
  { ...plain, isOnline: false },
];

/** All transitions from one kind of state to another: `registered --> updating: timeout`. */
export function registrationTransitions(): ReadonlySet<string> {
  const found = new Set<string>();
  for (const state of STATES) {
    for (const input of INPUTS) {
      for (const context of CONTEXTS) {
        const { state: next } = stepRegistration(state, input, context);
        if (next.kind !== state.kind) found.add(`${state.kind} --> ${next.kind}: ${input.kind}`);
      }
    }
  }
  return found;
}
