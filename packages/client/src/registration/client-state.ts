import type { ClientState } from '../client-events.ts';
import type { RegistrationState } from './registration-state.ts';

/** What applications see of a state; `undefined`: no change for them. */
export function clientState({ kind }: RegistrationState): ClientState | undefined {
  switch (kind) {
    case 'idle':
    case 'deregistering':
      return undefined;
    case 'registering':
    case 'waiting':
    case 'disabled':
    case 'asleep':
    case 'offline':
    case 'bootstrapping':
    case 'failed':
    case 'stopped':
      return kind;
    case 'registered':
    case 'updating':
      return 'registered';
    default:
      return kind satisfies never;
  }
}
