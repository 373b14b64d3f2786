import { changedFacts, type RegistrationFacts } from './registration-facts.ts';
import type {
  AcknowledgedRegistration,
  RegistrationCommand,
  RegistrationContext,
  RegistrationFailure,
  RegistrationState,
  RegistrationStep,
} from './registration-state.ts';
import { type RetryPosition, retryAfter } from './retry-policy.ts';
import { updateDelayMs } from './update-schedule.ts';

/** Nothing follows. */
export function unchanged(state: RegistrationState): RegistrationStep {
  return { state, commands: [] };
}

/** The end, without a word to the server. */
export function stopped(): RegistrationStep {
  return { state: { kind: 'stopped' }, commands: [{ kind: 'forgetObservations' }, { kind: 'disconnect' }] };
}

/** How a Register goes out. */
export interface RegisterMove {
  readonly position: RetryPosition;
  /** Over a new connection. */
  readonly reconnect: boolean;
  /** With the list of objects; by default unless a Profile ID stands for it. */
  readonly listed?: boolean;
  /** What is to be done before. */
  readonly before?: readonly RegistrationCommand[];
}

/** Sends a Register. */
export function register({ facts, now }: RegistrationContext, move: RegisterMove): RegistrationStep {
  const { position, reconnect, listed = facts.profileId === undefined, before = [] } = move;
  return {
    state: { kind: 'registering', position, sent: facts, sentAt: now, listed, leaving: false },
    commands: [...before, { kind: 'register', facts, listed, reconnect }],
  };
}

/** What an Update is about. */
export type UpdatedRegistration = Pick<AcknowledgedRegistration, 'location' | 'known' | 'expiresAt'>;

/** Sends an Update. */
export function update(
  { location, known, expiresAt }: UpdatedRegistration,
  { facts, now }: RegistrationContext,
  { reconnect = false, before = [] }: Partial<Pick<RegisterMove, 'reconnect' | 'before'>> = {},
): RegistrationStep {
  return {
    state: { kind: 'updating', location, sent: facts, sentAt: now, again: false, expiresAt },
    commands: [...before, { kind: 'update', location, changes: changedFacts(known, facts), reconnect }],
  };
}

/** Sends a De-register, and stays away for a while or for good. */
export function deregister(location: readonly string[], disabledMs: number | undefined): RegistrationStep {
  return {
    state: { kind: 'deregistering', location, disabledMs },
    commands: [{ kind: 'forgetObservations' }, { kind: 'deregister', location }],
  };
}

/** A registration that the server has just acknowledged, and when what follows is due. */
export function acknowledged(
  location: readonly string[],
  sent: RegistrationFacts,
  sentAt: number,
  { now, awakeMs }: RegistrationContext,
): RegistrationState & { readonly kind: 'registered' } {
  const { lifetimeSeconds } = sent;
  const delay = updateDelayMs(lifetimeSeconds);
  return {
    kind: 'registered',
    location,
    known: sent,
    updateAt: delay === undefined ? undefined : sentAt + delay,
    expiresAt: lifetimeSeconds === 0 ? undefined : sentAt + lifetimeSeconds * 1_000,
    sleepAt: awakeMs === undefined ? undefined : now + awakeMs,
  };
}

/**
 * What follows when an attempt has failed: the next one after a wait, a bootstrap, or nothing any more.
 *
 * An answer of class 4 rejects the registration explicitly, and with `/1/x/16` the client bootstraps at once; other failures
 * lead there after the last attempt of the last sequence.
 *
 * @see LwM2M Core 1.1.1 §6.2.1.1; object 1 resources 16 to 20
 */
export function giveUp(
  operation: 'Register' | 'Update',
  failure: RegistrationFailure,
  position: RetryPosition,
  context: RegistrationContext,
): RegistrationStep {
  const { retry, random, now, mayBootstrap } = context;
  const { next, delayMs, exhausted } = retryAfter(retry, position, random);
  const rejected = operation === 'Register' && (failure.responseCode ?? 0) >>> 5 === CLIENT_ERROR;
  const bootstraps = mayBootstrap && (exhausted || rejected);
  const told: RegistrationCommand = {
    kind: 'tellFailure',
    operation,
    failure,
    position,
    retryInMs: bootstraps ? Number.POSITIVE_INFINITY : delayMs,
    exhausted,
    bootstraps,
  };
  const commands: readonly RegistrationCommand[] = [{ kind: 'forgetObservations' }, { kind: 'disconnect' }, told];
  if (bootstraps) return { state: { kind: 'bootstrapping' }, commands: [...commands, { kind: 'bootstrap' }] };
  if (!Number.isFinite(delayMs)) return { state: { kind: 'failed' }, commands };
  return { state: { kind: 'waiting', position: next, until: now + delayMs }, commands };
}

const CLIENT_ERROR = 4;
