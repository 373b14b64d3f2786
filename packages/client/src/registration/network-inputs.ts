import { deregister, register, stopped, unchanged, update } from './registration-moves.ts';
import type {
  AcknowledgedRegistration,
  RegistrationContext,
  RegistrationState,
  RegistrationStep,
} from './registration-state.ts';
import { firstAttempt } from './retry-policy.ts';

/** What the server may know of the client in this state; `undefined`: nothing. */
function registrationOf(state: RegistrationState): AcknowledgedRegistration | undefined {
  switch (state.kind) {
    case 'registered':
    case 'asleep':
      return state;
    case 'updating': {
      // Whether the Update arrived is not known: what it said has to be said again.
      const { location, sent, expiresAt } = state;
      return { location, known: { ...sent, objectLinks: '' }, updateAt: undefined, expiresAt };
    }
    case 'offline':
      return state.registration;
    case 'idle':
    case 'registering':
    case 'waiting':
    case 'deregistering':
    case 'disabled':
    case 'bootstrapping':
    case 'failed':
    case 'stopped':
      return undefined;
    default:
      return state satisfies never;
  }
}

/** Without a network nothing is sent and no attempt is spent; what the server knows is kept for later. */
export function handleNetworkLost(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  switch (state.kind) {
    case 'registered':
    case 'asleep':
    case 'updating':
    case 'registering':
    case 'waiting':
    case 'failed':
    case 'idle': {
      if (state.kind === 'registering' && state.leaving) return stopped();
      const begun = state.kind !== 'idle';
      return {
        state: { kind: 'offline', registration: registrationOf(state), begun },
        commands: [{ kind: 'abandon' }],
      };
    }
    case 'deregistering':
      if (state.disabledMs === undefined) return stopped();
      return { state: { kind: 'disabled', until: context.now + state.disabledMs }, commands: [{ kind: 'disconnect' }] };
    case 'offline':
    case 'disabled':
    case 'bootstrapping':
    case 'stopped':
      return unchanged(state);
    default:
      return state satisfies never;
  }
}

/** A registration whose lifetime goes on is renewed by an Update, which also says that the client is there again. */
export function handleNetworkFound(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'offline') return unchanged(state);
  const { registration, begun } = state;
  if (!begun) return unchanged({ kind: 'idle' });
  if (registration !== undefined && isAlive(registration, context)) return update(registration, context);
  return register(context, { position: firstAttempt, reconnect: true, before: [{ kind: 'forgetObservations' }] });
}

/**
 * Old sockets are worth nothing. A server that knows the client by its keys is told by an Update; any other by a Register.
 *
 * @see LwM2M Transport 1.1.1 §6.4.3 (NoSec with another address: Register)
 */
export function handleNetworkChanged(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  switch (state.kind) {
    case 'registered':
    case 'asleep':
    case 'updating':
    case 'offline': {
      if (state.kind === 'offline' && !state.begun) return unchanged({ kind: 'idle' });
      const registration = registrationOf(state);
      if (registration !== undefined && context.isKnownAnywhere && isAlive(registration, context))
        return update(registration, context, { reconnect: true });
      return register(context, { position: firstAttempt, reconnect: true, before: [{ kind: 'forgetObservations' }] });
    }
    case 'registering':
      if (state.leaving) return unchanged(state);
      return register(context, { position: state.position, reconnect: true });
    case 'waiting':
    case 'failed':
      return register(context, { position: firstAttempt, reconnect: true });
    case 'idle':
    case 'deregistering':
    case 'disabled':
    case 'bootstrapping':
    case 'stopped':
      return unchanged(state);
    default:
      return state satisfies never;
  }
}

/**
 * Observations end with their connection (RFC 8323 §7.1), so that the client registers anew; not at once, since a server that
 * closes every connection must not be overrun. A client that sleeps finds out when it wakes.
 */
export function handleConnectionLost(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  if (state.kind !== 'registered' && state.kind !== 'updating') return unchanged(state);
  const { now, random } = context;
  const until = now + RECONNECT_MS_MIN + random * (RECONNECT_MS_MAX - RECONNECT_MS_MIN);
  return {
    state: { kind: 'waiting', position: firstAttempt, until },
    commands: [{ kind: 'forgetObservations' }, { kind: 'disconnect' }],
  };
}

const RECONNECT_MS_MIN = 1_000;
const RECONNECT_MS_MAX = 5_000;

/** The application wants to register now: what is waited for is not waited for any longer. */
export function handleRegisterTriggered(state: RegistrationState, context: RegistrationContext): RegistrationStep {
  switch (state.kind) {
    case 'disabled':
      if (!context.isOnline) return unchanged({ kind: 'offline', registration: undefined, begun: true });
      return register(context, { position: firstAttempt, reconnect: true });
    case 'waiting':
    case 'failed':
      return register(context, { position: firstAttempt, reconnect: true });
    case 'registered':
    case 'asleep':
    case 'updating':
      return register(context, { position: firstAttempt, reconnect: false, before: [{ kind: 'forgetObservations' }] });
    case 'idle':
    case 'registering':
    case 'offline':
    case 'deregistering':
    case 'bootstrapping':
    case 'stopped':
      return unchanged(state);
    default:
      return state satisfies never;
  }
}

/** The bootstrap interface takes over: what this server knows of the client is left to its lifetime. */
export function handleBootstrapStarted(state: RegistrationState): RegistrationStep {
  if (state.kind === 'stopped' || state.kind === 'bootstrapping') return unchanged(state);
  if (state.kind === 'registering' && state.leaving) return unchanged(state);
  if (state.kind === 'deregistering' && state.disabledMs === undefined) return unchanged(state);
  return { state: { kind: 'bootstrapping' }, commands: [{ kind: 'forgetObservations' }, { kind: 'disconnect' }] };
}

/** With a new configuration the client registers; without one it tries the old one again after the pause of a sequence. */
export function handleBootstrapFinished(
  state: RegistrationState,
  succeeded: boolean,
  context: RegistrationContext,
): RegistrationStep {
  if (state.kind !== 'bootstrapping') return unchanged(state);
  // The network went while the bootstrap server was at work: what follows waits for it.
  if (!context.isOnline) return unchanged({ kind: 'offline', registration: undefined, begun: true });
  if (succeeded) return register(context, { position: firstAttempt, reconnect: true });
  const { sequenceDelaySeconds } = context.retry;
  const until = context.now + sequenceDelaySeconds * 1_000;
  return unchanged({ kind: 'waiting', position: firstAttempt, until });
}

/** Ends the registration; see `RegistrationInput`. */
export function handleStop(state: RegistrationState, farewell: boolean): RegistrationStep {
  switch (state.kind) {
    case 'registered':
    case 'updating':
    case 'asleep':
      return farewell ? deregister(state.location, undefined) : stopped();
    case 'registering':
      // Where the Register leads to is not known yet, and what is not known cannot be de-registered.
      return farewell ? unchanged({ ...state, leaving: true }) : stopped();
    case 'deregistering':
      return farewell ? unchanged({ ...state, disabledMs: undefined }) : stopped();
    case 'stopped':
      return unchanged(state);
    case 'idle':
    case 'waiting':
    case 'offline':
    case 'disabled':
    case 'bootstrapping':
    case 'failed':
      return stopped();
    default:
      return state satisfies never;
  }
}

function isAlive({ expiresAt }: AcknowledgedRegistration, { now }: RegistrationContext): boolean {
  return expiresAt === undefined || now < expiresAt;
}
