import { changedFacts, factsDiffer, type RegistrationFacts } from './registration-facts.ts';
import type {
  RegistrationCommand,
  RegistrationContext,
  RegistrationFailure,
  RegistrationInput,
  RegistrationState,
  RegistrationStep,
} from './registration-state.ts';
import { firstAttempt, type RetryPosition, retryAfter } from './retry-policy.ts';
import { updateDelayMs } from './update-schedule.ts';

/**
 * One step of the registration at one server: what comes in, what is true now, what follows.
 *
 * Nothing is read or kept but the arguments. An input that does not belong to the state (an answer to a request that was
 * overtaken) changes nothing.
 *
 * @see LwM2M Core 1.1.1 §6.2 (Register, Update, De-register)
 */
export function stepRegistration(
  state: RegistrationState,
  input: RegistrationInput,
  context: RegistrationContext,
): RegistrationStep {
  switch (input.kind) {
    case 'start':
      return state.kind === 'idle' ? register(context, firstAttempt, true) : unchanged(state);
    case 'registerAccepted':
      return handleRegisterAccepted(state, input.location, context);
    case 'registerFailed':
      return handleRegisterFailed(state, input.failure, context);
    case 'updateAccepted':
      return handleUpdateAccepted(state, context);
    case 'updateFailed':
      return handleUpdateFailed(state, input.failure, context);
    case 'deregisterFinished':
      return handleDeregisterFinished(state, context);
    case 'factsChanged':
      return handleFactsChanged(state, context);
    case 'updateTriggered':
      return handleUpdateTriggered(state, context);
    case 'disableRequested':
      return handleDisableRequested(state, input.durationMs);
    case 'timeout':
      return handleTimeout(state, context);
    case 'stop':
      return handleStop(state, input.deregister);
    default:
      return input satisfies never;
  }
}

/** When the state wants a `timeout`; `undefined`: never. */
export function registrationWakeAt(state: RegistrationState): number | undefined {
  switch (state.kind) {
    case 'waiting':
    case 'disabled':
      return state.until;
    case 'registered':
      return state.updateAt;
    case 'idle':
    case 'registering':
    case 'updating':
    case 'deregistering':
    case 'stopped':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** 4.04 as a byte: the server does not know the registration. */
const NOT_FOUND = 0x84;

function handleRegisterAccepted(
  state: RegistrationState,
  location: readonly string[],
  context: RegistrationContext,
): RegistrationStep {
  if (state.kind !== 'registering') return unchanged(state);
  if (state.leaving) return deregister(location, undefined);
  const told: RegistrationCommand = { kind: 'tellRegistered', location };
  // Facts that changed while the Register was on its way need an Update of their own (Core 1.1.1 §6.2.2).
  if (factsDiffer(state.sent, context.facts)) return update(location, state.sent, context, [told]);
  return {
    state: { kind: 'registered', location, known: state.sent, updateAt: nextUpdate(state.sent, state.sentAt) },
    commands: [told],
  };
}

function handleRegisterFailed(
  state: RegistrationState,
  failure: RegistrationFailure,
  context: RegistrationContext,
): RegistrationStep {
  if (state.kind !== 'registering') return unchanged(state);
  return state.leaving ? stopped() : giveUp('Register', failure, state.position, context);
}

function handleUpdateAccepted(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'updating') return unchanged(state);
  const told: RegistrationCommand = { kind: 'tellUpdated' };
  if (state.again || factsDiffer(state.sent, context.facts)) return update(state.location, state.sent, context, [told]);
  const updateAt = nextUpdate(state.sent, state.sentAt);
  return { state: { kind: 'registered', location: state.location, known: state.sent, updateAt }, commands: [told] };
}

/** 4.04 is answered by a Register at once (Core 1.1.1 §6.2.2, §6.2); any other failure is retried like a failed Register. */
function handleUpdateFailed(
  state: RegistrationState,
  failure: RegistrationFailure,
  context: RegistrationContext,
): RegistrationStep {
  if (state.kind !== 'updating') return unchanged(state);
  if (failure.responseCode !== NOT_FOUND) return giveUp('Update', failure, firstAttempt, context);
  const told: RegistrationCommand = {
    kind: 'tellFailure',
    operation: 'Update',
    failure,
    position: firstAttempt,
    retryInMs: 0,
    exhausted: false,
  };
  return register(context, firstAttempt, false, [told, { kind: 'forgetObservations' }]);
}

function handleDeregisterFinished(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'deregistering') return unchanged(state);
  const commands: readonly RegistrationCommand[] = [{ kind: 'disconnect' }];
  if (state.disabledMs === undefined) return { state: { kind: 'stopped' }, commands };
  return { state: { kind: 'disabled', until: context.now + state.disabledMs }, commands };
}

