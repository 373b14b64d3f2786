import type { ObjectSpec, Path } from '@motestack/model';
import type { StoredObservation } from '../registration/registration-store.ts';
import type { StandingDevice } from './standing-observations.ts';

/** What is observed, shared by all devices at which it is. */
export interface ObservedTarget {
  /** The path, as text. */
  readonly path: string;
  /** The path. */
  readonly at: Path;
  /** The definition that the caller's path came with. */
  readonly definition: ObjectSpec | undefined;
  /** May integers be `bigint`s? */
  readonly isExact: boolean;
  /** The format that was asked for. */
  readonly contentFormat: number | undefined;
  /** Attributes that went with the Observe. */
  readonly query: readonly string[];
}

/**
 * An observation that has no loop. There may be millions: it has nothing that another has too, no moment finer than a second, and
 * those of one device hang together in a row.
 */
export class StandingObservation implements StoredObservation {
  /** Names it among those of its registration. */
  readonly id: string;
  /** Whose it is. */
  readonly device: StandingDevice;
  /** What is observed. */
  readonly target: ObservedTarget;
  /** The next one of the same device. */
  next: StandingObservation | undefined;
  /** One character for each byte; empty until the device has taken the observation. */
  token = '';
  /** The Observe option of the newest notification. */
  sequence = 0;
  /** When that came, seconds of the monotonic clock. */
  receivedAtSeconds = 0;
  readonly #sinceSeconds: number;

  /** @param sinceSeconds wall time */
  constructor(id: string, device: StandingDevice, target: ObservedTarget, sinceSeconds: number) {
    this.id = id;
    this.device = device;
    this.target = target;
    this.next = undefined;
    this.#sinceSeconds = sinceSeconds;
  }

  get registrationId(): string {
    return this.device.registration.id;
  }

  get path(): string {
    return this.target.path;
  }

  get contentFormat(): number | undefined {
    return this.target.contentFormat;
  }

  get sinceEpochMs(): number {
    return this.#sinceSeconds * 1000;
  }

  /** The same as plain data, for a store that writes it somewhere. */
  toStored(): StoredObservation {
    const { id, registrationId, path, contentFormat, sinceEpochMs } = this;
    return { id, registrationId, path, contentFormat, sinceEpochMs };
  }
}
