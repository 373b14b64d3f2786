import type { AbortSignalLike } from '@motestack/coap';
import { withCallerStack } from '../caller-stack.ts';
import type { LwM2mError } from '../lwm2m-error.ts';

interface Waiter {
  resolve(): void;
  reject(reason: LwM2mError): void;
}

/** Callers that wait until the client is registered. */
export class RegistrationWaiters {
  readonly #waiting = new Set<Waiter>();

  /**
   * Waits.
   *
   * @param aborted makes the error of a caller whose signal was given
   * @param caller where it was called
   */
  wait(signal: AbortSignalLike | undefined, aborted: () => LwM2mError, caller: Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(waiter);
        signal?.removeEventListener('abort', give);
      };
      const waiter: Waiter = {
        resolve: () => {
          end();
          resolve();
        },
        reject: (reason) => {
          end();
          reject(withCallerStack(reason, caller));
        },
      };
      const give = (): void => waiter.reject(aborted());
      signal?.addEventListener('abort', give, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** It is registered. */
  resolve(): void {
    for (const waiter of [...this.#waiting]) waiter.resolve();
  }

  /** It never will be. */
  reject(reason: () => LwM2mError): void {
    for (const waiter of [...this.#waiting]) waiter.reject(reason());
  }
}