/** A change is told by an Update at once; while a request is on its way, by the next (Core 1.1.1 §6.2.2). */
function handleFactsChanged(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'registered' || !factsDiffer(state.known, context.facts)) return unchanged(state);
  return update(state.location, state.known, context);
}

function handleUpdateTriggered(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind === 'registered') return update(state.location, state.known, context);
  return state.kind === 'updating' ? { state: { ...state, again: true }, commands: [] } : unchanged(state);
}

/** Object 1, resource 4: de-register, stay away for the Disable Timeout, register again. */
function handleDisableRequested(state: RegistrationState, disabledMs: number): RegistrationStep {
  return state.kind === 'registered' || state.kind === 'updating'
    ? deregister(state.location, disabledMs)
    : unchanged(state);
}

function handleTimeout(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  const wakeAt = registrationWakeAt(state);
  if (wakeAt === undefined || context.now < wakeAt) return unchanged(state);
  switch (state.kind) {
    case 'waiting':
      return register(context, state.position, true);
    case 'disabled':
      return register(context, firstAttempt, true);
    case 'registered':
      return update(state.location, state.known, context);
    case 'idle':
    case 'registering':
    case 'updating':
    case 'deregistering':
    case 'stopped':
      return unchanged(state);
    default:
      return state satisfies never;
  }
}

function handleStop(state: RegistrationState, farewell: boolean): RegistrationStep {
  switch (state.kind) {
    case 'registered':
    case 'updating':
      return farewell ? deregister(state.location, undefined) : stopped();
    case 'registering':
      // Where the Register leads to is not known yet, and what is not known cannot be de-registered.
      return farewell ? { state: { ...state, leaving: true }, commands: [] } : stopped();
    case 'deregistering':
      return farewell ? { state: { ...state, disabledMs: undefined }, commands: [] } : stopped();
    case 'stopped':
      return unchanged(state);
    case 'idle':
    case 'waiting':
    case 'disabled':
      return stopped();
    default:
      return state satisfies never;
  }
}

function unchanged(state: RegistrationState): RegistrationStep {
  return { state, commands: [] };
}

function stopped(): RegistrationStep {
  return { state: { kind: 'stopped' }, commands: [{ kind: 'forgetObservations' }, { kind: 'disconnect' }] };
}

function register(
  { facts, now }: RegistrationContext,
  position: RetryPosition,
  reconnect: boolean,
  before: readonly RegistrationCommand[] = [],
): RegistrationStep {
  return {
    state: { kind: 'registering', position, sent: facts, sentAt: now, leaving: false },
    commands: [...before, { kind: 'register', facts, reconnect }],
  };
}

function update(
  location: readonly string[],
  known: RegistrationFacts,
  { facts, now }: RegistrationContext,
  before: readonly RegistrationCommand[] = [],
): RegistrationStep {
  return {
    state: { kind: 'updating', location, sent: facts, sentAt: now, again: false },
    commands: [...before, { kind: 'update', location, changes: changedFacts(known, facts) }],
  };
}

function deregister(location: readonly string[], disabledMs: number | undefined): RegistrationStep {
  return {
    state: { kind: 'deregistering', location, disabledMs },
    commands: [{ kind: 'forgetObservations' }, { kind: 'deregister', location }],
  };
}

function giveUp(
  operation: 'Register' | 'Update',
  failure: RegistrationFailure,
  position: RetryPosition,
  { retry, random, now }: RegistrationContext,
): RegistrationStep {
  const { next, delayMs, exhausted } = retryAfter(retry, position, random);
  return {
    state: { kind: 'waiting', position: next, until: now + delayMs },
    commands: [
      { kind: 'forgetObservations' },
      { kind: 'disconnect' },
      { kind: 'tellFailure', operation, failure, position, retryInMs: delayMs, exhausted },
    ],
  };
}

function nextUpdate(sent: RegistrationFacts, sentAt: number): number | undefined {
  const delay = updateDelayMs(sent.lifetimeSeconds);
  return delay === undefined ? undefined : sentAt + delay;
}
