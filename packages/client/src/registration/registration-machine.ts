import {
  handleBootstrapFinished,
  handleBootstrapStarted,
  handleConnectionLost,
  handleNetworkChanged,
  handleNetworkFound,
  handleNetworkLost,
  handleRegisterTriggered,
  handleStop,
} from './network-inputs.ts';
import { factsDiffer } from './registration-facts.ts';
import { acknowledged, deregister, giveUp, register, stopped, unchanged, update } from './registration-moves.ts';
import type {
  RegistrationCommand,
  RegistrationContext,
  RegistrationFailure,
  RegistrationInput,
  RegistrationState,
  RegistrationStep,
} from './registration-state.ts';
import { firstAttempt } from './retry-policy.ts';

/**
 * One step of the registration at one server: what comes in, what is true now, what follows.
 *
 * Nothing is read or kept but the arguments. An input that does not belong to the state (an answer to a request that was
 * overtaken) changes nothing. `docs/registration.md` draws it.
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
      return handleStart(state, input.delayMs, context);
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
    case 'registerTriggered':
      return handleRegisterTriggered(state, context);
    case 'disableRequested':
      return handleDisableRequested(state, input.durationMs);
    case 'activity':
      return handleActivity(state, context);
    case 'networkLost':
      return handleNetworkLost(state, context);
    case 'networkFound':
      return handleNetworkFound(state, context);
    case 'networkChanged':
      return handleNetworkChanged(state, context);
    case 'connectionLost':
      return handleConnectionLost(state, context);
    case 'bootstrapStarted':
      return handleBootstrapStarted(state);
    case 'bootstrapFinished':
      return handleBootstrapFinished(state, input.succeeded, context);
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
      if (state.updateAt === undefined || state.sleepAt === undefined) return state.updateAt ?? state.sleepAt;
      return Math.min(state.updateAt, state.sleepAt);
    case 'asleep':
      return state.updateAt;
    case 'idle':
    case 'registering':
    case 'updating':
    case 'offline':
    case 'deregistering':
    case 'bootstrapping':
    case 'failed':
    case 'stopped':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** 4.04 as a byte: the server does not know the registration. */
const NOT_FOUND = 0x84;
/** 4.09 as a byte: the server does not know the Profile ID. */
const CONFLICT = 0x89;

function handleStart(state: RegistrationState, delayMs: number, context: RegistrationContext): RegistrationStep {
  if (state.kind === 'offline') return unchanged({ ...state, begun: true });
  if (state.kind !== 'idle') return unchanged(state);
  if (delayMs > 0) return unchanged({ kind: 'waiting', position: firstAttempt, until: context.now + delayMs });
  return register(context, { position: firstAttempt, reconnect: true });
}

function handleRegisterAccepted(
  state: RegistrationState,
  location: readonly string[],
  context: RegistrationContext,
): RegistrationStep {
  if (state.kind !== 'registering') return unchanged(state);
  if (state.leaving) return deregister(location, undefined);
  const before: readonly RegistrationCommand[] = [{ kind: 'tellRegistered', location }];
  const registered = acknowledged(location, state.sent, state.sentAt, context);
  // Facts that changed while the Register was on its way need an Update of their own (Core 1.1.1 §6.2.2).
  if (factsDiffer(state.sent, context.facts)) return update(registered, context, { before });
  return { state: registered, commands: before };
}

/** A server that does not know the Profile ID wants the list (Core 1.2 §6.2.1). */
function handleRegisterFailed(
  state: RegistrationState,
  failure: RegistrationFailure,
  context: RegistrationContext,
): RegistrationStep {
  if (state.kind !== 'registering') return unchanged(state);
  if (state.leaving) return stopped();
  if (!state.listed && failure.responseCode === CONFLICT) {
    return register(context, { position: state.position, reconnect: false, listed: true });
  }
  return giveUp('Register', failure, state.position, context);
}

function handleUpdateAccepted(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'updating') return unchanged(state);
  const before: readonly RegistrationCommand[] = [{ kind: 'tellUpdated' }];
  const registered = acknowledged(state.location, state.sent, state.sentAt, context);
  if (state.again || factsDiffer(state.sent, context.facts)) return update(registered, context, { before });
  return { state: registered, commands: before };
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
    bootstraps: false,
  };
  const before: readonly RegistrationCommand[] = [told, { kind: 'forgetObservations' }];
  return register(context, { position: firstAttempt, reconnect: false, before });
}

function handleDeregisterFinished(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'deregistering') return unchanged(state);
  const commands: readonly RegistrationCommand[] = [{ kind: 'disconnect' }];
  if (state.disabledMs === undefined) return { state: { kind: 'stopped' }, commands };
  return { state: { kind: 'disabled', until: context.now + state.disabledMs }, commands };
}

/** A change is told by an Update at once; while a request is on its way, by the next (Core 1.1.1 §6.2.2). */
function handleFactsChanged(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'registered' && state.kind !== 'asleep') return unchanged(state);
  return factsDiffer(state.known, context.facts) ? update(state, context) : unchanged(state);
}

function handleUpdateTriggered(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind === 'registered' || state.kind === 'asleep') return update(state, context);
  return state.kind === 'updating' ? unchanged({ ...state, again: true }) : unchanged(state);
}

/** Object 1, resource 4: de-register, stay away for the Disable Timeout, register again. */
function handleDisableRequested(state: RegistrationState, disabledMs: number): RegistrationStep {
  return state.kind === 'registered' || state.kind === 'updating'
    ? deregister(state.location, disabledMs)
    : unchanged(state);
}

/** Queue mode: the client stays awake for a while after each message (Transport 1.1.1 §6.5). */
function handleActivity(state: RegistrationState, { now, awakeMs }: RegistrationContext): RegistrationStep {
  if (awakeMs === undefined) return unchanged(state);
  if (state.kind !== 'registered' && state.kind !== 'asleep') return unchanged(state);
  const { location, known, updateAt, expiresAt } = state;
  return unchanged({ kind: 'registered', location, known, updateAt, expiresAt, sleepAt: now + awakeMs });
}

function handleTimeout(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  const wakeAt = registrationWakeAt(state);
  const { now, isOnline } = context;
  if (wakeAt === undefined || now < wakeAt) return unchanged(state);
  switch (state.kind) {
    case 'waiting':
      return register(context, { position: state.position, reconnect: true });
    case 'disabled':
      if (!isOnline) return unchanged({ kind: 'offline', registration: undefined, begun: true });
      return register(context, { position: firstAttempt, reconnect: true });
    case 'registered': {
      if (state.updateAt !== undefined && now >= state.updateAt) return update(state, context);
      const { location, known, updateAt, expiresAt } = state;
      return unchanged({ kind: 'asleep', location, known, updateAt, expiresAt });
    }
    case 'asleep':
      return update(state, context);
    case 'idle':
    case 'registering':
    case 'updating':
    case 'offline':
    case 'deregistering':
    case 'bootstrapping':
    case 'failed':
    case 'stopped':
      return unchanged(state);
    default:
      return state satisfies never;
  }
}
