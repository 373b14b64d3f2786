import type { CryptoProvider } from '../crypto-provider.ts';
import type { Instant, RandomSource } from '../effects.ts';
import { PATH_COOKIE_BYTES } from '../wire/index.ts';
import type { ServerEntry } from './server-entry.ts';

/** What a check of a path is about. */
export interface PathCheck {
  /** Where the association was before, and goes back to if nobody answers. */
  readonly previousAddress: string;
  readonly cookie: Uint8Array;
  readonly tries: number;
  /** When the next step is due. */
  readonly at: Instant;
}

/** So many challenges are sent before an address is given up. */
const TRIES = 3;

/** What checks of paths need. */
export interface PathCheckInit {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  /** How long an answer may take. */
  readonly pathCheckMs: number;
  /** An association goes back to where it was. */
  goBack(entry: ServerEntry, address: string): void;
}

/**
 * Asks associations that moved whether they are where they seem to be, until they say so; without an answer they go
 * back.
 *
 * @see RFC 9853 §7.1 (path validation), §7.3 (timer)
 */
export class PathChecks {
  readonly #init: PathCheckInit;

  constructor(init: PathCheckInit) {
    this.#init = init;
  }

  /** An association moved. */
  begin(entry: ServerEntry, previousAddress: string, now: Instant): void {
    // Where it was last known to be counts, however often it moved since.
    const known = entry.pathCheck?.previousAddress ?? previousAddress;
    if (known === entry.address) entry.confirm();
    else this.#challenge(entry, known, 1, now);
  }

  /**
   * An answer came.
   *
   * @param from has to be the address that was asked
   * @returns whether it is the answer that was waited for
   */
  handleResponse(entry: ServerEntry, cookie: Uint8Array, from: string): boolean {
    const { pathCheck } = entry;
    if (pathCheck === undefined || from !== entry.address) return false;
    if (!this.#init.provider.isEqual(pathCheck.cookie, cookie)) return false;
    entry.confirm();
    return true;
  }

  /** Asks again, or gives up, if it is time. */
  handleTimeout(entry: ServerEntry, now: Instant): void {
    const { pathCheck } = entry;
    if (pathCheck === undefined || now < pathCheck.at) return;
    const { previousAddress, tries } = pathCheck;
    if (tries < TRIES) {
      this.#challenge(entry, previousAddress, tries + 1, now);
      return;
    }
    this.#init.goBack(entry, previousAddress);
    entry.confirm();
  }

  #challenge(entry: ServerEntry, previousAddress: string, tries: number, now: Instant): void {
    const cookie = new Uint8Array(PATH_COOKIE_BYTES);
    this.#init.random.fill(cookie);
    entry.pathCheck = { previousAddress, cookie, tries, at: now + this.#init.pathCheckMs };
    entry.association.challengePath(cookie, entry);
  }
}
