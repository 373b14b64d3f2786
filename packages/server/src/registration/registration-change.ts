import type { Registration } from './registration.ts';

/** Why a registration ended: the device said so, its lifetime passed, or the device registered anew. */
export type EndReason = 'deregister' | 'expired' | 'replaced';

/** What happened to a registration, after the store took it. */
export type RegistrationChange =
  | { readonly kind: 'registered'; readonly registration: Registration; readonly replaced: Registration | undefined }
  | { readonly kind: 'updated'; readonly registration: Registration; readonly previous: Registration }
  | { readonly kind: 'ended'; readonly registration: Registration; readonly reason: 'deregister' | 'expired' };

/** Hears of changes in two steps: at once, and again when the device has been answered. */
export interface RegistrationListener {
  /**
   * Called as soon as the store took the change, so that nothing goes on under a registration that is no more.
   *
   * @returns called once the answer has left, so that what follows from the change cannot overtake it
   * @see LwM2M Core §6.3: a device ignores what comes before the answer to its Register
   */
  applied(change: RegistrationChange): () => void;
}
